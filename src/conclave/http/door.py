"""Whether the door for sockets is open: browsers hide from a page why an upgrade was refused."""

from typing import Any, Protocol

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler

from conclave.http.callers import place_of
from conclave.protocol.account import DoorInfo


class Door(Protocol):
    """Who may come in."""

    def info(self, address: str) -> DoorInfo: ...


def door_routes(door: Door) -> list[HTTPRouteHandler]:
    """Return the route for who was not let in."""

    @get("/door", opt={"public": True})
    async def info(request: Request[Any, Any, Any]) -> DoorInfo:
        return door.info(place_of(request).address)

    return [info]
