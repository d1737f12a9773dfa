"""
Sessions of pages: opened by signing in, kept in an HttpOnly cookie, stored as a digest.

Who holds one is asked anew at each use: a session that was revoked, a user who was
deactivated, a role that changed count from that moment. What opens one is `signing_in`'s.
"""

import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from math import inf
from typing import Final, NamedTuple

from conclave.auth.tokens import bared, digest, holds, stands
from conclave.model import (
    Action,
    Identity,
    Note,
    Place,
    Role,
    TokenInfo,
    TokenKind,
    User,
    Via,
    details,
)
from conclave.ports import Accounts, Audit, Clock, Store
from conclave.protocol.errors import Code, Reject

PREFIX: Final = "cvs_"
_RANDOM_BYTES: Final = 32
_SESSION: Final = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_DAY_MS: Final = 86_400_000
# Of one user: then the one that was not used for longest goes.
MOST: Final = 20
# A use is noted when the last one noted is older than this.
_NOTE_EVERY_MS: Final = 60_000
# Called with a user and the ids of sessions or tokens that are not good any more.
Gone = Callable[[str, Collection[str]], None]


class Opened(NamedTuple):
    """A new session; *secret* is what the cookie holds, and is not to be had again."""

    secret: str
    info: TokenInfo


class Sessions:
    """
    Opens sessions and says who holds one.

    *factor_for*: roles that must have a second factor; until they do, a session is good for
    setting one up and nothing else.
    """

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        audit: Audit,
        clock: Clock,
        gone: Gone,
        *,
        days: int,
        factor_for: Collection[Role] = (),
        most: int = MOST,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._audit = audit
        self._clock = clock
        self._gone = gone
        self._life_ms = days * _DAY_MS
        self._factor_for = frozenset(factor_for)
        self._most = most

    async def open(
        self,
        user: User,
        place: Place,
        how: str,
        days: int | None = None,
        password: str | None = None,
        via: Via | None = None,
    ) -> Opened:
        """
        Open a session for *user*, who has come in by *how*; raises `auth_failed`.

        *password*: what was kept of the one that was judged. While that was done, or a second
        factor was awaited, it may have been changed, and the sessions of the old one ended.
        """
        secret = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        life = self._life_ms if days is None else days * _DAY_MS
        info, replaced = await self._accounts.open_session(
            user.id,
            digest(secret),
            expires_at=self._clock.wall() + life,
            place=place,
            most=self._most,
            password=password,
            via=via,
        )
        self._gone(user.id, replaced)
        self._note(Action.SESSION_STARTED, user.id, place, how)
        return Opened(secret, info)

    async def find(self, secret: str, place: Place) -> tuple[Identity, TokenInfo]:
        """Return whose session *secret* is; raises `auth_failed`."""
        found = await self._accounts.token(digest(secret)) if _SESSION.fullmatch(secret) else None
        if found is None or found.kind is not TokenKind.SESSION or not self._holds(found):
            raise Reject(Code.AUTH_FAILED)
        self.note_use(found, place)
        return await self.identity(found), found

    def note_use(self, token: TokenInfo, place: Place) -> None:
        """Remember that *token* was used; not each time."""
        last = token.last_used_at or 0
        if self._clock.wall() - last >= _NOTE_EVERY_MS or token.address != place.address:
            self._accounts.note_use(token.id, place)

    async def identity(self, token: TokenInfo) -> Identity:
        user = token.user
        # Also of a token, with which somebody asked for a ticket.
        scopes = bared(token.scopes) if await self.lacks_factor(user) else token.scopes
        return Identity(
            user=user.id,
            name=user.display_name,
            role=user.role,
            expires_at=token.expires_at,
            session=token.id,
            scopes=scopes,
            rooms=token.rooms,
        )

    async def lacks_factor(self, user: User) -> bool:
        """
        Return whether *user* must have a second factor and has none.

        Who is vouched for by another system sets none up here: that system asks for one.
        """
        if not (user.account and self.must_have_factor(user.role)):
            return False
        return not (await self._accounts.factors(user.id)).any

    def must_have_factor(self, role: Role) -> bool:
        return role in self._factor_for

    async def still(self, identity: Identity) -> Identity | None:
        """
        Return who *identity* is now; None if what it came in with has been revoked, or removed.

        Whether it has ended is not asked: a connection knows that by a clock that never jumps.
        """
        if identity.session is None:
            user = await self._store.user(identity.user)
            return identity if user is None or user.active else None
        found = await self._accounts.token_by_id(identity.session)
        if found is None or not stands(found):
            return None
        return await self.identity(found)

    async def suspects(self, identities: Sequence[Identity]) -> list[Identity]:
        """
        Return those of whom one look at all does not say that they are as they were.

        Of them `still` knows more. Who came in by what is not kept here is none of them.
        """
        ids = {one.session for one in identities if one.session is not None}
        found = {one.id: one for one in await self._accounts.tokens_by_id(ids)} if ids else {}
        return [one for one in identities if one.session and not self._is(one, found)]

    def _is(self, identity: Identity, found: Mapping[str, TokenInfo]) -> bool:
        token = found.get(identity.session or "")
        if token is None or not stands(token) or self.must_have_factor(token.user.role):
            return False
        return (token.scopes, token.rooms) == (identity.scopes, identity.rooms)

    async def good(self, identity: Identity) -> Identity | None:
        """Return who *identity* is now, as `still`; None also if its time is over."""
        now = await self.still(identity)
        over = now is not None and (now.expires_at or inf) <= self._clock.wall()
        return None if over else now

    def _holds(self, token: TokenInfo) -> bool:
        return holds(token, self._clock.wall())

    async def listed(self, user: str) -> list[TokenInfo]:
        """Return the user's sessions, the one used last first."""
        return await self._accounts.tokens_of(user, TokenKind.SESSION)

    async def end(self, user: str, id: str, place: Place, *, own: bool) -> None:  # noqa: A002 - a token's id
        """Revoke one; *own*: by signing out in it. Raises `not_found`."""
        if not await self._accounts.revoke_token(user, TokenKind.SESSION, id):
            raise Reject(Code.NOT_FOUND)
        self._gone(user, [id])
        self._note(Action.SESSION_ENDED if own else Action.SESSION_REVOKED, user, place)

    async def end_others(self, user: str, but: str | None, place: Place) -> int:
        """Revoke all but one; return how many."""
        revoked = await self._accounts.revoke_tokens(user, TokenKind.SESSION, but=but)
        self._gone(user, revoked)
        if revoked:
            self._note(Action.SESSION_REVOKED, user, place, times=len(revoked))
        return len(revoked)

    def _note(self, action: Action, user: str, place: Place, how: str = "", times: int = 0) -> None:
        said = details({"how": how} if how else {"times": times} if times else {})
        self._audit.note(
            Note(action=action, actor=user, target=user, address=place.address, details=said)
        )
