"""What is done to people and messages in rooms, as lists show it."""

from enum import StrEnum

from msgspec import Struct

from conclave.model.log import Entry


class SanctionKind(StrEnum):
    BAN = "ban"
    MUTE = "mute"


class Sanction(Struct, frozen=True, kw_only=True):
    """Who may not, in one room."""

    user: str
    name: str
    kind: SanctionKind
    # The id of who did it.
    by: str
    at: int
    # None: until somebody takes it back.
    until: int | None
    reason: str


class Outcome(StrEnum):
    """What came of a report."""

    # Nothing was to be done.
    DISMISSED = "dismissed"
    # Something was done.
    RESOLVED = "resolved"


class Report(Struct, frozen=True, kw_only=True):
    """A message that somebody reported, with what it says now: who reports it, shows it."""

    id: str
    room: str
    seq: int
    # Who wrote it: id, and name at the time.
    author: str
    name: str
    # "" where it is deleted or purged.
    text: str
    # Who reported it, and why.
    user: str
    reason: str
    at: int
    # None: it is open.
    closed_by: str | None = None
    closed_at: int | None = None
    outcome: Outcome | None = None


class RoomLink(Struct, frozen=True, kw_only=True):
    """What lets people into a room, but for its token, which is shown once."""

    id: str
    room: str
    name: str
    created_by: str
    created_at: int
    # None: for ever; as often as anybody likes.
    expires_at: int | None
    uses_left: int | None
    uses: int


class Person(Struct, frozen=True, kw_only=True):
    """Somebody, by id and by the name that is shown."""

    id: str
    name: str


class Deed(Struct, frozen=True, kw_only=True):
    """What came of an act upon a person in a room."""

    # Upon whom: they may have been named otherwise.
    user: str
    # False: it was so already.
    done: bool
    # What was written to the room's log.
    entries: tuple[Entry, ...] = ()
