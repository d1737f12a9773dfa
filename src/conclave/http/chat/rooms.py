"""Rooms: listed, made, shown, changed, archived, deleted, entered and left."""

from typing import Annotated, Any, Literal

from litestar import Response, delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter
from msgspec import UNSET

from conclave.http.callers import caller_of
from conclave.http.chat.asking import (
    After,
    Asked,
    IdempotencyKey,
    RoomPath,
    ask,
    needs,
    room_of,
    spend,
)
from conclave.http.etags import tagged
from conclave.http.paging import next_link
from conclave.http.peer import Chat
from conclave.http.segments import segment_of
from conclave.model import Act, RoomInfo
from conclave.protocol.api import NewRoom, NotifyChoice, RoomChange
from conclave.protocol.errors import Code, Reject
from conclave.protocol.events import InRoom, Rooms, Stored
from conclave.protocol.governing import ArchiveRoom, DeleteRoom, SetFavourite, SetNotify
from conclave.protocol.requests import (
    CreateRoom,
    EnterRoom,
    ListRooms,
    QuitRoom,
    RoomSettings,
    UpdateRoom,
)

_ONE = "/rooms/{room:str}"
# The framework has a use of its own for the word.
Scope = Annotated[Literal["mine", "public"], QueryParameter(name="scope")]


def room_routes(chat: Chat) -> list[HTTPRouteHandler]:
    return [*_listing(chat), *_changing(chat), *_belonging(chat)]


def _listing(chat: Chat) -> list[HTTPRouteHandler]:
    @get("/rooms", opt=needs(chat, ListRooms), summary="One's rooms, or the public ones")
    async def list_rooms(
        request: Asked, which: Scope = "mine", after: After = None
    ) -> Response[Rooms]:
        found: Rooms = (await ask(chat, request, ListRooms(which, after))).data
        link = next_link(request, after=found.rooms[-1].room) if found.more else {}
        return tagged(request, found, link)

    @post("/rooms", status_code=201, opt=needs(chat, CreateRoom), summary="Make a room")
    async def create(
        data: JSONBody[NewRoom], request: Asked, key: IdempotencyKey = None
    ) -> Response[RoomInfo]:
        event = CreateRoom(data.room, data.title, data.topic, data.kind)
        made: RoomInfo | None = (await ask(chat, request, event, key)).data
        if made is None:
            # The same request made it before, and it is gone since.
            raise Reject(Code.NO_SUCH_ROOM)
        return Response(made, headers={"location": f"/api/v1/rooms/{segment_of(made.room)}"})

    @get(_ONE, opt=needs(chat, ListRooms), summary="A room, as one sees it")
    async def show(room: RoomPath, request: Asked) -> Response[RoomInfo]:
        spend(chat, request, ListRooms)
        return tagged(request, await _info(chat, request, room_of(room)))

    return [list_rooms, create, show]


def _changing(chat: Chat) -> list[HTTPRouteHandler]:
    @patch(_ONE, status_code=204, opt=needs(chat, UpdateRoom), summary="Change a room")
    async def change(
        room: RoomPath, data: JSONBody[RoomChange], request: Asked, key: IdempotencyKey = None
    ) -> None:
        event = _update(room_of(room), data)
        if event is not None:
            await ask(chat, request, event, key)
            return
        spend(chat, request, UpdateRoom)
        identity = caller_of(request).identity
        await chat.node.moderation.check(Act.UPDATE_ROOM, room_of(room), identity)

    @delete(_ONE, status_code=204, opt=needs(chat, DeleteRoom), summary="Delete a room")
    async def remove(room: RoomPath, request: Asked, key: IdempotencyKey = None) -> None:
        await ask(chat, request, DeleteRoom(room_of(room)), key)

    archive = f"{_ONE}/archive"

    @put(archive, status_code=200, opt=needs(chat, ArchiveRoom), summary="Let nobody write there")
    async def shut(room: RoomPath, request: Asked, key: IdempotencyKey = None) -> Stored:
        stored: Stored = (await ask(chat, request, ArchiveRoom(room_of(room)), key)).data
        return stored

    @delete(archive, status_code=200, opt=needs(chat, ArchiveRoom), summary="Open it again")
    async def reopen(room: RoomPath, request: Asked, key: IdempotencyKey = None) -> Stored:
        event = ArchiveRoom(room_of(room), archived=False)
        stored: Stored = (await ask(chat, request, event, key)).data
        return stored

    return [change, remove, shut, reopen]


def _update(room: str, data: RoomChange) -> UpdateRoom | None:
    """Return what asks for the change; None: nothing is to be another."""
    given: dict[str, Any] = {
        name: value
        for name in data.__struct_fields__
        if (value := getattr(data, name)) is not UNSET
    }
    if not given:
        return None
    settings = RoomSettings(given.pop("slow_mode", None), given.pop("history", None))
    return UpdateRoom(room, settings=settings, **given)


def _belonging(chat: Chat) -> list[HTTPRouteHandler]:
    @put(f"{_ONE}/membership", status_code=200, opt=needs(chat, EnterRoom), summary="Become one")
    async def enter(room: RoomPath, request: Asked) -> InRoom:
        found: InRoom = (await ask(chat, request, EnterRoom(room_of(room)))).data
        return found

    @delete(f"{_ONE}/membership", status_code=204, opt=needs(chat, QuitRoom), summary="End it")
    async def leave(room: RoomPath, request: Asked, key: IdempotencyKey = None) -> None:
        await ask(chat, request, QuitRoom(room_of(room)), key)

    @put(f"{_ONE}/notify", status_code=204, opt=needs(chat, SetNotify), summary="Be notified of")
    async def notify(room: RoomPath, data: JSONBody[NotifyChoice], request: Asked) -> None:
        await ask(chat, request, SetNotify(room_of(room), data.notify))

    favourite = f"{_ONE}/favourite"

    @put(favourite, status_code=204, opt=needs(chat, SetFavourite), summary="Favour it")
    async def favour(room: RoomPath, request: Asked) -> None:
        await ask(chat, request, SetFavourite(room_of(room), True))

    @delete(favourite, status_code=204, opt=needs(chat, SetFavourite), summary="Favour it no more")
    async def unfavour(room: RoomPath, request: Asked) -> None:
        await ask(chat, request, SetFavourite(room_of(room), False))

    return [enter, leave, notify, favour, unfavour]


async def _info(chat: Chat, request: Asked, room: str) -> RoomInfo:
    user = caller_of(request).identity.user
    info = await chat.node.store.room_for(room, user)
    if info is None:
        raise Reject(Code.NO_SUCH_ROOM)
    return info
