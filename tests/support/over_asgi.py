"""A server under test whose sockets are another server's: uvicorn's, over ASGI."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn

from conclave.asgi import App, Conclave
from conclave.testing import Server, TurnedClock


class AsgiServer(Server):
    """`testing.Server`, on uvicorn's port."""

    def __init__(self, chat: Conclave, clock: TurnedClock, port: int) -> None:
        super().__init__(chat._server, clock)
        self._port = port

    @property
    def port(self) -> int:
        return self._port

    @property
    def open_sockets(self) -> int:
        return len(self.node.hub)


def bind() -> socket.socket:
    """Return a socket on a free port of loopback."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


@asynccontextmanager
async def listening(application: Any, bound: socket.socket | None = None) -> AsyncIterator[int]:
    """Let uvicorn serve *application* on *bound*, or on a free port of loopback; the port."""
    with bound or bind() as bound:
        config = uvicorn.Config(
            application, ws="websockets-sansio", lifespan="off", log_config=None, http="httptools"
        )
        server = uvicorn.Server(config)
        # Not `serve`: signals are the test's.
        serving = asyncio.create_task(server._serve(sockets=[bound]))
        try:
            while not server.started:
                await asyncio.sleep(0.001)
            yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def serve(app: App | None = None, **settings: Any) -> AsyncIterator[Server]:
    """Run a node as `testing.serve` does, over ASGI."""
    settings = {"demo": True, **settings}
    made = None if "data" in settings else await asyncio.to_thread(TemporaryDirectory)
    if made is not None:
        settings["data"] = made.name
    settings["data"] = Path(settings["data"])
    clock = TurnedClock()
    try:
        # Closed also where nothing comes to listen on it.
        with bind() as bound:
            # The origin of its page, whose cookies count, has the port that others listen on.
            settings["port"] = settings.get("port") or bound.getsockname()[1]
            chat = Conclave(app, **settings)
            async with chat.running(clock=clock), listening(chat, bound) as port:
                yield AsgiServer(chat, clock, port)
    finally:
        if made is not None:
            await asyncio.to_thread(made.cleanup)
