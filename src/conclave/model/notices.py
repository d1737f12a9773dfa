"""Whom a message is to be brought to the attention of."""

from msgspec import Struct


class Called(Struct, frozen=True):
    """Somebody who wants to be notified of a message."""

    user: str
    # Whether it names them.
    mention: bool
