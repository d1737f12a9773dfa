"""The `ports.Registry` of one SQLite file: each method is one query or job of its store."""

from collections.abc import Callable
from typing import Final

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
from conclave.storage import registry_people, registry_rooms
from conclave.storage.lines import now_ms
from conclave.storage.sqlstore import SqlStore

# Who writes to whom directly is nobody's business unless it is asked for.
_NOT_DIRECT: Final = frozenset(RoomKind) - {RoomKind.DIRECT}


class SqlRegistry:
    """People and rooms of *store*, by *clock* in milliseconds since 1970."""

    def __init__(self, store: SqlStore, clock: Callable[[], int] = now_ms) -> None:
        self._store = store
        self._clock = clock

    async def people(
        self, query: str = "", *, after: str = "", limit: int = 50, bots: bool = False
    ) -> list[PersonInfo]:
        asked = (query, after, limit, bots, self._clock())
        return await self._store.read(lambda c: registry_people.list_people(c, *asked))

    async def person(self, user: str) -> PersonInfo:
        return await self._store.read(lambda c: registry_people.find_person(c, user, self._clock()))

    async def create(
        self, name: str, by: By, *, display_name: str | None = None, role: Role = Role.USER
    ) -> User:
        asked = (name, display_name, role, by, self._clock())
        return await self._store.write(lambda c, log: registry_people.create_person(c, log, *asked))

    async def change(self, user: str, change: PersonChange, by: By) -> Changed:
        return await self._store.write(
            lambda c, log: registry_people.change_person(c, log, user, change, by, self._clock())
        )

    async def drop_factors(self, user: str, by: By) -> bool:
        return await self._store.write(
            lambda c, log: registry_people.drop_factors(c, log, user, by, self._clock())
        )

    async def rooms(
        self,
        query: str = "",
        *,
        kinds: frozenset[RoomKind] | None = None,
        after: str = "",
        limit: int = 50,
    ) -> list[RoomFacts]:
        wanted = _NOT_DIRECT if kinds is None else kinds
        return await self._store.read(
            lambda c: registry_rooms.list_rooms(c, query, wanted, after, limit)
        )

    async def room(self, room: str) -> RoomFacts:
        return await self._store.read(lambda c: registry_rooms.find_facts(c, room))
