"""Webhooks: programs that write into a room, and addresses that are told what is said."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from conclave.model.log import Entry
from conclave.model.people import User


class HookKind(StrEnum):
    """Of what an address may be told: types of entries."""

    MESSAGE = "message"
    EDITED = "message:edited"
    DELETED = "message:deleted"
    PINNED = "message:pinned"
    UNPINNED = "message:unpinned"
    REACTED = "reaction:added"
    UNREACTED = "reaction:removed"
    MEMBER_ADDED = "member:added"
    MEMBER_REMOVED = "member:removed"
    UPDATED = "room:updated"


MESSAGES: Final = (HookKind.MESSAGE, HookKind.EDITED, HookKind.DELETED)


class IncomingHook(Struct, frozen=True, kw_only=True):
    """An address of this server that writes into one room, as a bot of its own."""

    id: str
    room: str
    # What the bot is called, and its id.
    name: str
    user: str
    created_by: str
    created_at: int
    last_used_at: int | None = None
    uses: int = 0


class CommandHook(Struct, frozen=True, kw_only=True):
    """A slash command of one room that an address answers, as a bot of its own."""

    id: str
    room: str
    # Without the slash.
    name: str
    about: str
    hint: str
    url: str
    # What the bot is called, and its id.
    bot: str
    user: str
    created_by: str
    created_at: int


class OutgoingHook(Struct, frozen=True, kw_only=True):
    """An address that is told what happens in one room, or in all public ones."""

    id: str
    # None: all public rooms.
    room: str | None
    name: str
    url: str
    kinds: tuple[HookKind, ...]
    created_by: str
    created_at: int
    # When it was turned off, and why: `by hand`, `gone`, `failing`; None: it is told.
    disabled_at: int | None = None
    disabled_why: str | None = None
    # Since when nothing was taken; None: the last one was.
    failing_since: int | None = None
    # What the last try came to: a status, or a word such as `timeout`.
    last: str | None = None
    delivered: int = 0
    # How many were given up, and can be sent again.
    dead: int = 0


class DeadLetter(Struct, frozen=True, kw_only=True):
    """An entry that an address was told in vain."""

    id: str
    room: str
    seq: int
    # When it was given up, after so many tries, and what the last one came to.
    at: int
    tries: int
    why: str


class Poster(Struct, frozen=True, kw_only=True):
    """An incoming webhook that is good now, and the bot it speaks as."""

    hook: IncomingHook
    user: User


class Delivery(Struct, frozen=True, kw_only=True):
    """An entry that an address is to be told."""

    hook: OutgoingHook
    entry: Entry


class HookBacklog(Struct, frozen=True, kw_only=True):
    """What webhooks have not told, and what they gave up."""

    waiting: int
    dead: int


class HookTurn(Struct, frozen=True, kw_only=True):
    """What a webhook is told next, and when; None: nothing waits."""

    delivery: Delivery | None = None
    due: int = 0
    # How often it was tried before.
    tries: int = 0
    # Rooms, by number, up to which nothing is for it.
    passed: tuple[tuple[int, int], ...] = ()
    # Whether it is there and turned on, and whether who made it could make it now.
    told: bool = True
    backed: bool = True
