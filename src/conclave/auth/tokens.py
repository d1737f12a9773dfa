"""
API tokens: made for a user by the operator, shown once, kept as a SHA-256 only.

256 random bits need no slow hash: nobody can try them all. What a session does when its
token expires is not decided here.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from conclave.model import SYSTEM, Identity, Role, TokenInfo, TokenKind, User
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject

# Whoever finds one in a file knows what it is, and a secret scanner does.
PREFIX: Final = "cvt_"
_RANDOM_BYTES: Final = 32
_TOKEN: Final = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_USER_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_DAY_MS: Final = 86_400_000
_MOST_DAYS: Final = 36_500


def _wall() -> int:
    return time.time_ns() // 1_000_000


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def digest(token: str) -> bytes:
    """Return what the store keeps of *token*."""
    return hashlib.sha256(token.encode()).digest()


def holds(token: TokenInfo, now: int) -> bool:
    """Return whether a token or session lets its user in at *now*."""
    expired = token.expires_at is not None and token.expires_at <= now
    return token.user.active and token.revoked_at is None and not expired


class TokenAuthenticator:
    """An `Authenticator` for the tokens that `grant_token` made."""

    def __init__(self, store: Store, wall: Callable[[], int] = _wall) -> None:
        self._store = store
        self._wall = wall

    async def authenticate(self, token: str) -> Identity | None:
        if not token.startswith(PREFIX):
            return None
        # Found by its digest: how long that takes tells nothing of the token.
        known = await self._store.token(digest(token)) if _TOKEN.fullmatch(token) else None
        if known is None or known.kind is not TokenKind.TOKEN or not holds(known, self._wall()):
            raise Reject(Code.AUTH_FAILED)
        user = known.user
        return Identity(
            user=user.id,
            name=user.display_name,
            role=user.role,
            expires_at=known.expires_at,
            session=known.id,
            scopes=known.scopes,
        )


async def grant_token(
    store: Store,
    user: str,
    *,
    name: str = "",
    days: int | None = None,
    role: str | None = None,
    wall: Callable[[], int] = _wall,
) -> str:
    """
    Return a new token for *user*, who is made if there is none; it is not to be had again.

    *days* is its life, for ever if None; *role* is for a new user, or must be the role the
    user has. Raises `Reject` with a text for the operator.
    """
    expires_at = None if days is None else wall() + life_ms(days)
    owner = await _owner(store, user, role)
    token = new_token()
    await store.create_token(owner.id, digest(token), name=name, expires_at=expires_at)
    return token


def token_commands(store: Store) -> dict[str, Callable[..., Awaitable[Any]]]:
    """Return what the control socket offers of tokens."""

    async def create(
        user: str, name: str = "", days: int | None = None, role: str | None = None
    ) -> str:
        return await grant_token(store, user, name=name, days=days, role=role)

    return {"token create": create}


def life_ms(days: int) -> int:
    """Return how long a token of so many days lives; raises `bad_request`."""
    if not 1 <= days <= _MOST_DAYS:
        raise _refusal(f"a token lives 1 to {_MOST_DAYS} days, not {days}")
    return days * _DAY_MS


async def _owner(store: Store, id: str, role: str | None) -> User:  # noqa: A002 - a user's id
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


def _refusal(text: str) -> Reject:
    return Reject(Code.BAD_REQUEST, text)
