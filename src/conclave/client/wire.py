"""
One WebSocket to a Conclave: events go out as JSON, events come in.

It opens, sends, receives and closes. It does not come back by itself, repeats nothing and
knows no rooms: what is lost with the connection is lost, and its user decides what then.
`Client` is for applications; this is for tests, and for tools that must see the wire.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import msgspec

from conclave.client.websocket import Refused, WebSocket, open_websocket
from conclave.protocol.codec import encode
from conclave.protocol.errors import Close

__all__ = ["Closed", "Received", "Refused", "Wire", "connect"]

# Events that may wait for `receive`; above it the socket is not read, so the server sees a
# slow reader instead of this process filling its memory.
_MOST_WAITING: Final = 1_024
_OPEN_WITHIN: Final = 5.0
_CLOSE_WITHIN: Final = 5.0


class Received(msgspec.Struct, frozen=True):
    """One event as it came; `id` is the request's that it answers, if it answers one."""

    type: str
    data: dict[str, Any] = {}
    id: str | None = None


class Closed(Exception):
    """The connection has ended, with this close code: 1006 if nobody said goodbye."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Wire:
    """
    A connection; make one with `connect`.

    `receive` returns what came before the end even after the end, then raises `Closed`.
    One task at a time may wait in it.
    """

    def __init__(self) -> None:
        self._socket: WebSocket
        self._events: deque[Received] = deque()
        self._decoder = msgspec.json.Decoder(Received)
        self._came = asyncio.Event()
        self._closed: Closed | None = None
        self._paused = False

    def send(self, type: str, /, *, id: str | None = None, **data: Any) -> None:  # noqa: A002 - the wire's words
        """Send one event; never waits. Raises `Closed` after the end."""
        if self._closed is not None:
            raise self._closed
        self._socket.send(encode(type, data, id).text)

    def send_text(self, text: str | bytes) -> None:
        """Send *text* as it is, event or not."""
        self._socket.send(text.encode() if isinstance(text, str) else text)

    def send_binary(self, data: bytes) -> None:
        """Send a binary message, which no Conclave understands."""
        self._socket.send_binary(data)

    def ping(self) -> None:
        """Send a WebSocket ping, without waiting for its pong."""
        self._socket.ping()

    async def receive(self) -> Received:
        """Return the next event, or raise `Closed`."""
        while not self._events:
            if self._closed is not None:
                raise self._closed
            self._came.clear()
            await self._came.wait()
        event = self._events.popleft()
        if not self._events:
            self._resume()
        return event

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Received:
        try:
            return await self.receive()
        except Closed:
            raise StopAsyncIteration from None

    async def close(self, code: int = Close.NORMAL, reason: str = "") -> None:
        """Say goodbye and wait for the end; idempotent."""
        if self._closed is None:
            self._socket.close(code, reason)
            self._resume()
        await self._socket.closed(_CLOSE_WITHIN)

    def _resume(self) -> None:
        # The answer to our close frame comes after what waits.
        if self._paused:
            self._paused = False
            self._socket.resume()

    # ── as the socket sees it ──────────────────────────────────────────────────────────

    def received(self, text: bytes) -> None:
        self._events.append(self._decoder.decode(text))
        self._came.set()
        if len(self._events) >= _MOST_WAITING and not self._paused:
            self._paused = True
            self._socket.pause()

    def received_binary(self, data: bytes) -> None:
        """No server sends any."""

    def heard(self) -> None: ...

    def ended(self, code: int, reason: str) -> None:
        self._closed = Closed(code, reason)
        self._came.set()


@asynccontextmanager
async def connect(url: str, **headers: str) -> AsyncIterator[Wire]:
    """
    Open a WebSocket at *url* (`ws://…/ws`) for as long as the context lasts.

    *headers* go with the upgrade, such as `Origin=…`. Raises `Refused` with the HTTP
    status if the server lets nobody in, and `OSError` if there is none.
    """
    wire = Wire()
    wire._socket = await open_websocket(wire, url, within=_OPEN_WITHIN, headers=headers)
    try:
        yield wire
    finally:
        await wire.close()
