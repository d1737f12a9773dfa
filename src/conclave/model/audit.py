"""
What the audit log says: who did what to whom, from where.

It is for admins, and apart from the chat. No secret stands in it and no word of a message:
details are of a few known kinds, short, and blanked where they look like a secret.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypedDict

from msgspec import Struct

# Who acts that is no user: no account can have these names.
OPERATOR: Final = "@operator"  # who may read the data directory
SERVER: Final = "@server"
STRANGER: Final = "@stranger"  # nobody has proven who they are

MAX_TEXT: Final = 120
# A token has 43 random letters, a key of an authenticator app 32; a name at most 32.
_SECRET: Final = re.compile(r"[A-Za-z0-9_+/=-]{33,}|[A-Z2-7]{32}")
_BLANK: Final = "[…]"
# Of a name that is nobody's: it may be a password in the wrong field.
_LETTERS_OF_STRANGERS: Final = 3


class Action(StrEnum):
    """What was done; the part before the dot is what it was done to."""

    SESSION_STARTED = "session.started"
    SESSION_FAILED = "session.failed"
    SESSION_ENDED = "session.ended"
    SESSION_REVOKED = "session.revoked"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - a word, no secret
    PASSWORD_RESET = "password.reset"  # noqa: S105
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    RECOVERY_MADE = "recovery.made"
    RECOVERY_USED = "recovery.used"
    IDENTITY_LINKED = "identity.linked"
    IDENTITY_UNLINKED = "identity.unlinked"
    TOKEN_CREATED = "token.created"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    LINK_CREATED = "link.created"
    LINK_USED = "link.used"
    LINK_REVOKED = "link.revoked"
    HOOK_CREATED = "hook.created"
    HOOK_CHANGED = "hook.changed"
    HOOK_REVOKED = "hook.revoked"
    HOOK_DISABLED = "hook.disabled"
    HOOK_RESENT = "hook.resent"
    USER_CREATED = "user.created"
    USER_RENAMED = "user.renamed"
    USER_ROLE = "user.role"
    USER_DEACTIVATED = "user.deactivated"
    USER_ACTIVATED = "user.activated"
    USER_ERASED = "user.erased"
    USER_REMOVED = "user.removed"
    ROOM_CREATED = "room.created"
    ROOM_UPDATED = "room.updated"
    ROOM_RETENTION = "room.retention"
    ROOM_ARCHIVED = "room.archived"
    ROOM_UNARCHIVED = "room.unarchived"
    ROOM_DELETED = "room.deleted"
    MEMBER_ADDED = "member.added"
    MEMBER_KICKED = "member.kicked"
    MEMBER_BANNED = "member.banned"
    MEMBER_UNBANNED = "member.unbanned"
    MEMBER_MUTED = "member.muted"
    MEMBER_UNMUTED = "member.unmuted"
    MEMBER_ROLE = "member.role"
    MESSAGE_DELETED = "message.deleted"
    MESSAGE_REPORTED = "message.reported"
    REPORT_CLOSED = "report.closed"
    DATA_BACKED_UP = "data.backed_up"
    DATA_EXPORTED = "data.exported"
    DATA_IMPORTED = "data.imported"
    DATA_RESTORED = "data.restored"
    SERVER_STARTED = "server.started"
    CONNECTION_SHOWN = "connection.shown"


class Details(TypedDict, total=False):
    """What else may be said of an action; there is no place for what somebody wrote."""

    # What a token, link, factor or session is called, or its id: never what it is.
    name: str
    id: str
    # By what one came in, or a link's kind: `password`, `passkey`, `invite`.
    how: str
    # A code, such as `wrong`.
    why: str
    # The beginning of a name that is nobody's.
    account: str
    role: str
    before: str
    # Of a sanction, in the words of who laid it.
    reason: str
    outcome: str
    # Which settings of a room were changed.
    changed: str
    # Milliseconds since 1970.
    until: int
    seq: int
    # How many there were, where one line stands for several; from how many addresses.
    times: int
    addresses: int
    days: int
    messages: int
    version: str


class Note(Struct, frozen=True, kw_only=True):
    """One line of the log before it has its number; make it with `note`."""

    # An `Action`; what a later version has written may be another.
    action: str
    # A user's id, or one of the three above.
    actor: str
    # A user's id.
    target: str | None = None
    # Its name.
    room: str | None = None
    address: str | None = None
    details: Mapping[str, str | int] = {}


class AuditLine(Note, frozen=True, kw_only=True):
    """A line as it stands in the log; later lines have higher numbers."""

    id: int
    at: int


class AuditQuery(Struct, frozen=True, kw_only=True):
    """Which lines are asked for; what is None is not asked."""

    actor: str | None = None
    target: str | None = None
    # Actor or target.
    user: str | None = None
    # An action, or what stands before the dot of several.
    action: str | None = None
    room: str | None = None
    # From this millisecond on, and before that one.
    since: int | None = None
    until: int | None = None
    # Lines with lower numbers, the newest first; or with higher ones, the oldest first.
    before: int | None = None
    after: int | None = None
    limit: int = 100


def details(given: Details) -> dict[str, str | int]:
    """Return *given* as it may be kept: short, and blank where it looks like a secret."""
    said: Mapping[str, Any] = given
    return {
        key: _clean(value) if isinstance(value, str) else value
        for key, value in said.items()
        if value is not None
    }


def cut_account(name: str) -> str:
    """Return what may be kept of a *name* that somebody gave and that is nobody's."""
    name = name.strip()
    shown = "".join(sign if sign.isprintable() else "?" for sign in name[:_LETTERS_OF_STRANGERS])
    return f"{shown}…" if len(name) > _LETTERS_OF_STRANGERS else shown


def _clean(text: str) -> str:
    text = _SECRET.sub(_BLANK, text)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
