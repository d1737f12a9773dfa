"""What is described: who asks what and is answered how, what is told, what a log may hold."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from conclave.protocol.event import Event


class Asked(Struct, frozen=True, kw_only=True):
    """A request, and what answers it where it is not refused."""

    event: type[Event]
    # An event is told as it is; anything else is the data of an `ack`, None that of an empty one.
    answer: Any = None
    # What must hold before it is handled, in a word: `anyone`, `user`, `room`.
    needs: str = "user"


class Vocabulary(Struct, frozen=True, kw_only=True):
    """All that a server and its clients may say to each other."""

    asked: tuple[Asked, ...]
    told: Mapping[str, Any]
    # What an application keeps in a log: by the type of the entry, what is in its `data`.
    kept: Mapping[str, Any] = {}
    # The names that an application has added.
    own: frozenset[str] = frozenset()
