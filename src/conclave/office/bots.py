"""Bots: accounts of programs, and tokens that are good for no more than they need."""

from collections.abc import Collection
from typing import Protocol

from conclave.model import Action, By, PersonInfo, Role, Scope
from conclave.office.people import People
from conclave.ports import Audit
from conclave.protocol.errors import Code, Reject


class Grant(Protocol):
    async def __call__(
        self,
        bot: str,
        *,
        name: str,
        scopes: Collection[str] | None,
        rooms: Collection[str] | None,
        days: int | None,
    ) -> str:
        """Store a token for *bot*, and return it: it is not to be had again."""


class Bots:
    def __init__(self, people: People, grant: Grant, audit: Audit) -> None:
        self._people = people
        self._grant = grant
        self._audit = audit

    async def listed(self, after: str, limit: int) -> list[PersonInfo]:
        """Return bots by id, those beyond *after*: those of webhooks are not among them."""
        return await self._people.bots(after, limit)

    async def create(self, name: str, by: By, *, display_name: str | None = None) -> PersonInfo:
        """Make the account of a bot: nobody signs in to it, its tokens let programs in."""
        return await self._people.create(name, by, display_name=display_name, role=Role.BOT)

    async def make_token(
        self,
        bot: str,
        by: By,
        *,
        name: str = "",
        scopes: Collection[Scope] | None = None,
        rooms: Collection[str] | None = None,
        days: int | None = None,
    ) -> str:
        """
        Return a new token of *bot*, which is shown once.

        *scopes* None: all that the bot may; *rooms* None: wherever it is; *days* None: for ever.
        Raises `conflict` for who is no bot: people make their own.
        """
        found = await self._people.show(bot)
        if found.role is not Role.BOT or not found.account:
            raise Reject(Code.CONFLICT, "This is no bot: people make their own tokens")
        if scopes is not None and (not scopes or Scope.ACCOUNT in scopes or Scope.ADMIN in scopes):
            raise Reject(Code.BAD_REQUEST, "Choose scopes of reading, writing and moderating")
        words = None if scopes is None else [str(one) for one in scopes]
        token = await self._grant(found.id, name=name, scopes=words, rooms=rooms, days=days)
        self._audit.note(by.note(Action.TOKEN_CREATED, target=found.id, name=name))
        return token
