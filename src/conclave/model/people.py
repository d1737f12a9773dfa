"""Who somebody is."""

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """What a user may be on the whole server."""

    USER = "user"
    ADMIN = "admin"
    GUEST = "guest"
    BOT = "bot"


class Scope(StrEnum):
    """What a token may be good for, when it is not good for all that its user may."""

    READ = "read"
    WRITE = "write"
    MODERATE = "moderate"
    ADMIN = "admin"
    # The user's own password, factors, sessions and tokens: never a token's that is scoped.
    ACCOUNT = "account"
    # Parts of the first two, for programs that need no more.
    ROOMS_READ = "rooms:read"
    HISTORY_READ = "history:read"
    MEMBERS_READ = "members:read"
    MESSAGES_WRITE = "messages:write"


class TokenKind(StrEnum):
    """How a token came to be: made on purpose for a program, or by signing in."""

    TOKEN = "token"  # noqa: S105 - a word, no secret
    SESSION = "session"


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
    # The token's id in the store, so that revoking it reaches what came in with it.
    session: str | None = None
    # What the token is good for; None: all that its user may.
    scopes: frozenset[Scope] | None = None
    # In which rooms it is good, and nowhere else; None: wherever its user is.
    rooms: frozenset[str] | None = None


SYSTEM = Identity(user="system", name="system", role=Role.BOT)


class User(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    display_name: str
    role: Role = Role.USER
    active: bool = True
    # A line about themselves.
    about: str = ""
    # False: it is known here only because another system vouched for them.
    account: bool = True


class TokenInfo(Struct, frozen=True, kw_only=True):
    """What the store knows of a token: never the token itself, only its SHA-256."""

    id: str
    user: User
    created_at: int
    kind: TokenKind = TokenKind.TOKEN
    name: str = ""
    scopes: frozenset[Scope] | None = None
    # The names of the rooms where it is good; None: wherever its user is.
    rooms: frozenset[str] | None = None
    expires_at: int | None = None
    revoked_at: int | None = None
    last_used_at: int | None = None
    # From where and by what it was last used, as far as that was told.
    address: str | None = None
    agent: str | None = None
    # The provider of OpenID Connect that a session was opened by, and its session there.
    issuer: str | None = None
    sid: str | None = None
