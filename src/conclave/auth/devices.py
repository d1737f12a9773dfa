"""
Known devices: browsers from which somebody has signed in to an account before.

They carry a cookie that proves so and lets nobody in. The throttle of sign-ins lets them
try, slowly, while the account rests: else anybody could lock its owner out by guessing.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

from conclave.auth.secret import Secret

_PURPOSE: Final = "device"
_RANDOM_BYTES: Final = 16
_COOKIE: Final = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")


class Devices:
    """Makes and judges the cookies."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def cookie(self, account: str) -> str:
        """Return the cookie of a device that has just signed in to *account*."""
        name = secrets.token_urlsafe(_RANDOM_BYTES)
        return f"{name}.{_mac(self._secret.derive(_PURPOSE), account, name)}"

    def known(self, account: str, cookie: str) -> str | None:
        """Return the name of the device that *cookie* proves to be one of *account*."""
        found = _COOKIE.fullmatch(cookie)
        if found is None:
            return None
        keys = self._secret.derive_each(_PURPOSE)
        macs = [_mac(key, account, found[1]) for key in keys]
        return found[1] if any(hmac.compare_digest(mac, found[2]) for mac in macs) else None


def _mac(key: bytes, account: str, name: str) -> str:
    mac = hmac.new(key, f"{name}\0{account}".encode("utf-8", "surrogatepass"), sha256)
    return urlsafe_b64encode(mac.digest()).decode().rstrip("=")
