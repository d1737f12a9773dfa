"""The `ports.People` of a SQLite store: its rows, its writer and its readers put together."""

from collections.abc import Awaitable, Callable, Collection
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from conclave.model import SYSTEM, Role, TokenInfo, User
from conclave.storage import membership, people, tokens
from conclave.storage.log import Log

T = TypeVar("T")


class Runs(Protocol):
    """Runs a query or a job on a thread of the store's."""

    def __call__(self, work: Callable[[Connection], T], /) -> Awaitable[T]: ...


class Directory:
    """Accounts, profiles and tokens; its methods belong to the store's loop."""

    def __init__(self, read: Runs, write: Runs, clock: Callable[[], int]) -> None:
        self._read = read
        self._write = write
        self._clock = clock

    async def create_account(
        self, name: str, *, display_name: str | None = None, role: Role = Role.USER
    ) -> User:
        return await self._write(
            lambda connection: people.create_account(
                connection, name, display_name, role, self._clock()
            )
        )

    async def change(
        self,
        user: str,
        *,
        display_name: str | None = None,
        about: str | None = None,
        role: Role | None = None,
        active: bool | None = None,
    ) -> User:
        def job(connection: Connection) -> User:
            changed = people.change_user(connection, user, display_name, about, role, active)
            if active is False:
                # Rooms hear of it with the next sweep, as of all that a store knows alone.
                membership.hand_over(connection, Log(connection.dialect, self._clock), SYSTEM, user)
            return changed

        return await self._write(job)

    async def find(self, query: str, *, after: str = "", limit: int = 50) -> list[User]:
        return await self._read(
            lambda connection: people.find_people(connection, query, after, limit)
        )

    async def share_a_room(self, user: str, other: str) -> bool:
        return await self._read(lambda connection: people.share_a_room(connection, user, other))

    async def tokens(self, user: str | None = None) -> list[TokenInfo]:
        now = self._clock()
        return await self._read(lambda connection: tokens.all_good_tokens(connection, user, now))

    async def revoke(
        self, user: str, tokens_: Collection[str] | None = None, *, but: str | None = None
    ) -> list[str]:
        return await self._write(
            lambda connection: tokens.revoke_any(connection, user, tokens_, but, self._clock())
        )
