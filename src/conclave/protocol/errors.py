"""
The two kinds of no, and their codes.

`Reject` answers one event and the connection goes on. `Disconnect` ends a connection
with a close code that says whether to come back. Both tables here are the only ones: the
server, both clients and the docs read them.
"""

from enum import IntEnum, StrEnum
from typing import Final


class Code(StrEnum):
    """Why one event was refused."""

    AUTH_REQUIRED = "auth_required"
    AUTH_FAILED = "auth_failed"
    BAD_REQUEST = "bad_request"
    UNKNOWN_TYPE = "unknown_type"
    NOT_IN_ROOM = "not_in_room"
    TOO_MANY_ROOMS = "too_many_rooms"
    NO_SUCH_ROOM = "no_such_room"
    NO_SUCH_MESSAGE = "no_such_message"
    NO_SUCH_USER = "no_such_user"
    NO_SUCH_COMMAND = "no_such_command"
    NOT_FOUND = "not_found"
    AWAY = "away"
    UNANSWERED = "unanswered"
    CONFLICT = "conflict"
    NAME_TAKEN = "name_taken"
    PASSWORD_REQUIRED = "password_required"  # noqa: S105 - a word, no secret
    ROOM_EXISTS = "room_exists"
    ROOM_FULL = "room_full"
    FORBIDDEN = "forbidden"
    MUTED = "muted"
    BANNED = "banned"
    ARCHIVED = "archived"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    BAD_FILE = "bad_file"
    NO_SPACE = "no_space"
    ID_REUSED = "id_reused"
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


# The same request may succeed later, unchanged.
RETRYABLE: Final[frozenset[str]] = frozenset(
    {Code.AWAY, Code.RATE_LIMITED, Code.BUSY, Code.UNAVAILABLE, Code.INTERNAL}
)

# What a person reads. Those of part 1 of the protocol are fixed to the letter.
MESSAGES: Final[dict[str, str]] = {
    Code.AUTH_REQUIRED: "Authentication required",
    Code.AUTH_FAILED: "Authentication failed",
    Code.BAD_REQUEST: "Invalid message format",
    Code.UNKNOWN_TYPE: "Unknown message type",
    Code.NOT_IN_ROOM: "Please join a room first",
    Code.TOO_MANY_ROOMS: "This connection is in as many rooms as it may be",
    Code.NO_SUCH_ROOM: "There is no such room",
    Code.NO_SUCH_MESSAGE: "There is no such message",
    Code.NO_SUCH_USER: "There is no such user",
    Code.NO_SUCH_COMMAND: "There is no such command here",
    Code.NOT_FOUND: "There is no such thing, or it is not good any more",
    Code.AWAY: "The bot that answers this is away",
    Code.UNANSWERED: "The bot did not answer in time",
    Code.CONFLICT: "This does not fit what is so now",
    Code.NAME_TAKEN: "Another user has this name",
    Code.PASSWORD_REQUIRED: "Say your password once more",
    Code.ROOM_EXISTS: "A room of this name exists",
    Code.ROOM_FULL: "The room is full",
    Code.FORBIDDEN: "You may not do this here",
    Code.MUTED: "You are muted in this room",
    Code.BANNED: "You are banned from this room",
    Code.ARCHIVED: "The room is archived",
    Code.TOO_LONG: "The text is too long",
    Code.TOO_LARGE: "The file is too large",
    Code.BAD_FILE: "This is no file that is taken here",
    Code.NO_SPACE: "There is no room for more files",
    Code.ID_REUSED: "This id was used for another request",
    Code.RATE_LIMITED: "Too many requests",
    Code.BUSY: "The server is busy",
    Code.UNAVAILABLE: "The server cannot store this now",
    Code.INTERNAL: "Something went wrong on the server",
}


class Close(IntEnum):
    """Why a connection ended (RFC 6455 section 7.4; ours from 4000)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    NO_STATUS = 1005
    ABNORMAL = 1006
    INVALID_TEXT = 1007
    POLICY = 1008
    TOO_BIG = 1009
    INTERNAL = 1011
    RESTART = 1012
    TRY_LATER = 1013
    TOKEN_EXPIRED = 4002
    SLOW_CONSUMER = 4003
    RATE_LIMITED = 4005
    STATE_LOST = 4006
    TOO_MANY_CONNECTIONS = 4007
    SESSION_REVOKED = 4501
    BANNED = 4502
    IDENTITY_CHANGED = 4503
    UNSUPPORTED_VERSION = 4504


# When the server closes with one, and what it means. In this order they stand in the docs.
CLOSES: Final[dict[Close, str]] = {
    Close.NORMAL: "Closed in good order",
    Close.GOING_AWAY: "The server is going away, or one side fell silent",
    Close.PROTOCOL_ERROR: "The frames were not WebSocket's",
    Close.UNSUPPORTED_DATA: "A binary frame: only text is understood",
    Close.NO_STATUS: "Closed without a code",
    Close.ABNORMAL: "The connection broke",
    Close.INVALID_TEXT: "The text was not UTF-8",
    Close.POLICY: "Authentication failed or came too late, or too many bad requests or pings",
    Close.TOO_BIG: "A message larger than `message_bytes`",
    Close.INTERNAL: "Too many requests failed inside the server",
    Close.RESTART: "The server restarts",
    Close.TRY_LATER: "The server is full at the moment",
    Close.TOKEN_EXPIRED: "The token has expired: get a fresh one first",
    Close.SLOW_CONSUMER: "More was waiting than the connection could take: resume",
    Close.RATE_LIMITED: "Too many requests for too long",
    Close.STATE_LOST: "The server lost its place: resume now",
    Close.TOO_MANY_CONNECTIONS: "Too many connections of this user: the oldest goes",
    Close.SESSION_REVOKED: "The session was revoked",
    Close.BANNED: "Banned or deactivated",
    Close.IDENTITY_CHANGED: "One connection speaks for one user, from the first token on",
    Close.UNSUPPORTED_VERSION: "None of the offered protocol versions is known",
}

AUTH_TIMEOUT_REASON: Final = "Authentication timeout"
# With 1001, of a server that was told to stop: fixed by part 1 of the protocol.
STOPPED_REASON: Final = "Server shutting down"

# Above 1013 and below 4000 nothing is ours; from 4500 on a client stays away.
_COME_BACK: Final = frozenset({1000, 1001, 1005, 1006, 1011, 1012, 1013})


def may_come_back(code: int, reason: str = "") -> bool:
    """Return whether a client may reconnect after this close, with backoff and jitter."""
    if code == Close.POLICY:
        return reason == AUTH_TIMEOUT_REASON
    return code in _COME_BACK or 4000 <= code <= 4499


class Reject(Exception):
    """
    Refuse one event; the connection goes on.

    Raise it in a handler: the client gets an `error` with this code. `message` is shown
    to people and must hold nothing that the client may not know.
    """

    def __init__(
        self, code: Code | str, message: str | None = None, *, retry_after_ms: int | None = None
    ) -> None:
        super().__init__(code, message)
        self.code = str(code)
        self.message = message or MESSAGES.get(self.code, "Refused")
        self.retry_after_ms = retry_after_ms

    @property
    def retryable(self) -> bool:
        return self.code in RETRYABLE


class Disconnect(Exception):
    """
    End the connection with a close code.

    Raise it in a handler or a hook. `reason` travels in the close frame: at most 123
    bytes of UTF-8 (RFC 6455 section 5.5), longer ones are cut.
    """

    def __init__(self, code: Close | int, reason: str = "") -> None:
        super().__init__(int(code), reason)
        self.code = int(code)
        self.reason = reason
