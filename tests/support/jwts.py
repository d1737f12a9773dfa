"""Tokens of another system, good ones and forged ones, and what a check of one may not do."""

import base64
import hmac
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt.algorithms import Algorithm, ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://id.example.org", "conclave"
SECRET = bytes(range(100, 148))


def segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def to_json(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def sign_hs256(message: bytes, key: bytes = SECRET) -> bytes:
    return hmac.new(key, message, sha256).digest()


class Issuer:
    """Another system with one key of each kind; `files` are what an operator gives of them."""

    def __init__(self, folder: Path) -> None:
        self.rsa = rsa.generate_private_key(65_537, 2_048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.ed = ed25519.Ed25519PrivateKey.generate()
        self.files = [self._write(folder, name) for name in ("rsa", "ec", "ed")]
        shared = folder / "shared.key"
        shared.write_bytes(SECRET)
        shared.chmod(0o600)
        self.files.append(shared)

    def _write(self, folder: Path, name: str) -> Path:
        path = folder / f"{name}.pem"
        path.write_bytes(self.public(name))
        return path

    def public(self, name: str) -> bytes:
        key = getattr(self, name).public_key()
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def private(self, name: str) -> bytes:
        return getattr(self, name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def signature(self, algorithm: str, message: bytes) -> bytes:
        if algorithm == "HS256":
            return sign_hs256(message)
        kinds: dict[str, tuple[Algorithm, object]] = {
            "RS256": (RSAAlgorithm(RSAAlgorithm.SHA256), self.rsa),
            "ES256": (ECAlgorithm(ECAlgorithm.SHA256), self.ec),
            "EdDSA": (OKPAlgorithm(), self.ed),
        }
        kind, key = kinds[algorithm]
        return kind.sign(message, key)

    def token(self, claims: object, header: object = None, signed_as: str = "HS256") -> str:
        """Return a token whose signature is right, whatever stands in it; bytes stay bytes."""
        header = {"alg": signed_as, "typ": "JWT"} if header is None else header
        message = f"{segment(to_json(header))}.{segment(to_json(claims))}"
        return f"{message}.{segment(self.signature(signed_as, message.encode()))}"


def forged(claims: object, header: object, signature: bytes = b"") -> str:
    return f"{segment(to_json(header))}.{segment(to_json(claims))}.{segment(signature)}"


def claims(now_s: float, **changes: object) -> dict[str, object]:
    """Return claims that are good at *now_s*; None takes one away."""
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": now_s, "exp": now_s + 600}
    return {name: value for name, value in (good | changes).items() if value is not None}


class Reached:
    """What was opened and connected to while `watched`."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self._heard)

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and event in _OUTSIDE:
            self.events.append(f"{event} {arguments[:1]}")

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        self.events = []
        self.on = True
        try:
            yield self.events
        finally:
            self.on = False


_OUTSIDE = frozenset(
    {
        "open",
        "socket.connect",
        "socket.getaddrinfo",
        "urllib.Request",
        "subprocess.Popen",
        "os.open",
    }
)
REACHED = Reached()


def timed_ms(began: float) -> float:
    return (time.process_time() - began) * 1000
