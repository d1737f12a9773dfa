"""Links by which people make an account here: made, listed, revoked."""

from collections.abc import Callable
from typing import Final

from conclave.core.names import clean_display_name
from conclave.model import Action, By, Link, LinkKind, Role
from conclave.office.linking import MakeLink
from conclave.ports import Accounts, Audit
from conclave.protocol.errors import Code, Reject

_DAY_MS: Final = 86_400_000
_MOST_DAYS: Final = 365
_MOST_USES: Final = 10_000
# Whose secrets an admin may hand out; those into rooms are a matter of rooms.
_KINDS: Final = (LinkKind.SETUP, LinkKind.INVITE, LinkKind.RESET)


class Invites:
    def __init__(
        self, accounts: Accounts, make_link: MakeLink, audit: Audit, wall: Callable[[], int]
    ) -> None:
        self._accounts = accounts
        self._make_link = make_link
        self._audit = audit
        self._wall = wall

    async def listed(self) -> list[Link]:
        """Return the links that are good now, the newest first; their secrets nobody has."""
        return await self._accounts.links(_KINDS)

    async def make(
        self,
        by: By,
        *,
        name: str = "",
        role: Role = Role.USER,
        uses: int | None = 1,
        days: int | None = 7,
        room: str | None = None,
    ) -> tuple[str, Link]:
        """
        Return the secret of a new invitation, which is not to be had again, and what it is.

        *room*: where who accepts it is a member at once; who cannot make links into it cannot
        make this one.
        """
        if uses is not None and not 1 <= uses <= _MOST_USES:
            raise Reject(Code.BAD_REQUEST, f"An invitation is good 1 to {_MOST_USES:,} times")
        if days is not None and not 1 <= days <= _MOST_DAYS:
            raise Reject(Code.BAD_REQUEST, f"An invitation lives 1 to {_MOST_DAYS} days")
        if role is Role.ADMIN and (uses != 1 or days is None):
            raise Reject(Code.BAD_REQUEST, "An invitation of an admin is good once, and ends")
        secret, link = await self._make_link(
            LinkKind.INVITE,
            created_by=by.actor,
            name=clean_display_name(name) if name.strip() else "",
            expires_at=None if days is None else self._wall() + days * _DAY_MS,
            uses=uses,
            role=role,
            room=room,
        )
        note = by.note(
            Action.LINK_CREATED,
            room=room,
            how="invite",
            id=link.id,
            name=link.name,
            role=str(role),
        )
        self._audit.note(note)
        return secret, link

    async def revoke(self, id: str, by: By) -> None:  # noqa: A002 - a link's id
        """Let a link be good for nothing any more; raises `not_found`."""
        known = {link.id: link for link in await self.listed()}
        if id not in known or not await self._accounts.revoke_link(id):
            raise Reject(Code.NOT_FOUND)
        how = str(known[id].kind)
        self._audit.note(by.note(Action.LINK_REVOKED, target=known[id].user, how=how, id=id))
