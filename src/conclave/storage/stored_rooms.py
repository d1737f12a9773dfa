"""The rooms of a store and who belongs to them: the part of it that `SqlStore` inherits."""

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from conclave.model import (
    Entry,
    Identity,
    MemberInfo,
    Page,
    Position,
    RoomInfo,
    RoomKind,
    RoomRole,
    TokenInfo,
    User,
)
from conclave.storage import infos
from conclave.storage import rooms as room_rows
from conclave.storage.log import Log
from conclave.storage.marks import ReadMarks
from conclave.storage.named import PublicNames
from conclave.storage.pages import PAGE_BYTES
from conclave.storage.people import find_coming, find_users
from conclave.storage.readers import Readers
from conclave.storage.resuming import missed
from conclave.storage.rights import admit
from conclave.storage.tokens import find_token_coming
from conclave.storage.writing import Writing


class StoredRooms:
    """Creates, finds, joins and lists rooms, by the writer and the readers of its store."""

    _epoch: str
    _clock: Callable[[], int]
    _log: Log
    _writer: Writing[Any, Any]
    _readers: Readers
    _marks: ReadMarks

    @cached_property
    def names(self) -> PublicNames:
        """The names of public rooms; whoever makes or deletes a room says so to it."""
        return PublicNames(self._public_names)

    async def create_room(
        self,
        room: str,
        creator: Identity,
        *,
        title: str | None = None,
        topic: str | None = None,
        kind: RoomKind = RoomKind.PUBLIC,
        client_id: str | None = None,
        most: int = 0,
    ) -> list[Entry]:
        words = {"title": room if title is None else title, "topic": topic or "", "kind": str(kind)}
        with self.names.changing():
            return await self._writer.run(
                lambda connection: room_rows.create_room(
                    connection, self._log, room, creator, self._clock(), client_id, most, **words
                )
            )

    async def find_room(self, room: str) -> tuple[str, RoomKind] | None:
        return await self._readers.look(lambda connection: room_rows.find_room(connection, room))

    async def way_in(self, room: str, user: str) -> tuple[str, RoomKind, RoomRole | None] | None:
        return await self._readers.look(
            lambda connection: room_rows.find_way_in(connection, room, user)
        )

    async def ensure_member(self, room: str, identity: Identity) -> list[Entry]:
        if await self.member(room, identity.user) is not None:
            return []
        return await self._writer.run(
            lambda connection: room_rows.ensure_member(
                connection, self._log, room, identity, self._clock()
            )
        )

    async def member(self, room: str, user: str) -> RoomRole | None:
        return await self._readers.look(
            lambda connection: room_rows.find_member(connection, room, user)
        )

    async def members(self, room: str) -> list[str]:
        return await self._readers.read(lambda connection: room_rows.member_ids(connection, room))

    async def quit_room(
        self, room: str, identity: Identity, *, client_id: str | None = None
    ) -> list[Entry]:
        return await self._writer.run(
            lambda connection: room_rows.quit_room(
                connection, self._log, room, identity, self._clock(), client_id
            )
        )

    async def list_members(
        self, room: str, *, after: str = "", limit: int = 100, reader: str | None = None
    ) -> list[MemberInfo]:
        def query(connection: Connection) -> list[MemberInfo]:
            admit(connection, room, reader, self._clock())
            return room_rows.list_members(connection, room, after, limit)

        return await self._readers.read(query)

    def mark_read(self, room: str, user: str, seq: int) -> None:
        self._marks.set(room, user, seq)

    async def room_for(self, room: str, user: str) -> RoomInfo | None:
        asking = self._asking()
        return await self._readers.read(
            lambda connection: infos.room_for(connection, room, user, asking)
        )

    async def room_for_each(self, room: str, users: Collection[str]) -> dict[str, RoomInfo]:
        asking = self._asking()
        return await self._readers.read(
            lambda connection: infos.room_for_each(connection, room, users, asking)
        )

    async def rooms_of(
        self, user: str, *, after: str = "", limit: int = infos.MOST_LISTED
    ) -> list[RoomInfo]:
        asking = self._asking()
        return await self._readers.read(
            lambda connection: infos.rooms_of(connection, user, asking, after, limit)
        )

    async def names_of(self, user: str) -> list[str]:
        return await self._readers.look(lambda connection: infos.names_of(connection, user))

    async def coming_in(self, user: str) -> tuple[User | None, list[str]]:
        return await self._readers.look(lambda connection: find_coming(connection, user))

    async def token_coming_in(self, digest: bytes) -> tuple[TokenInfo, list[str]] | None:
        return await self._readers.look(lambda connection: find_token_coming(connection, digest))

    async def users(self, ids: Collection[str]) -> list[User]:
        return await self._readers.read(lambda connection: find_users(connection, ids))

    async def missed(
        self, user: str, known: Mapping[str, Position], *, most_bytes: int = PAGE_BYTES
    ) -> dict[str, Page]:
        return await self._readers.look(
            lambda connection: missed(
                connection, self._epoch, user, known, self._clock(), most_bytes
            )
        )

    async def public_rooms(
        self, user: str, *, after: str = "", limit: int = infos.MOST_LISTED
    ) -> list[RoomInfo]:
        asking = self._asking()
        return await self._readers.read(
            lambda connection: infos.public_rooms(connection, user, asking, after, limit)
        )

    async def public_names(self, *, limit: int = infos.MOST_LISTED) -> list[str]:
        return await self.names.first(limit)

    async def _public_names(self, limit: int) -> list[str]:
        return await self._readers.look(lambda connection: infos.public_names(connection, limit))

    def _asking(self) -> infos.Asking:
        return infos.Asking(self._marks.now(), self._clock())
