"""Who is connected now, and what became of one connection."""

from typing import Protocol

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from conclave.http.admin.asking import Asked, by
from conclave.model import Act, By
from conclave.model.facts import Open, Timeline
from conclave.protocol.office import OpenConnections

_SERVER = {"act": Act.SEE_SERVER}


class Connections(Protocol):
    def listed(self, by: By) -> list[Open]: ...

    def show(self, id_: str, by: By) -> Timeline: ...


def connection_routes(connections: Connections) -> list[HTTPRouteHandler]:
    @get("/admin/connections", opt=_SERVER)
    async def listed(request: Asked) -> OpenConnections:
        return OpenConnections(connections.listed(by(request)))

    @get("/admin/connections/{connection:str}", opt=_SERVER)
    async def show(connection: FromPath[str], request: Asked) -> Timeline:
        return connections.show(connection, by(request))

    return [listed, show]
