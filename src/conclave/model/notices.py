"""Whom a message is to be brought to the attention of."""

from msgspec import Struct


class Called(Struct, frozen=True):
    """Somebody who wants to be notified of a message."""

    user: str
    # Whether it names them.
    mention: bool


class Subscription(Struct, frozen=True):
    """A browser that can be reached by its push service."""

    id: str
    user: str
    endpoint: str
    p256dh: bytes
    auth: bytes
    # Whether its person wants to read there what was written.
    with_text: bool
