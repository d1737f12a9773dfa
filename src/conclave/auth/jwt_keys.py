"""
The keys with which another system signs its tokens, read once from the operator's files.

What a file holds decides the one algorithm it is used for: a token never does (RFC 8725
section 3.1). Nothing is fetched, and no file but the given ones is opened.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import Algorithm, ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm

from conclave.settings import CannotStart

# RFC 7518 sections 3.2 and 3.3.
_LEAST_SECRET_BYTES: Final = 32
_LEAST_RSA_BITS: Final = 2_048
# Of 32 random bytes in hexadecimal about 13 differ at least.
_FEWEST_DIFFERENT: Final = 10
_MOST_BYTES: Final = 65_536
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class JwtKey(NamedTuple):
    """A key and the one algorithm it is for."""

    name: str
    algorithm: Algorithm
    key: Any

    def signed(self, message: bytes, signature: bytes) -> bool:
        return self.algorithm.verify(message, self.key, signature)


def read_keys(paths: Iterable[Path]) -> tuple[JwtKey, ...]:
    """Return the keys in these files; raises `CannotStart`. Reads files: call it in a thread."""
    return tuple(map(_read, paths))


def _read(path: Path) -> JwtKey:
    try:
        content, mode = _content(path)
    except OSError as error:
        raise CannotStart(f"cannot read the key {path}: {error.strerror}") from error
    if b"-----BEGIN " in content:
        return _public(path, content)
    return _shared(path, content.rstrip(b"\r\n"), mode)


def _content(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES + 1), os.fstat(file.fileno()).st_mode


def _public(path: Path, content: bytes) -> JwtKey:
    if b"PRIVATE KEY-----" in content:
        raise CannotStart(f"{path} holds a private key: give the public one, and guard that")
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CannotStart(f"{path} is no public key in PEM: begin it as `{_BEGINS}`") from error
    if isinstance(key, RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS:
        return JwtKey("RS256", RSAAlgorithm(RSAAlgorithm.SHA256), key)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return JwtKey("ES256", ECAlgorithm(ECAlgorithm.SHA256, SECP256R1), key)
    if isinstance(key, Ed25519PublicKey):
        return JwtKey("EdDSA", OKPAlgorithm(), key)
    raise CannotStart(
        f"{path} is a public key of another kind: give RSA of {_LEAST_RSA_BITS} bits or more, "
        "an elliptic curve P-256, or Ed25519"
    )


_BEGINS: Final = "-----BEGIN PUBLIC KEY-----"


def _shared(path: Path, secret: bytes, mode: int) -> JwtKey:
    if len(secret) > _MOST_BYTES:
        raise CannotStart(f"{path} is too large for a key")
    if len(secret) < _LEAST_SECRET_BYTES:
        raise CannotStart(
            f"{path} holds {len(secret)} bytes: HS256 needs {_LEAST_SECRET_BYTES} or more"
        )
    if len(set(secret)) < _FEWEST_DIFFERENT:
        raise CannotStart(f"{path} is not random: make the secret with `openssl rand -hex 32`")
    if mode & _OTHERS:
        raise CannotStart(f"{path} can be read or changed by other users: `chmod 600 {path}`")
    return JwtKey("HS256", HMACAlgorithm(HMACAlgorithm.SHA256), secret)
