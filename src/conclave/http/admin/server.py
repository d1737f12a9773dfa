"""How the server is doing."""

from collections.abc import Awaitable, Callable

from litestar import get
from litestar.handlers import HTTPRouteHandler

from conclave.model import Act
from conclave.model.facts import ServerFacts

TellFacts = Callable[[], Awaitable[ServerFacts]]

_SERVER = {"act": Act.SEE_SERVER}


def server_routes(facts: TellFacts) -> list[HTTPRouteHandler]:
    @get("/admin/server", opt=_SERVER)
    async def server() -> ServerFacts:
        return await facts()

    return [server]
