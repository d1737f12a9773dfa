"""Rooms: create, join, leave, list."""

import asyncio
from collections.abc import Callable, Iterable, Sized
from contextlib import suppress
from functools import partial
from typing import Any, Final, NamedTuple

from conclave.controllers.dispatch import Access, Controller, Request, on, on_disconnect
from conclave.controllers.node import Node
from conclave.controllers.rights import check_act
from conclave.controllers.roomlists import MOST_LISTED, not_joined, page_of
from conclave.controllers.sending import send, update_of
from conclave.controllers.telling import tell_changed, who
from conclave.core.ratelimit import Cost
from conclave.core.text import clean_line, clean_name
from conclave.core.turns import Turn
from conclave.model import Act, Action, Identity, Page, Position, Role, RoomInfo, RoomKind
from conclave.ports import Connection
from conclave.protocol.codec import encode_event
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import History, InRoom, Joined, Stored
from conclave.protocol.events import Rooms as RoomList
from conclave.protocol.lines import history
from conclave.protocol.requests import (
    CreateRoom,
    EnterRoom,
    JoinRoom,
    JoinRooms,
    LeaveRoom,
    ListRooms,
    RoomSettings,
    RoomSince,
    UpdateRoom,
)
from conclave.relay import Ahead, places_in

# What `join:rooms` brings at most, in pages, and of one room at least, in bytes.
_PAGES_AT_ONCE: Final = 4
_LEAST_PAGE: Final = 2_048
# After the pages comes who is present: about so many bytes for each of those named.
_PRESENT_BYTES: Final = 100
_MOST_PRESENT: Final = 100
# The store reads for two at a time: what more of them hold meanwhile, Python keeps for good.
_JOINS_AT_ONCE: Final = 16
# When to ask for the rooms that had no place any more.
_ROOMS_AGAIN_MS: Final = 250


def _update(event: UpdateRoom) -> dict[str, Any]:
    """Return what an update says of a room."""
    words = {"title": event.title, "topic": event.topic}
    extra: dict[str, Any] = {
        name: clean_line(text) for name, text in words.items() if text is not None
    }
    settings = event.settings or RoomSettings()
    given = {"slow_mode": settings.slow_mode, "history": settings.history}
    extra |= {name: value for name, value in given.items() if value is not None}
    if not extra or extra.get("title") == "":
        raise Reject(Code.BAD_REQUEST, "Give a title, which is not empty, a topic or a setting")
    return extra


class Wish(NamedTuple):
    """A room to join, and what else `Attendance.join` is to be told."""

    room: str
    since: Position | None
    greet: Callable[[Page], None]
    most_bytes: int
    ahead: Ahead | None


