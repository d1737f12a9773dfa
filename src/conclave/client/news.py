"""What the rules of a client tell its application, each a value of its own."""

from dataclasses import dataclass
from typing import Any

from conclave.client.errors import Reset
from conclave.protocol.errors import Reject
from conclave.protocol.events import Line, Me


@dataclass(frozen=True, slots=True)
class Entry:
    """The next entry of a room, for its reader."""

    room: str
    line: Line


@dataclass(frozen=True, slots=True)
class Lapse:
    """The reader of a room must begin anew."""

    room: str
    reset: Reset


@dataclass(frozen=True, slots=True)
class Ended:
    """The client is not in the room, and will not be by itself."""

    room: str
    reject: Reject


@dataclass(frozen=True, slots=True)
class Connected:
    """The server let the client in, for the first time or again."""

    me: Me


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection ended, with this close code; the client comes back by itself."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The server told something that is no entry of a room."""

    event: Any


@dataclass(frozen=True, slots=True)
class Settled:
    """A request was answered for good: with what it asked for, or an exception."""

    id: str
    result: Any


RoomNews = Entry | Lapse | Ended
News = RoomNews | Heard | Settled
