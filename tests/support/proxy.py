"""
A proxy in front of a server that breaks connections on demand: one client's bad network.

Give each client a proxy of its own; what it does wrong it does to the connections that are
open then. Loopback only.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

# Close with a reset: nothing lingers.
_NO_LINGER = struct.pack("ii", 1, 0)
_CHUNK = 65_536

# Takes what the server says and hands it on, changed or not, to the function it was made with.
Carrier = Callable[[bytes], None]


class Link:
    """One connection through the proxy: the client's half and the server's."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        # What the server says vanishes.
        self.deaf = False
        # Nothing goes either way, and nobody hears of it.
        self.held = False
        self.dropped = 0

    def reset(self) -> None:
        """Break both halves with a TCP reset."""
        self.reset_client()
        _reset(self.server)

    def reset_client(self) -> None:
        """Break the client's half only: the server does not know."""
        self.held = True
        _reset(self.client)

    def finish(self) -> None:
        """Close both halves in good order, in the middle of whatever is said."""
        self.client.close()
        self.server.close()


class Proxy:
    """
    Listens on a free port; `link` is the newest connection. *upstream*: a port, or a socket.

    *carrier* makes of the client's half what carries the server's words to it.
    """

    def __init__(
        self, upstream: int | Path, carrier: Callable[[Carrier], Carrier] | None = None
    ) -> None:
        self._upstream = upstream
        self._carrier = carrier
        self.links: list[Link] = []
        # How often anybody came, let in or not.
        self.tries = 0
        self.refusing = False
        # New connections are accepted, and nothing goes either way.
        self.dark = False
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/ws"

    @property
    def port(self) -> int:
        return self._port

    @property
    def link(self) -> Link:
        return self.links[-1]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    def cut(self) -> None:
        """Break all connections and let in none, until `heal`."""
        self.refusing = True
        for link in self.links:
            link.reset()

    def darken(self) -> None:
        """Let all connections look well and bring nothing; new ones until `heal`."""
        self.dark = True
        for link in self.links:
            link.held = True

    def deafen(self) -> None:
        """Let what the server says on connections that are open vanish."""
        for link in self.links:
            link.deaf = True

    def heal(self) -> None:
        """
        Be a good network for new connections; those that brought nothing never will.

        Their server's half is ended, as in time a real server ends it.
        """
        self.refusing = self.dark = False
        for link in self.links:
            if link.held or link.deaf:
                link.held = True
                _reset(link.server)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for link in self.links:
            link.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        self.tries += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.refusing:
            _reset(client)
            return
        try:
            answers, server = await self._connect()
        except OSError:
            _reset(client)
            return
        link = Link(client, server)
        link.held = self.dark
        self.links.append(link)
        down = client.write if self._carrier is None else self._carrier(client.write)
        # Cancelled by `__aexit__` alone, which asyncio would report of a connection's task.
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                _pump(link, reader, server, server.write),
                _pump(link, answers, client, down),
                return_exceptions=True,
            )

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._upstream, Path):
            return await asyncio.open_unix_connection(self._upstream)
        return await asyncio.open_connection("127.0.0.1", self._upstream)


async def _pump(
    link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, carry: Carrier
) -> None:
    down = writer is link.client
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            if link.held or (down and link.deaf):
                link.dropped += len(data)
                continue
            carry(data)
            await writer.drain()
    if not link.held:
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    if (found := writer.get_extra_info("socket")) is not None and found.fileno() >= 0:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()
