"""A whole node in the test's own process, on a free port, with a data directory of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from conclave.app import Running, running
from conclave.auth.tokens import grant_token
from conclave.client.wire import connect
from conclave.controllers.application import App
from conclave.controllers.node import Node
from conclave.protocol.errors import Reject
from conclave.settings import Settings
from conclave.testing.client import Client
from conclave.testing.clock import TurnedClock

# john of the demo, an ordinary user; admin's token is admin-token-456.
JOHN: Final = "user-token-123"


class Server:
    """A server under test; `serve` makes it."""

    def __init__(self, running_: Running, clock: TurnedClock) -> None:
        self._running = running_
        self.clock = clock

    @property
    def node(self) -> Node:
        """What controllers get as `self.node`: the store, the hub, the verbs that tell."""
        return self._running.node

    @property
    def port(self) -> int:
        return self._running.port

    @property
    def metrics_port(self) -> int | None:
        """Where `/metrics` is apart from the chat, with `metrics_listen`."""
        return self._running.watching.port

    @property
    def open_sockets(self) -> int:
        """How many WebSockets are open, those that are being closed included."""
        return self._running.listener.connections

    @property
    def url(self) -> str:
        """Where the chat is, as WebSocket clients want it; `http` in place of `ws`: the page."""
        return f"ws://127.0.0.1:{self.port}/ws"

    async def setup_url(self) -> str:
        """Return where the first admin is made; "" if there is one."""
        return await self._running.setup_url()

    async def token(self, user: str, *, role: str | None = None) -> str:
        """Return a new token of *user*, who is made if missing: as `conclave token create`."""
        return await grant_token(self.node.store, user, role=role)

    @asynccontextmanager
    async def client(self, token: str | None = JOHN, **headers: str) -> AsyncIterator[Client]:
        """
        Connect for as long as the context lasts, authenticated with *token*.

        Raises `Reject` for a token that is not good. With None it is left to you to
        authenticate; *headers* go with the upgrade.
        """
        async with connect(self.url, **headers) as wire:
            client = Client(wire)
            try:
                if token is not None:
                    await _authenticate(client, token)
                yield client
            finally:
                await client.close()

    async def turn(self, seconds: float) -> None:
        """Let so many seconds pass at once: what falls due within them happens now."""
        self.clock.turn(seconds)
        self._running.listener.pulse.turned()
        self.node.attendance.tick()
        await asyncio.sleep(0)


async def _authenticate(client: Client, token: str) -> None:
    answer = await client.ask("auth", token=token)
    if not answer["success"]:
        raise Reject(answer["code"])


@asynccontextmanager
async def serve(app: App | None = None, **settings: Any) -> AsyncIterator[Server]:
    """
    Run a node for as long as the context lasts: the chat, and *app*'s controllers.

    *settings* are those of `conclave serve`, with `_` for `-`. Unless they say otherwise
    it is a demo (two people, three rooms) on a free port of loopback, and its data, made
    anew, are gone with it. Give `data=` to keep them, or to serve the same ones again.
    """
    settings = {"demo": True, "port": 0, **settings}
    made = None if "data" in settings else await asyncio.to_thread(TemporaryDirectory)
    if made is not None:
        settings["data"] = made.name
    clock = TurnedClock()
    try:
        wanted = Settings(**{**settings, "data": Path(settings["data"])})
        async with running(wanted, app or App(), clock=clock) as node:
            yield Server(node, clock)
    finally:
        if made is not None:
            await asyncio.to_thread(made.cleanup)
