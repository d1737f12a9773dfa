"""
What somebody may do, in words: acts, what is known of who asks, and the answer.

The one table that decides is `conclave.core.permissions`; nothing is decided here.
"""

from enum import StrEnum

from msgspec import Struct

from conclave.model.people import Role, Scope
from conclave.model.rooms import RoomKind, RoomRole


class Act(StrEnum):
    """Everything that somebody may or may not; the values are words for people."""

    # In a room.
    JOIN = "join"
    READ = "read"
    WRITE = "write"
    TYPE = "type"
    MARK_READ = "mark read"
    LIST_MEMBERS = "list the members of a room"
    REACT = "react"
    EDIT = "edit"
    DELETE = "delete"
    PIN = "pin"
    REPORT = "report"
    NOTIFY = "set what one is notified of"
    FAVOUR = "keep it among one's favourites"
    QUIT = "quit"
    INVITE = "invite"
    LINK = "make links into the room"
    HOOK = "make webhooks of the room"
    UPDATE_ROOM = "update the room"
    SET_HISTORY = "set who reads the past"
    KICK = "kick"
    BAN = "ban"
    UNBAN = "unban"
    MUTE = "mute"
    SET_ROLE = "set a role"
    SEE_SANCTIONS = "see bans and mutes"
    SEE_REPORTS = "see reports"
    ARCHIVE = "archive"
    DELETE_ROOM = "delete the room"
    # On the server.
    CREATE_ROOM = "create a room"
    DIRECT = "write to people directly"
    LIST_ROOMS = "list rooms"
    SEARCH = "search"
    LIST_PEOPLE = "list people"
    SEE_PROFILE = "see a profile"
    SET_PROFILE = "set a profile"
    SET_PRESENCE = "set a presence"
    IGNORE = "ignore a person"
    PUSH = "be notified by push"
    ANSWER = "answer slash commands"
    # One's own account.
    MANAGE_SESSIONS = "manage one's sessions"
    TAKE_DATA = "have all that is kept of one"
    MANAGE_TOKENS = "manage one's tokens"
    MANAGE_CREDENTIALS = "manage one's password and factors"
    # The office of an admin.
    MANAGE_PEOPLE = "manage people"
    INVITE_PEOPLE = "invite people"
    MANAGE_ROOMS = "manage all rooms"
    SEE_ALL_REPORTS = "see all reports"
    MANAGE_BOTS = "manage bots and webhooks"
    SEE_AUDIT = "see the audit log"
    SEE_SERVER = "see how the server is doing"


class Standing(Struct, frozen=True, kw_only=True):
    """What is known of who asks, and of what the act is about, at one moment."""

    # On the server; None: nobody has said who they are.
    role: Role | None
    active: bool = True
    # What their token is good for; None: all that they may.
    scopes: frozenset[Scope] | None = None
    # The room: None if there is none, or the act is not about one.
    kind: RoomKind | None = None
    archived: bool = False
    # In the room; None: no member.
    member: RoomRole | None = None
    banned: bool = False
    muted: bool = False
    # Whether the message, or the person acted upon, is their own.
    own: bool = False
    # Of the person acted upon, in the room; None: no member.
    other: RoomRole | None = None


NOBODY = Standing(role=None)


class Ruling(Struct, frozen=True):
    """The answer: allowed without a code, and why in a sentence."""

    code: str | None
    because: str

    @property
    def allowed(self) -> bool:
        return self.code is None
