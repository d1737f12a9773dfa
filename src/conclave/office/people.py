"""The people of a server: made, given roles, deactivated, helped when they cannot come in."""

from collections.abc import Callable
from typing import Final

from conclave.model import (
    Action,
    By,
    LinkKind,
    PersonChange,
    PersonInfo,
    Role,
    TokenInfo,
    TokenKind,
)
from conclave.office.linking import LacksFactor, MakeLink
from conclave.office.live import Live
from conclave.ports import Audit, Registry
from conclave.ports import People as PeopleStore
from conclave.protocol.errors import Close, Code, Reject

RESET_FOR_MS: Final = 86_400_000


class People:
    """All of it is written down; what connected people must hear they hear."""

    def __init__(
        self,
        registry: Registry,
        make_link: MakeLink,
        people: PeopleStore,
        audit: Audit,
        live: Live,
        wall: Callable[[], int],
        lacks_factor: LacksFactor,
    ) -> None:
        self._registry = registry
        self._make_link = make_link
        self._people = people
        self._audit = audit
        self._live = live
        self._wall = wall
        self._lacks_factor = lacks_factor

    async def listed(self, query: str, after: str, limit: int) -> list[PersonInfo]:
        return await self._registry.people(query, after=after, limit=limit)

    async def bots(self, after: str, limit: int) -> list[PersonInfo]:
        return await self._registry.people("", after=after, limit=limit, bots=True)

    async def show(self, user: str) -> PersonInfo:
        return await self._registry.person(user)

    async def create(
        self, name: str, by: By, *, display_name: str | None = None, role: Role = Role.USER
    ) -> PersonInfo:
        """Make an account without a password: `reset_link` lets its owner choose one."""
        made = await self._registry.create(name, by, display_name=display_name, role=role)
        return await self._registry.person(made.id)

    async def change(self, user: str, change: PersonChange, by: By) -> PersonInfo:
        """
        Change somebody. Who is deactivated is shut out at once, and let in no more.

        Nobody does it to themselves but for the name: a slip would lock them out.
        """
        found = await self._registry.person(user)
        if found.id == by.actor and (change.role, change.active) != (None, None):
            raise Reject(Code.FORBIDDEN, "Nobody changes their own role: ask another admin")
        await self._live.guarded(self._change(found.id, change, by))
        return await self._registry.person(found.id)

    async def _change(self, user: str, change: PersonChange, by: By) -> None:
        changed = await self._registry.change(user, change, by)
        if changed.before.active and not changed.user.active:
            self._live.part(user, None, Close.BANNED, "This user is deactivated")
            await self._live.told(changed.entries)
        elif changed.before != changed.user:
            if changed.before.role is not changed.user.role:
                await self._end_if_bare(user, by)
            self._live.changed(changed.user)

    async def _end_if_bare(self, user: str, by: By) -> None:
        """
        End the sessions of who lacks a second factor now: their open sockets may do everything.

        A new one is good for setting a factor up, and for nothing else until then.
        """
        open_ = await self._people.tokens(user)
        if not open_ or not await self._lacks_factor(open_[0].user):
            return
        sessions = [one.id for one in open_ if one.kind is TokenKind.SESSION]
        if sessions:
            await self._revoke(user, sessions, by)
        # What programs have stays, and is worth no more than such a session: they come back.
        tokens = [one.id for one in open_ if one.kind is TokenKind.TOKEN]
        self._live.part(user, tokens, Close.STATE_LOST, "What this token may is another now")

    async def sessions(self, user: str) -> list[TokenInfo]:
        """Return the sessions and tokens that let somebody in now."""
        return await self._people.tokens((await self._registry.person(user)).id)

    async def sign_out(self, user: str, by: By) -> int:
        """End all sessions of somebody, and revoke all their tokens; return how many."""
        id_ = (await self._registry.person(user)).id
        return await self._live.guarded(self._revoke(id_, None, by))

    async def end_session(self, user: str, session: str, by: By) -> None:
        """End one session, or revoke one token; raises `not_found`."""
        id_ = (await self._registry.person(user)).id
        if not await self._live.guarded(self._revoke(id_, [session], by)):
            raise Reject(Code.NOT_FOUND)

    async def _revoke(self, user: str, tokens: list[str] | None, by: By) -> int:
        kinds = {token.id: token.kind for token in await self._people.tokens(user)}
        revoked = await self._people.revoke(user, tokens)
        self._live.part(user, tokens, Close.SESSION_REVOKED, "Session revoked")
        for id_ in revoked:
            is_token = kinds.get(id_) is TokenKind.TOKEN
            action = Action.TOKEN_REVOKED if is_token else Action.SESSION_REVOKED
            self._audit.note(by.note(action, target=user, id=id_))
        return len(revoked)

    async def to_erase(self, user: str, by: By) -> str:
        """Return the id of *user*, whom *by* may erase; nobody erases themselves by a slip."""
        found = await self._registry.person(user)
        if found.id == by.actor:
            raise Reject(Code.FORBIDDEN, "Nobody erases themselves: ask another admin")
        if found.role is Role.ADMIN and found.active:
            # So it is seen that another admin is left.
            raise Reject(Code.FORBIDDEN, "They are an admin: deactivate them first")
        return found.id

    async def reset_link(self, user: str, by: By) -> str:
        """
        Return the secret of a link by which somebody chooses a new password, once.

        It holds for a day, and replaces an earlier one. It is not to be had again.
        """
        found = await self._registry.person(user)
        if found.id == by.actor:
            # It would be a new password without the old one, for whoever is at the screen.
            raise Reject(Code.FORBIDDEN, "Change your own password with the one you have")
        if not found.account:
            raise Reject(Code.CONFLICT, "Another system looks after their password")
        if not found.active:
            raise Reject(Code.FORBIDDEN, "They are deactivated: activate them first")
        secret, link = await self._make_link(
            LinkKind.RESET,
            created_by=by.actor,
            expires_at=self._wall() + RESET_FOR_MS,
            user=found.id,
        )
        self._audit.note(by.note(Action.LINK_CREATED, target=found.id, how="reset", id=link.id))
        return secret

    async def drop_factors(self, user: str, by: By) -> None:
        """Forget the second factors of somebody who lost them; raises `not_found` without any."""
        id_ = (await self._registry.person(user)).id
        if id_ == by.actor:
            raise Reject(Code.FORBIDDEN, "Take your own away with your password")
        await self._live.guarded(self._drop_factors(id_, by))

    async def _drop_factors(self, user: str, by: By) -> None:
        if not await self._registry.drop_factors(user, by):
            raise Reject(Code.NOT_FOUND)
        await self._end_if_bare(user, by)
