"""Live cursors: where everybody in a room points. Told to who is there, and stored nowhere."""

from typing import Annotated

from msgspec import Meta

from conclave import Access, Connection, Controller, Cost, Event, on, on_disconnect, on_leave

Part = Annotated[float, Meta(ge=0, le=1)]


class Point(Event, type="cursor:point"):
    room: str
    x: Part
    y: Part


class Pointed(Event, type="cursor:pointed"):
    room: str
    user: str
    x: float
    y: float


class Gone(Event, type="cursor:gone"):
    room: str
    user: str


class Cursors(Controller):
    tells = (Pointed, Gone)

    @on(Point, needs=Access.ROOM, costs=Cost.SIGNAL)
    async def point(self, connection: Connection, event: Point) -> None:
        connection.data.setdefault("points in", set()).add(event.room)
        pointed = Pointed(event.room, connection.user, event.x, event.y)
        self.node.tell_room(event.room, pointed, but=connection)

    @on_leave
    async def leaves(self, connection: Connection, room: str) -> None:
        if room in connection.data.get("points in", ()):
            connection.data["points in"].remove(room)
            self.node.tell_room(room, Gone(room, connection.user))

    @on_disconnect
    async def goes(self, connection: Connection, _code: int, _reason: str) -> None:
        for room in connection.data.pop("points in", ()):
            self.node.tell_room(room, Gone(room, connection.user))
