"""
The keys with which another system signs its tokens, as files and key sets hold them.

What a key is decides the one algorithm it is used for: a token never does (RFC 8725
section 3.1). Nothing is fetched here, and no file but the given ones is opened.
"""

import json
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import (
    ECAlgorithm,
    HMACAlgorithm,
    OKPAlgorithm,
    RSAAlgorithm,
    RSAPSSAlgorithm,
)
from jwt.exceptions import InvalidKeyError

from conclave.auth.verifying import JwtKey
from conclave.settings import CannotStart

# RFC 7518 sections 3.2 and 3.3.
_LEAST_SECRET_BYTES: Final = 32
_LEAST_RSA_BITS: Final = 2_048
# Of 32 random bytes in hexadecimal about 13 differ at least.
_FEWEST_DIFFERENT: Final = 10
_MOST_BYTES: Final = 65_536
_MOST_KEYS: Final = 50
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def read_keys(paths: Iterable[Path]) -> tuple[JwtKey, ...]:
    """Return the keys in these files; raises `CannotStart`. Reads files: call it in a thread."""
    return tuple(chain.from_iterable(map(_read, paths)))


def _read(path: Path) -> Sequence[JwtKey]:
    try:
        content, mode = _content(path)
    except OSError as error:
        raise CannotStart(f"cannot read the key {path}: {error.strerror}") from error
    if b"-----BEGIN " in content:
        return [_public(path, content)]
    if content.lstrip().startswith(b"{"):
        return _set(path, content)
    return [_shared(path, content.rstrip(b"\r\n"), mode)]


def _set(path: Path, content: bytes) -> Sequence[JwtKey]:
    try:
        return keys_of_set(content)
    except ValueError as error:
        raise CannotStart(f"{path} is no set of public keys (JWKS): {error}") from error


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
    found = _usable(key)
    if found is not None:
        return found
    raise CannotStart(
        f"{path} is a public key of another kind: give RSA of {_LEAST_RSA_BITS} bits or more, "
        "an elliptic curve P-256, or Ed25519"
    )


def _usable(key: object) -> JwtKey | None:
    """Return a public key with its algorithm; None for one that is too weak, or of another kind."""
    if isinstance(key, RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS:
        return JwtKey("RS256", RSAAlgorithm(RSAAlgorithm.SHA256), key)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return JwtKey("ES256", ECAlgorithm(ECAlgorithm.SHA256, SECP256R1), key)
    if isinstance(key, Ed25519PublicKey):
        return JwtKey("EdDSA", OKPAlgorithm(), key)
    return None


def keys_of_set(content: bytes) -> list[JwtKey]:
    """
    Return the usable public keys of a JWKS (RFC 7517); raises ValueError for what is none.

    Keys of other kinds and for other uses stand in the sets of good providers: they are left
    out. A private or a shared one does not: such a set is refused whole.
    """
    found = json.loads(content)
    members = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(members, list) or len(members) > _MOST_KEYS:
        raise ValueError(f"`keys` must be a list of at most {_MOST_KEYS}")
    keys = [key for one in members if (key := _member(one)) is not None]
    if not keys:
        raise ValueError("it has no key for RS256, PS256, ES256 or EdDSA")
    return keys


def _member(one: object) -> JwtKey | None:
    if not isinstance(one, dict):
        raise ValueError("a key is no object")
    if "d" in one or one.get("kty") == "oct":
        raise ValueError("it holds a secret")
    kid, operations = one.get("kid"), one.get("key_ops", ["verify"])
    if one.get("use", "sig") != "sig" or operations != ["verify"]:
        return None
    reader = _READERS.get(one.get("kty", ""))
    try:
        key = None if reader is None else _usable(reader(one))
    except (InvalidKeyError, ValueError, TypeError, KeyError):
        return None
    if key is None or not (kid is None or isinstance(kid, str)):
        return None
    if one.get("alg") == "PS256" and key.name == "RS256":
        key = JwtKey("PS256", RSAPSSAlgorithm(RSAPSSAlgorithm.SHA256), key.key)
    # It says what it is for: for nothing else.
    return key._replace(kid=kid) if one.get("alg", key.name) == key.name else None


_READERS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "RSA": RSAAlgorithm.from_jwk,
    "EC": ECAlgorithm.from_jwk,
    "OKP": OKPAlgorithm.from_jwk,
}

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
