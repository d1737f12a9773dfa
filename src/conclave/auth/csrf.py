"""
Tokens against forged requests: what a page must send beside the cookie it cannot read.

A MAC over the session's id under the server's secret: nothing is stored, and a token of one
session is worth nothing in another. A foreign page cannot read it, so it cannot send it.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

from conclave.auth.secret import Secret

_PURPOSE: Final = "csrf"


class Csrf:
    """Makes and judges tokens."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def token(self, session: str) -> str:
        """Return the token of the session with this id."""
        return _mac(self._secret.derive(_PURPOSE), session)

    def good(self, session: str, given: str) -> bool:
        """Return whether *given* is the token of this session."""
        keys = self._secret.derive_each(_PURPOSE)
        raw = given.encode("utf-8", "surrogatepass")
        return any(hmac.compare_digest(_mac(key, session).encode(), raw) for key in keys)


def _mac(key: bytes, session: str) -> str:
    mac = hmac.new(key, session.encode(), sha256).digest()
    return urlsafe_b64encode(mac).decode().rstrip("=")
