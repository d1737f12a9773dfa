"""
One WebSocket to a Conclave: events go out as JSON, events come in.

It opens, sends, receives and closes. It does not come back by itself, repeats nothing and
knows no rooms: what is lost with the connection is lost, and its user decides what then.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import msgspec
from picows import WSCloseCode, WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from conclave.protocol.codec import encode
from conclave.protocol.errors import Close

# Events that may wait for `receive`; above it the socket is not read, so the server sees a
# slow reader instead of this process filling its memory.
_MOST_WAITING: Final = 1_024
_MAX_FRAME_BYTES: Final = 16 * 1024 * 1024
_CLOSE_WITHIN: Final = 5.0

_TEXT: Final = WSMsgType.TEXT


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


class Refused(Exception):
    """The server answered the upgrade with this HTTP status instead."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Wire(WSListener):
    """
    A connection; make one with `connect`.

    `receive` returns what came before the end even after the end, then raises `Closed`.
    One task at a time may wait in it.
    """

    def __init__(self) -> None:
        self._transport: WSTransport
        self._events: deque[Received] = deque()
        self._decoder = msgspec.json.Decoder(Received)
        self._came = asyncio.Event()
        self._closed: Closed | None = None
        self._paused = False

    def send(self, type: str, /, *, id: str | None = None, **data: Any) -> None:  # noqa: A002 - the wire's words
        """Send one event; never waits. Raises `Closed` after the end."""
        if self._closed is not None:
            raise self._closed
        self._transport.send(_TEXT, encode(type, data, id).text)

    def send_text(self, text: str | bytes) -> None:
        """Send *text* as it is, event or not."""
        self._transport.send(_TEXT, text.encode() if isinstance(text, str) else text)

    def send_binary(self, data: bytes) -> None:
        """Send a binary message, which no Conclave understands."""
        self._transport.send(WSMsgType.BINARY, data)

    def ping(self) -> None:
        """Send a WebSocket ping, without waiting for its pong."""
        self._transport.send_ping()

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
            self._transport.send_close(WSCloseCode(code), reason.encode())
            self._resume()
        try:
            await asyncio.wait_for(self._transport.wait_disconnected(), _CLOSE_WITHIN)
        except TimeoutError:
            self._transport.disconnect(False)

    def _resume(self) -> None:
        # The answer to our close frame comes after what waits.
        if self._paused:
            self._paused = False
            self._transport.underlying_transport.resume_reading()

    # ── as picows sees it ──────────────────────────────────────────────────────────────

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == _TEXT:
            self._events.append(self._decoder.decode(frame.get_payload_as_memoryview()))
            self._came.set()
            if len(self._events) >= _MOST_WAITING and not self._paused:
                self._paused = True
                transport.underlying_transport.pause_reading()
        elif frame.msg_type == WSMsgType.CLOSE:
            code: Any = frame.get_close_code()  # an int where picows has no name for it
            reason = (frame.get_close_message() or b"").decode(errors="replace")
            self._end(int(code or Close.NO_STATUS), reason)
            transport.send_close(code or WSCloseCode.OK)
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows' call
        self._end(int(Close.ABNORMAL), "")

    def _end(self, code: int, reason: str) -> None:
        if self._closed is None:
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
    try:
        await ws_connect(lambda: wire, url, extra_headers=headers, max_frame_size=_MAX_FRAME_BYTES)
    except WSError as error:
        response = getattr(error, "response", None)
        if response is None:
            raise
        raise Refused(int(response.status)) from error
    try:
        yield wire
    finally:
        await wire.close()
