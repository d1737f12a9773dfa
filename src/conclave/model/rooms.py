"""Rooms and their members, as lists show them."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from conclave.model.moderation import Person


class RoomRole(StrEnum):
    """What a member may be in one room."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OWNER = "owner"


class RoomKind(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    DIRECT = "direct"


class RoomHistory(StrEnum):
    """What members read of a room."""

    ALL = "all"
    # What was said since they joined.
    JOINED = "joined"


class Notify(StrEnum):
    """Of what in a room somebody wants to be notified."""

    ALL = "all"
    # Of messages that name them.
    MENTIONS = "mentions"
    NONE = "none"


# Where nobody has said otherwise.
NOTIFY: Final = {
    RoomKind.PUBLIC: Notify.MENTIONS,
    RoomKind.PRIVATE: Notify.MENTIONS,
    RoomKind.DIRECT: Notify.ALL,
}


class RoomInfo(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    A room as its list shows it to one user.

    On the wire what is as its default here is left away.
    """

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
    archived: bool = False
    # Seconds between two messages of one member; 0: none.
    slow_mode: int = 0
    history: RoomHistory = RoomHistory.ALL
    # Whether this user may not write, and until when; None: until somebody takes it back.
    muted: bool = False
    muted_until: int | None = None
    # Of what this user wants to be notified there.
    notify: Notify = Notify.MENTIONS
    # Whether this user keeps it at the top of their rooms.
    favourite: bool = False
    # When the last entry was made, in milliseconds since 1970; 0: there is none.
    last_time: int = 0
    # Of a direct room: the others.
    partners: tuple[Person, ...] = ()
    # Reports of its messages that nobody has closed, for who may see them.
    reports: int = 0
    # What this user may there: words of `core.words`.
    may: tuple[str, ...] = ()


class MemberInfo(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One member, as the list of a room shows it."""

    id: str
    name: str
    role: RoomRole
    joined_at: int
    # Whether it is a program.
    bot: bool = False
