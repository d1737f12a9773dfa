"""Rooms: create, join, leave, list."""

from collections.abc import Collection
from functools import partial
from itertools import accumulate

import msgspec

from conclave.controllers.dispatch import Access, Controller, Request, on, on_disconnect
from conclave.core.text import clean_line, clean_name
from conclave.core.turns import Turn
from conclave.model import Identity, Role, RoomInfo, RoomKind
from conclave.ports import Connection
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import CreateRoom, JoinRoom, LeaveRoom, ListRooms
from conclave.protocol.events import Rooms as RoomList
from conclave.protocol.lines import history


def _who(connection: Connection) -> Identity:
    assert connection.identity is not None  # the gate has let it through
    return connection.identity


def _fitting(rooms: list[RoomInfo], most_bytes: int) -> list[RoomInfo]:
    """Return as many of *rooms* as fit: a list longer than a queue would close its reader."""
    ends = accumulate(len(msgspec.json.encode(room)) + 1 for room in rooms)
    return [room for room, end in zip(rooms, ends, strict=True) if end <= most_bytes]


class Rooms(Controller):
    @on(JoinRoom, turn=Turn.BARRIER)
    async def join(self, connection: Connection, event: JoinRoom, request: Request) -> None:
        identity = _who(connection)
        found = await self.node.store.find_room(event.room)
        self._check_number(connection, found[0] if found else event.room)
        name, kind = found or await self._make(connection, event.room, identity)
        was_in = name in connection.rooms
        if kind is not RoomKind.PUBLIC:
            await self._check_invited(name, identity)
        # A place first: whom a full room refuses has become no member of it.
        with self.node.attendance.place(name, identity):
            if kind is RoomKind.PUBLIC:
                await self.node.relay.write(
                    self.node.store.ensure_member(name, identity),
                    partial(self._changed, identity.user, name),
                )
            attached = await self.node.attendance.join(
                connection,
                identity,
                name,
                event.since,
                lambda page: request.answer(history(page, identity.user)),
            )
        if attached:
            await self._read(connection, {name})
        if attached and not was_in:
            await self.hooks.run("join", connection, name)

    def _check_number(self, connection: Connection, room: str) -> None:
        limit = self.node.limits.rooms_per_connection
        if room not in connection.rooms and 0 < limit <= len(connection.rooms):
            raise Reject(Code.TOO_MANY_ROOMS)

    async def _make(
        self, connection: Connection, wanted: str, identity: Identity
    ) -> tuple[str, RoomKind]:
        """Return the id and kind of a room that was not there."""
        try:
            await self._create(connection, CreateRoom(wanted), identity)
        except Reject as no:
            # Somebody else has made it meanwhile.
            found = await self.node.store.find_room(wanted)
            if no.code != Code.ROOM_EXISTS or found is None:
                raise
            return found
        return wanted, RoomKind.PUBLIC

    async def _check_invited(self, room: str, identity: Identity) -> None:
        if await self.node.store.member(room, identity.user) is None:
            raise Reject(Code.NO_SUCH_ROOM)

    @on(CreateRoom)
    async def create(self, connection: Connection, event: CreateRoom) -> RoomInfo | None:
        identity = _who(connection)
        await self._create(connection, event, identity)
        return await self.node.store.room_for(event.room, identity.user)

    async def _create(self, connection: Connection, event: CreateRoom, identity: Identity) -> None:
        if identity.role is Role.GUEST:
            raise Reject(Code.FORBIDDEN, "Guests may not create rooms")
        # A room is for ever: who makes them pays as for messages.
        self.node.spend(connection)
        work = self.node.store.create_room(
            clean_name(event.room),
            identity,
            title=None if event.title is None else clean_line(event.title),
            topic=None if event.topic is None else clean_line(event.topic),
            kind=RoomKind(event.kind),
        )
        await self.node.relay.write(work, partial(self._changed, identity.user, event.room))
        # Its only member was told at once, not as news.
        self.node.news.forget(event.room)

    async def _changed(self, user: str, room: str) -> None:
        """Tell all devices of *user* that the room is on their list now."""
        for connection in self.node.hub.of(user):
            self.node.hub.watch(connection, [room])
        info = await self.node.store.room_for(room, user)
        if info is not None:
            self.node.tell_changed(user, info)

    async def _read(self, connection: Connection, rooms: Collection[str]) -> None:
        """Move the read marks: what a connection was told counts as read."""
        for room in list(rooms):
            if (head := self.node.attendance.head(room)) is not None:
                await self.node.store.mark_read(room, connection.user, head)

    @on(LeaveRoom, turn=Turn.BARRIER)
    async def leave(self, connection: Connection, event: LeaveRoom) -> None:
        # Leaving a room one is not in changes nothing, and nobody hears of it.
        await self._read(connection, connection.rooms & {event.room})
        if self.node.attendance.leave(connection, event.room):
            await self.hooks.run("leave", connection, event.room)

    @on_disconnect
    async def part(self, connection: Connection, _code: int, _reason: str) -> None:
        rooms = set(connection.rooms)
        for room in rooms:
            self.node.attendance.leave(connection, room, broken=True)
        await self._read(connection, rooms)

    @on(ListRooms, turn=Turn.READ, needs=Access.USER)
    async def list(self, connection: Connection, event: ListRooms) -> RoomList:
        store, user = self.node.store, _who(connection).user
        await self._read(connection, connection.rooms)
        mine = event.scope == "mine"
        found = await (store.rooms_of(user) if mine else store.public_rooms(user))
        return RoomList(_fitting(found, self.node.limits.page_bytes))
