"""What was said, and where in a room's log."""

from typing import Any

from msgspec import Struct, field

from conclave.model.people import Role


class Position(Struct, frozen=True):
    """How far somebody knows a room: every entry up to `seq` of that `epoch`."""

    epoch: str
    seq: int
    # The id of the entry at `seq`, if the client remembers it: it betrays another history.
    id: str | None = None


class Draft(Struct, frozen=True, kw_only=True, gc=False):
    """An entry before the store has numbered it."""

    room: str
    user: str
    name: str
    # The author's on the server: admins may change what others wrote.
    role: Role = Role.USER
    type: str = "message"
    text: str = ""
    # What this type has besides a text: JSON-ready values.
    extra: dict[str, Any] = field(default_factory=dict)
    # The request's id: the same one again from the same user and room is the same entry.
    client_id: str | None = None
    # What else the request asked for that the entry does not say: another is another request.
    besides: str = ""
    # From where it was asked for, for the audit log.
    address: str | None = None


class Reaction(Struct, frozen=True):
    """One emoji at one message."""

    emoji: str
    count: int
    # The first of those who gave it, in the order they came.
    users: tuple[str, ...]
    # Whether the reader is among all of them.
    me: bool


class State(Struct, frozen=True, kw_only=True):
    """What later entries of a log made of one message; its text is the entry's."""

    edited_at: int | None = None
    pinned: bool = False
    # In the order in which each emoji first came.
    reactions: tuple[Reaction, ...] = ()


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """One numbered, durable line of a room's log."""

    room: str
    seq: int
    id: str
    type: str
    # The author: display name at the time, and id.
    name: str
    user: str
    timestamp: int
    text: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    client_id: str | None = None
    # Of a message as it is now; None: as it was written.
    state: State | None = None

    @property
    def gist(self) -> str:
        """What is told of it where there is little room: its text, or what its files are called."""
        return self.text or ", ".join(one["name"] for one in self.extra.get("attachments", ()))


class Receipt(Struct, frozen=True, kw_only=True, gc=False):
    """What `Store.append` answers: the numbers, and the entry if this very call stored it."""

    room: str
    seq: int
    id: str
    timestamp: int
    # None: the same request was stored before, or there was nothing to change.
    entry: Entry | None = None


class Page(Struct, frozen=True, kw_only=True):
    """Entries of a room and its numbers, from one moment of the store."""

    room: str
    entries: list[Entry]
    epoch: str
    first_seq: int
    last_seq: int
    # The reader now knows everything up to here: its position.
    upto: int
    more: bool = False
    # What the reader knew is void: forget it and begin with these entries.
    reset: bool = False
    # The number of the entry that made the reader a member, and whether the room hides from
    # its members what was said before that: who is told what follows must go by both.
    joined_seq: int = 0
    hides: bool = False
    # The id of the entry at `upto`, where that is the room's last.
    upto_id: str | None = None
