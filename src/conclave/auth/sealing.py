"""
Secrets that must be read again, such as those of second factors: encrypted where they lie.

AES-256-GCM under a key from the server's secret. What is hashed instead, passwords and
tokens, does not come here.
"""

import secrets
from typing import Final

from conclave.auth.secret import Secret

_NONCE_BYTES: Final = 12


class CannotUnseal(Exception):
    """It was sealed under another secret, for another owner, or it was changed."""


class Seal:
    """Encrypts for one *purpose*; who is given one purpose cannot open what is of another."""

    def __init__(self, secret: Secret, purpose: str) -> None:
        self._secret = secret
        self._purpose = purpose

    def seal(self, owner: str, plain: bytes) -> bytes:
        """Return *plain* sealed for *owner*: moved to another's row it cannot be opened."""
        # A large library; most servers never seal anything.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        key = AESGCM(self._secret.derive(self._purpose))
        return nonce + key.encrypt(nonce, plain, owner.encode())

    def unseal(self, owner: str, sealed: bytes) -> bytes:
        """Return what was sealed for *owner*; raises `CannotUnseal`."""
        for key in self._secret.derive_each(self._purpose):
            if (plain := _opened(key, owner, sealed)) is not None:
                return plain
        raise CannotUnseal

    def reseal(self, owner: str, sealed: bytes) -> bytes | None:
        """
        Return what was sealed for *owner* sealed under the secret of now; None: it is already.

        Raises `CannotUnseal`.
        """
        if _opened(self._secret.derive(self._purpose), owner, sealed) is not None:
            return None
        return self.seal(owner, self.unseal(owner, sealed))


def _opened(key: bytes, owner: str, sealed: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, body, owner.encode())
    except (InvalidTag, ValueError):
        # ValueError: too short to be anything.
        return None
