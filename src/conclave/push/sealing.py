"""
What a push service is given: a message only the browser can read, and who sends it.

The encryption is that of RFC 8291 by pywebpush, the signature of RFC 8292 by py-vapid. Both
cost a millisecond, and the first of them loads large libraries: call them in a thread.
"""

import base64
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from conclave.model import Subscription

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

# The order of the curve (SEC 2, 2.4.2).
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# A push service takes at most a day.
_GOOD_FOR_S: Final = 12 * 3_600


class Sender:
    """This server, as push services know it: by the key made of *key*, 32 random bytes."""

    def __init__(self, key: bytes, contact: str, wall_s: Callable[[], float] = time.time) -> None:
        self._key = key
        self._contact = contact
        self._wall_s = wall_s

    def public(self) -> str:
        """Return the key browsers subscribe with, base64url."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return _text(point)

    @cached_property
    def _private(self) -> "EllipticCurvePrivateKey":
        return _private_key(self._key)

    def headers(self, endpoint: str) -> dict[str, str]:
        """Return what says that this server sends it, to that service alone."""
        # Loaded with the first message: it takes half a second and some MiB.
        from py_vapid import Vapid02

        url = urlsplit(endpoint)
        claims = {
            "aud": f"{url.scheme}://{url.netloc}",
            "exp": int(self._wall_s()) + _GOOD_FOR_S,
            "sub": self._contact,
        }
        signed: dict[str, str] = Vapid02(self._private).sign(claims)
        return signed


def seal(subscription: Subscription, payload: bytes) -> bytes:
    """Return *payload* so that only the browser of *subscription* can read it."""
    from pywebpush import WebPusher

    keys = {"p256dh": _text(subscription.p256dh), "auth": _text(subscription.auth)}
    info = {"endpoint": subscription.endpoint, "keys": keys}
    sealed = WebPusher(info).encode(payload, content_encoding="aes128gcm")
    body: bytes = sealed["body"]
    return body


def _private_key(key: bytes) -> "EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

    # Any 32 random bytes are a scalar, but for a chance of 1 in 2 to the 32 that wraps.
    return derive_private_key(int.from_bytes(key) % (_ORDER - 1) + 1, SECP256R1())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
