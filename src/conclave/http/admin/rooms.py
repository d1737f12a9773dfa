"""All rooms of the server: listed, archived, deleted, given owners. What is said is not shown."""

from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from conclave.http.admin.asking import PAGE, Asked, Limit, Search, Text, by
from conclave.model import Act, RoomFacts, RoomRole
from conclave.office import Rooms
from conclave.protocol.office import ChangedRoom, NewOwner, OfficeRooms

_ROOMS = {"act": Act.MANAGE_ROOMS}


def room_routes(rooms: Rooms) -> list[HTTPRouteHandler]:
    @get("/admin/rooms", opt=_ROOMS)
    async def list_rooms(search: Search = "", after: Text = "", limit: Limit = PAGE) -> OfficeRooms:
        found = await rooms.listed(search, after, limit + 1)
        return OfficeRooms(found[:limit], more=len(found) > limit)

    @get("/admin/rooms/{room:path}", opt=_ROOMS)
    async def show_room(room: FromPath[str]) -> RoomFacts:
        return await rooms.show(_name(room))

    @patch("/admin/rooms/{room:path}", opt=_ROOMS)
    async def change_room(
        room: FromPath[str], data: JSONBody[ChangedRoom], request: Asked
    ) -> RoomFacts:
        return await rooms.archive(_name(room), data.archived, by(request))

    @delete("/admin/rooms/{room:path}", status_code=204, opt=_ROOMS)
    async def delete_room(room: FromPath[str], request: Asked) -> None:
        await rooms.delete(_name(room), by(request))

    @post("/admin/owners", status_code=200, opt=_ROOMS)
    async def add_owner(data: JSONBody[NewOwner], request: Asked) -> RoomFacts:
        await rooms.set_role(data.room, data.user, RoomRole.OWNER, by(request))
        return await rooms.show(data.room)

    return [list_rooms, show_room, change_room, delete_room, add_owner]


def _name(path: str) -> str:
    """Return the name of a room that ends a path: it may have a slash in it."""
    return path.removeprefix("/")
