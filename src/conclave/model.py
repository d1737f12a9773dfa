"""
Values that mean something everywhere: who, what was said, where in a room's log.

All are frozen, so they may cross threads and be kept. Nothing here knows of sockets,
events or tables. Times are integer milliseconds since 1970, as on the wire.
"""

from enum import StrEnum
from typing import Any

from msgspec import Struct, field


class Role(StrEnum):
    """What a user may be on the whole server."""

    USER = "user"
    ADMIN = "admin"
    GUEST = "guest"
    BOT = "bot"


class RoomRole(StrEnum):
    """What a member may be in one room."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OWNER = "owner"


class RoomKind(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    DIRECT = "direct"


class Status(StrEnum):
    ONLINE = "online"
    AWAY = "away"
    DND = "dnd"
    INVISIBLE = "invisible"


class Identity(Struct, frozen=True, kw_only=True):
    """Who a connection speaks for, and until when."""

    user: str
    name: str
    role: Role = Role.USER
    # Wall time; None: does not expire. Sessions count the rest of it on the monotonic clock.
    expires_at: int | None = None


SYSTEM = Identity(user="system", name="system", role=Role.BOT)


class Position(Struct, frozen=True):
    """How far somebody knows a room: every entry up to `seq` of that `epoch`."""

    epoch: str
    seq: int
    # The id of the entry at `seq`, if the client remembers it: it betrays another history.
    id: str | None = None


class Draft(Struct, frozen=True, kw_only=True):
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


class Entry(Struct, frozen=True, kw_only=True):
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


class Receipt(Struct, frozen=True, kw_only=True):
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


class RoomInfo(Struct, frozen=True, kw_only=True):
    """A room as its list shows it to one user."""

    room: str
    title: str
    topic: str
    kind: RoomKind
    # None: not a member.
    role: RoomRole | None
    members: int
    last_seq: int
    read_seq: int
    unread: int
    mentions: int


class MemberInfo(Struct, frozen=True, kw_only=True):
    """One member, as the list of a room shows it."""

    id: str
    name: str
    role: RoomRole
    joined_at: int


class User(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    display_name: str
    role: Role = Role.USER
    active: bool = True


class TokenInfo(Struct, frozen=True, kw_only=True):
    """What the store knows of a token: never the token itself, only its SHA-256."""

    id: str
    user: User
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None


class Limits(Struct, frozen=True, kw_only=True):
    """What one client may ask for; those it needs to know are in `hello`. 0: no limit."""

    message_bytes: int = 65_536
    text_chars: int = 4_000
    text_bytes: int = 16_384
    page: int = 100
    entries_page: int = 500
    page_bytes: int = 131_072
    rooms_per_connection: int = 128
    room_members: int = 1_000
    messages_per_second: float = 10.0
    burst: int = 30


class Term(Struct, frozen=True, kw_only=True):
    """One thing a search asks for: words next to each other, a person, a room or a trait."""

    text: str
    # The last word may go on.
    begins: bool = False
    # It must not be there.
    without: bool = False


class Query(Struct, frozen=True, kw_only=True):
    """What a search asks for: all of the words and traits, any of the people and rooms."""

    words: tuple[Term, ...] = ()
    people: tuple[Term, ...] = ()
    rooms: tuple[Term, ...] = ()
    traits: tuple[Term, ...] = ()
    # Not earlier than `after`, and earlier than `before`.
    before: int | None = None
    after: int | None = None


class Piece(Struct, frozen=True):
    """A part of a snippet; `hit`: it is what was asked for."""

    text: str
    hit: bool


class Hit(Struct, frozen=True, kw_only=True):
    """A message that was found."""

    room: str
    seq: int
    # The author's id, and display name at the time.
    user: str
    name: str
    timestamp: int
    snippet: list[Piece]


class Hits(Struct, frozen=True, kw_only=True):
    """What was found, newest first."""

    hits: list[Hit]
    more: bool = False
    # Where the next page begins, if there is more.
    cursor: int | None = None
    # Entries of the rooms that were searched which the index does not have yet.
    behind: int = 0
