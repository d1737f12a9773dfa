"""Rooms and their members, as lists show them."""

from enum import StrEnum

from msgspec import Struct


class RoomRole(StrEnum):
    """What a member may be in one room."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OWNER = "owner"


class RoomKind(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    DIRECT = "direct"


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