class Rooms(Controller):
    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._joining = asyncio.Semaphore(_JOINS_AT_ONCE)

    @on(JoinRoom, turn=Turn.BARRIER, costs=Cost.JOIN, act=Act.JOIN, answers=History)
    async def join(self, connection: Connection, event: JoinRoom, request: Request) -> None:
        def greet(page: Page) -> None:
            request.answer(history(page, connection.user))

        room, since, most_bytes = event.room, event.since, self.node.limits.page_bytes
        # Of one room nothing is read ahead: its pages are shared by all who missed the same.
        await self._join(connection, Wish(room, since, greet, most_bytes, None))

    @on(JoinRooms, turn=Turn.BARRIER, costs=Cost.JOIN, act=Act.JOIN)
    async def join_all(self, connection: Connection, event: JoinRooms) -> Joined:
        # All pages together must fit into the queue of a connection that reads slowly.
        left, refused = _PAGES_AT_ONCE * self.node.limits.page_bytes, []

        def greet(page: Page) -> None:
            nonlocal left
            told = encode_event(history(page, connection.user))
            left -= len(told.framed)
            connection.offer(told)

        ahead = await self._look_ahead(connection, event.rooms, self._share(left, event.rooms))
        async with places_in(self.node.attendance, ahead, who(connection)):
            for done, (room, since) in enumerate((one.room, one.since) for one in event.rooms):
                wish = Wish(
                    room, since, greet, self._share(left, event.rooms[done:]), ahead.get(room)
                )
                try:
                    if left <= 0:
                        raise Reject(Code.BUSY, retry_after_ms=_ROOMS_AGAIN_MS)
                    if done:  # the first was paid at the gate
                        self.node.spend(connection, Cost.JOIN)
                    await self._join(connection, wish)
                    left -= _PRESENT_BYTES * min(self.node.attendance.count(room), _MOST_PRESENT)
                except Reject as no:
                    self.node.meters.refused.add(no.code)
                    refused.append(not_joined(room, no))
        return Joined(refused)

    def _share(self, left: int, rooms: Sized) -> int:
        """Return how large a page of each of *rooms* may be, of so many bytes for all."""
        return min(max(left // max(len(rooms), 1), _LEAST_PAGE), self.node.limits.page_bytes)

    async def _look_ahead(
        self, connection: Connection, rooms: Iterable[RoomSince], most_bytes: int
    ) -> dict[str, Ahead]:
        """Return what one query finds of *rooms*: of who comes back, all they missed of most."""
        known = {one.room: one.since for one in rooms if one.since is not None}
        async with self._joining:
            # What refuses this refuses each room, too, and says so for each.
            with suppress(Reject):
                return await self.node.attendance.look_ahead(connection.user, known, most_bytes)
        return {}

    async def _join(self, connection: Connection, wish: Wish) -> None:
        identity = who(connection)
        async with self._joining:
            name, stranger = await self._way_in(connection, wish)
            was_in = name in connection.rooms
            # A place first: whom a full room refuses has become no member of it.
            with self.node.attendance.place(name, identity):
                await self.node.attendance.seat(name, identity.user)
                if stranger:
                    await self._admit(connection, name, identity)
                attached = await self.node.attendance.join(connection, identity, name, *wish[1:])
            if attached and not was_in:
                await self.hooks.run("join", connection, name)

    async def _way_in(self, connection: Connection, wish: Wish) -> tuple[str, bool]:
        """Return what the room is called, and whether to make a member of who comes in."""
        if wish.ahead is not None:
            # What was missed is found for members only, by the name as it is.
            self._check_number(connection, wish.room)
            return wish.room, False
        found = await self.node.store.way_in(wish.room, who(connection).user)
        self._check_number(connection, found[0] if found else wish.room)
        if found is None:
            return await self._made_way(connection, wish.room)
        name, kind, role = found
        # Whether a member still is one is asked at the moment of their page.
        if role is None and kind is not RoomKind.PUBLIC:
            raise Reject(Code.NO_SUCH_ROOM)
        return name, role is None

    async def _made_way(self, connection: Connection, wanted: str) -> tuple[str, bool]:
        """Let a room be there; somebody else may have made it meanwhile, and for others."""
        name, kind = await self._make(connection, wanted)
        if kind is not RoomKind.PUBLIC:
            await self._check_invited(name, who(connection))
        return name, kind is RoomKind.PUBLIC

    @on(EnterRoom, turn=Turn.BARRIER, costs=Cost.JOIN, act=Act.JOIN)
    async def enter(self, connection: Connection, event: EnterRoom) -> InRoom:
        found = await self.node.store.way_in(event.room, who(connection).user)
        if found is None:
            raise Reject(Code.NO_SUCH_ROOM)
        name, kind, role = found
        if role is None:
            if kind is not RoomKind.PUBLIC:
                raise Reject(Code.NO_SUCH_ROOM)
            await self._admit(connection, name, who(connection))
        return InRoom(name)

    async def _admit(self, connection: Connection, name: str, identity: Identity) -> None:
        """Make a member of who is none yet: that stays in the log, and costs as a message."""
        if await self.node.store.member(name, identity.user) is not None:
            return
        self.node.spend(connection)
        await self.node.relay.write(
            self.node.store.ensure_member(name, identity),
            partial(tell_changed, self.node, identity.user, name),
        )

    def _check_number(self, connection: Connection, room: str) -> None:
        limit = self.node.limits.rooms_per_connection
        if room not in connection.rooms and 0 < limit <= len(connection.rooms):
            raise Reject(Code.TOO_MANY_ROOMS)

    async def _make(self, connection: Connection, wanted: str) -> tuple[str, RoomKind]:
        """Return the id and kind of a room that was not there."""
        self.node.spend(connection, Cost.ROOM)
        try:
            await self._create(connection, CreateRoom(wanted))
        except Reject as no:
            # Somebody else has made it meanwhile.
            if no.code == Code.FORBIDDEN:
                # To who makes no rooms, one that is not there is like one that is not theirs.
                raise Reject(Code.NO_SUCH_ROOM) from no
            found = await self.node.store.find_room(wanted)
            if no.code != Code.ROOM_EXISTS or found is None:
                raise
            return found
        return wanted, RoomKind.PUBLIC

    async def _check_invited(self, room: str, identity: Identity) -> None:
        if await self.node.store.member(room, identity.user) is None:
            raise Reject(Code.NO_SUCH_ROOM)

    @on(CreateRoom, costs=Cost.ROOM, act=Act.CREATE_ROOM, answers=RoomInfo)
    async def create(
        self, connection: Connection, event: CreateRoom, request: Request
    ) -> RoomInfo | None:
        identity = who(connection)
        await self._create(connection, event, request.id)
        return await self.node.store.room_for(event.room, identity.user)

    async def _create(
        self,
        connection: Connection,
        event: CreateRoom,
        client_id: str | None = None,
    ) -> None:
        identity = who(connection)
        check_act(Act.CREATE_ROOM, identity)
        work = self.node.store.create_room(
            clean_name(event.room),
            identity,
            title=None if event.title is None else clean_line(event.title),
            topic=None if event.topic is None else clean_line(event.topic),
            kind=RoomKind(event.kind),
            client_id=client_id,
            most=0 if identity.role is Role.ADMIN else self.node.limits.rooms_per_user,
        )
        await self.node.relay.write(work, partial(self._made, connection, event))

    async def _made(self, connection: Connection, event: CreateRoom) -> None:
        room = event.room
        self.node.audit(connection, Action.ROOM_CREATED, room=room, how=event.kind)
        # Its only member is told at once, not as news.
        self.node.news.forget(room)
        await tell_changed(self.node, connection.user, room)

    @on(UpdateRoom, act=Act.UPDATE_ROOM, answers=Stored)
    async def update(self, connection: Connection, event: UpdateRoom, request: Request) -> None:
        draft = update_of(who(connection), event.room, _update(event), request.id)
        # Also of who is not in: admins look after rooms that they are no members of.
        receipt = await send(self.node, draft, request.stored, may=True)
        if receipt.entry is not None:
            changed = ", ".join(draft.extra)
            self.node.audit(connection, Action.ROOM_UPDATED, room=event.room, changed=changed)

    @on(LeaveRoom, turn=Turn.BARRIER, costs=Cost.JOIN)
    async def leave(self, connection: Connection, event: LeaveRoom) -> None:
        # Leaving a room one is not in changes nothing, and nobody hears of it.
        name = await self._name(connection, event.room)
        if self.node.attendance.leave(connection, name):
            await self.node.attendance.unseated(name, connection.user)
            await self.hooks.run("leave", connection, name)

    async def _name(self, connection: Connection, wanted: str) -> str:
        """Return what the room is called that may have been named in another case."""
        if wanted in connection.rooms:
            return wanted
        found = await self.node.store.find_room(wanted)
        return wanted if found is None else found[0]

    @on_disconnect
    async def part(self, connection: Connection, _code: int, _reason: str) -> None:
        for room in connection.rooms:
            self.node.attendance.leave(connection, room, broken=True)

    async def _list_alone(self, event: ListRooms, user: str, alone: Iterable[str]) -> RoomList:
        """Return what there is of the rooms that a token is good in."""
        known = [await self.node.store.room_for(room, user) for room in sorted(alone)]
        mine, after = event.scope == "mine", event.after or ""

        def wanted(one: RoomInfo) -> bool:
            listed = one.role is not None if mine else one.kind is RoomKind.PUBLIC
            return listed and one.room > after

        found = [one for one in known if one is not None and wanted(one)]
        return page_of(found, self.node.limits.page_bytes)

    @on(ListRooms, turn=Turn.READ, needs=Access.USER, costs=Cost.READ, act=Act.LIST_ROOMS)
    async def list(self, connection: Connection, event: ListRooms) -> RoomList:
        store, user = self.node.store, who(connection).user
        if (alone := who(connection).rooms) is not None:
            return await self._list_alone(event, user, alone)
        listed = store.rooms_of if event.scope == "mine" else store.public_rooms
        found = await listed(user, after=event.after or "", limit=MOST_LISTED + 1)
        return page_of(found, self.node.limits.page_bytes)
