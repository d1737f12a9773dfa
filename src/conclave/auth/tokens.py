"""
API tokens: made for a user by the operator, shown once, kept as a SHA-256 only.

256 random bits need no slow hash: nobody can try them all. What a session does when its
token expires is not decided here.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final

from msgspec import Struct

from conclave.core.names import is_given
from conclave.model import SYSTEM, Identity, Role, Scope, TokenInfo, TokenKind, User
from conclave.ports import ComingIn, Store
from conclave.protocol.errors import Code, Reject

# Whoever finds one in a file knows what it is, and a secret scanner does.
PREFIX: Final = "cvt_"
_RANDOM_BYTES: Final = 32
_TOKEN: Final = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_USER_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_DAY_MS: Final = 86_400_000
_MOST_DAYS: Final = 36_500
_MOST_ROOMS: Final = 100

# What is left to somebody whose role asks for a second factor, until there is one.
ONLY_THE_ACCOUNT: Final = frozenset({Scope.ACCOUNT})

# Makes tokens of a user worthless, all if None; returns those that were worth something.
Revoke = Callable[[str, Collection[str] | None], Awaitable[list[str]]]


def _wall() -> int:
    return time.time_ns() // 1_000_000


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def digest(token: str) -> bytes:
    """Return what the store keeps of *token*."""
    return hashlib.sha256(token.encode()).digest()


def bared(scopes: frozenset[Scope] | None) -> frozenset[Scope]:
    """Return what of *scopes* is left to who lacks the second factor of their role."""
    return ONLY_THE_ACCOUNT if scopes is None else scopes & ONLY_THE_ACCOUNT


async def _nobody_lacks(_: User) -> bool:
    return False


def holds(token: TokenInfo, now: int) -> bool:
    """Return whether a token or session lets its user in at *now*."""
    expired = token.expires_at is not None and token.expires_at <= now
    return stands(token) and not expired


def stands(token: TokenInfo) -> bool:
    """Return whether nobody has taken it from its user, nor shut them out."""
    return token.user.active and token.revoked_at is None


class TokenAuthenticator:
    """
    An `Authenticator` for the tokens that `grant_token` made.

    *lacks_factor*: whether the role of somebody asks for a second factor, and they have none.
    Then a token is worth no more than a session would be.
    """

    # What it says of somebody is what the store does: nobody has to ask it again.
    asks_the_store: Final = True

    def __init__(
        self,
        store: Store,
        wall: Callable[[], int] = _wall,
        lacks_factor: Callable[[User], Awaitable[bool]] = _nobody_lacks,
    ) -> None:
        self._store = store
        self._wall = wall
        self._lacks_factor = lacks_factor

    async def authenticate(self, token: str) -> Identity | None:
        if not token.startswith(PREFIX):
            return None
        # Found by its digest: how long that takes tells nothing of the token.
        whole = _TOKEN.fullmatch(token)
        return await self._identity(await self._store.token(digest(token)) if whole else None)

    async def introduce(self, token: str) -> ComingIn | None:
        """See `ports.Introduce`."""
        if not token.startswith(PREFIX):
            return None
        whole = _TOKEN.fullmatch(token)
        found = await self._store.token_coming_in(digest(token)) if whole else None
        known, rooms = found or (None, [])
        return ComingIn(await self._identity(known), rooms)

    async def _identity(self, known: TokenInfo | None) -> Identity:
        """Return who has this token; raises `auth_failed` for one that is not good now."""
        if known is None or known.kind is not TokenKind.TOKEN or not holds(known, self._wall()):
            raise Reject(Code.AUTH_FAILED)
        user, lacks = known.user, await self._lacks_factor(known.user)
        return Identity(
            user=user.id,
            name=user.display_name,
            role=user.role,
            expires_at=known.expires_at,
            session=known.id,
            scopes=bared(known.scopes) if lacks else known.scopes,
            rooms=known.rooms,
        )


async def grant_token(
    store: Store,
    user: str,
    *,
    name: str = "",
    days: int | None = None,
    role: str | None = None,
    scopes: Collection[str] | None = None,
    rooms: Collection[str] | None = None,
    wall: Callable[[], int] = _wall,
) -> str:
    """
    Return a new token for *user*, who is made if there is none; it is not to be had again.

    *days* is its life, for ever if None; *role* is for a new user, or must be the role the
    user has; *scopes* are what it is good for, all that the user may if None; *rooms*, by their
    names, where it is good, wherever the user is if None. Raises `Reject` with a text for the
    operator.
    """
    good_for = None if scopes is None else frozenset(map(_scope, scopes))
    expires_at = None if days is None else wall() + life_ms(days)
    owner = await _owner(store, user, role)
    token = new_token()
    await store.create_token(
        owner.id,
        digest(token),
        name=name,
        expires_at=expires_at,
        scopes=good_for,
        rooms=None if rooms is None else await _rooms(store, rooms),
    )
    return token


class GrantBot:
    """Makes tokens for bots, as the office wants it."""

    def __init__(self, store: Store, wall: Callable[[], int] = _wall) -> None:
        self._store = store
        self._wall = wall

    async def __call__(
        self,
        bot: str,
        *,
        name: str,
        scopes: Collection[str] | None,
        rooms: Collection[str] | None,
        days: int | None,
    ) -> str:
        """Return a new token for *bot*, which must be there; see `grant_token`."""
        return await grant_token(
            self._store,
            bot,
            name=name,
            days=days,
            role=Role.BOT,
            scopes=scopes,
            rooms=rooms,
            wall=self._wall,
        )


class Shown(Struct, kw_only=True):
    """A token or session, as the operator sees it."""

    id: str
    user: str
    kind: str
    name: str
    scopes: list[str]
    rooms: list[str]
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    address: str | None
    agent: str | None


def token_commands(
    store: Store, revoke: Revoke | None = None
) -> dict[str, Callable[..., Awaitable[Any]]]:
    """
    Return what the control socket offers of tokens.

    *revoke* is the running node's, which closes what came in with them.
    """

    async def create(
        user: str,
        name: str = "",
        days: int | None = None,
        role: str | None = None,
        scopes: list[str] | None = None,
        rooms: list[str] | None = None,
    ) -> str:
        return await grant_token(
            store, user, name=name, days=days, role=role, scopes=scopes, rooms=rooms
        )

    async def show(user: str | None = None) -> list[Shown]:
        return [_shown(token) for token in await store.people.tokens(user)]

    async def end(user: str, ids: list[str] | None = None) -> list[str]:
        known = {token.id for token in await store.people.tokens(user)}
        if missing := sorted(set(ids or ()) - known):
            raise Reject(Code.NOT_FOUND, f"{user} has no token {missing[0]!r} that is good")
        return await (revoke or store.people.revoke)(user, ids)

    return {"token create": create, "token list": show, "token revoke": end}


def _shown(token: TokenInfo) -> Shown:
    return Shown(
        id=token.id,
        user=token.user.id,
        kind=token.kind,
        name=token.name,
        scopes=sorted(token.scopes or ()),
        rooms=sorted(token.rooms or ()),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        address=token.address,
        agent=token.agent,
    )


def life_ms(days: int) -> int:
    """Return how long a token of so many days lives; raises `bad_request`."""
    if not 1 <= days <= _MOST_DAYS:
        raise _refusal(f"a token lives 1 to {_MOST_DAYS} days, not {days}")
    return days * _DAY_MS


async def _owner(store: Store, id: str, role: str | None) -> User:  # noqa: A002 - a user's id
    if is_given(id):
        raise _refusal(f"{id!r} is a name that only the server gives")
    if not _USER_ID.fullmatch(id) or id == SYSTEM.user:
        raise _refusal(
            f"{id!r} cannot be a user: write 2 to 32 of a-z 0-9 . _ - beginning with a letter "
            f"or digit, and not {SYSTEM.user!r}"
        )
    wanted = _role(role) if role is not None else None
    user = await store.put_user(User(id=id, name=id, display_name=id, role=wanted or Role.USER))
    if wanted not in (None, user.role):
        raise _refusal(f"{id} has the role {user.role}: give no --role, or that one")
    if not user.active:
        raise _refusal(f"{id} is deactivated")
    return user


def _role(role: str) -> Role:
    if role not in tuple(Role):
        raise _refusal(f"{role!r} is no role: write one of {', '.join(Role)}")
    return Role(role)


def _scope(scope: str) -> Scope:
    if scope not in tuple(Scope):
        raise _refusal(f"{scope!r} is no scope: write some of {', '.join(Scope)}")
    return Scope(scope)


async def _rooms(store: Store, rooms: Collection[str]) -> frozenset[str]:
    """Return the names of *rooms*, which must be there: a slip would be a token for nothing."""
    if not 0 < len(rooms) <= _MOST_ROOMS:
        raise _refusal(f"a token is good in 1 to {_MOST_ROOMS} rooms, or in all")
    for room in rooms:
        found = await store.find_room(room)
        if found is None or found[0] != room:
            raise Reject(Code.NO_SUCH_ROOM, f"there is no room {room!r}")
    return frozenset(rooms)


def _refusal(text: str) -> Reject:
    return Reject(Code.BAD_REQUEST, text)
