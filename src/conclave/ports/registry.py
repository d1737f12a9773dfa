"""All people and rooms of a server, for who looks after it."""

from typing import Protocol

from conclave.model import (
    By,
    Changed,
    PersonChange,
    PersonInfo,
    Role,
    RoomFacts,
    RoomKind,
    User,
)


class Registry(Protocol):
    """
    What an admin sees and changes; whoever asks has seen to it that they may.

    What is changed stands in the audit log by the same transaction.
    """

    async def people(
        self, query: str = "", *, after: str = "", limit: int = 50, bots: bool = False
    ) -> list[PersonInfo]:
        """
        Return people by id, those beyond *after*, whose id or name has *query* in it.

        *bots*: only accounts of bots.
        """

    async def person(self, user: str) -> PersonInfo:
        """Return who has this id, or else claimed this name; raises `no_such_user`."""

    async def create(
        self, name: str, by: By, *, display_name: str | None = None, role: Role = Role.USER
    ) -> User:
        """Make an account; raises `name_taken`, and `bad_request` for what is no name."""

    async def change(self, user: str, change: PersonChange, by: By) -> Changed:
        """
        Change somebody; what lets the deactivated in is revoked, what they own handed over.

        Raises `no_such_user`; `forbidden` where no admin would be left; `bad_request`.
        """

    async def drop_factors(self, user: str, by: By) -> bool:
        """Forget the second factors of *user*, who lost them; return whether there were any."""

    async def rooms(
        self,
        query: str = "",
        *,
        kinds: frozenset[RoomKind] | None = None,
        after: str = "",
        limit: int = 50,
    ) -> list[RoomFacts]:
        """Return rooms by name, those beyond *after*, whose name or title has *query* in it."""

    async def room(self, room: str) -> RoomFacts:
        """Return the room of this name, found after case folding; raises `no_such_room`."""
