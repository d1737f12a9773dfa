"""
A connection over ASGI's websocket scope: for who runs another server in front of ours.

That server reads frames, checks UTF-8, pings, and bounds what it buffers; here its messages
become a `Receiver`'s, and packets its. Each packet is copied for each connection, so this is
slower than a `Link`. Who may come in at all is `handshake`'s and the door's.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final

from conclave.protocol.codec import Packet
from conclave.protocol.errors import Close
from conclave.protocol.frames import is_close_code
from conclave.server.round import FULL_BYTES
from conclave.server.terms import Receiver

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

_log: Final = logging.getLogger(__name__)

# Bytes of a close frame's reason (RFC 6455 section 5.5).
_REASON_BYTES: Final = 123


class _NoOutlet:
    """Nobody writes past the server in front."""

    fd: Final = -1

    def leave(self, data: bytes, /) -> int:
        raise RuntimeError(f"{len(data)} bytes for a socket that is another server's")


_NO_OUTLET: Final = _NoOutlet()


class Carried:
    """A `ports.Transport`; `run` lasts as long as the connection."""

    def __init__(
        self, address: str, receive: Receive, send: Send, *, max_bytes: int, close_within: float
    ) -> None:
        self.address = address
        self.outlet = _NO_OUTLET
        self._receive = receive
        self._give = send
        self._max_bytes = max_bytes
        self._close_within = close_within
        self._loop = asyncio.get_running_loop()
        self._receiver: Receiver
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._wake = asyncio.Event()
        self._reads = asyncio.Event()
        self._reads.set()
        # What we close with, once we do.
        self._end: tuple[int, str] | None = None
        self._given_up = self._loop.create_future()

    # ── as a receiver sees it: ports.Transport ─────────────────────────────────────────

    @property
    def buffered(self) -> int:
        return self._size

    def send(self, packets: Sequence[Packet]) -> int:
        if self._end is None:
            for packet in packets:
                text = packet.text
                self._waiting.append(text)
                self._size += len(text)
            self._wake.set()
        return self._size

    def ping(self) -> None:
        # The server in front asks for signs of life, and ends who gives none.
        self._loop.call_soon(self._receiver.heard)

    def pause_reading(self) -> None:
        self._reads.clear()

    def resume_reading(self) -> None:
        self._reads.set()

    def close(self, code: int, reason: str, *, within: float | None = None) -> None:
        if self._end is None:
            self._end = (code if is_close_code(code) else Close.INTERNAL, _short(reason))
            self._wake.set()
            self._give_up_after(self._close_within)
        if within is not None:
            self._give_up_after(within)

    def _give_up_after(self, seconds: float) -> None:
        self._loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        if not self._given_up.done():
            self._given_up.set_result(None)

    # ── the connection ─────────────────────────────────────────────────────────────────

    async def run(self, receiver: Receiver) -> None:
        """Let *receiver* hear this connection, which has been accepted, until its end."""
        self._receiver = receiver
        self._call(receiver.opened, self)
        reading = asyncio.ensure_future(self._read())
        writing = asyncio.ensure_future(self._write())
        try:
            await asyncio.wait(
                [reading, writing, self._given_up], return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            left = self._left(reading)
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)
            self._waiting.clear()
            self._size = 0
            end = self._end = self._end or left
            self._call(receiver.closed, *end)
            self._give_up()

    @staticmethod
    def _left(reading: "asyncio.Future[tuple[int, str]]") -> tuple[int, str]:
        """Return how the peer ended it, if it did."""
        if reading.done() and not reading.cancelled() and reading.exception() is None:
            return reading.result()
        return Close.ABNORMAL, ""

    async def _read(self) -> tuple[int, str]:
        while True:
            await self._reads.wait()
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                return event.get("code") or Close.NO_STATUS, event.get("reason") or ""
            if event["type"] == "websocket.receive" and self._end is None:
                self._take(event.get("text"))

    def _take(self, text: str | None) -> None:
        if text is None:
            self.close(Close.UNSUPPORTED_DATA, "Only text is understood")
            return
        data = text.encode()
        if len(data) > self._max_bytes:
            self.close(Close.TOO_BIG, "Message too big")
            return
        self._call(self._receiver.received, data)
        self._call(self._receiver.heard)

    def _call(self, call: Callable[..., None], *given: object) -> None:
        try:
            call(*given)
        except Exception:  # noqa: BLE001 - the edge: one connection fails, not the node
            _log.exception("A receiver failed")
            self.close(Close.INTERNAL, "")

    async def _write(self) -> None:
        """Hand over what waits, then the close frame. A peer that is gone ends it."""
        while True:
            while self._waiting:
                await self._hand_over(self._waiting.popleft())
            if self._end is not None:
                code, reason = self._end
                await self._give({"type": "websocket.close", "code": code, "reason": reason})
                return
            self._wake.clear()
            await self._wake.wait()

    async def _hand_over(self, text: bytes) -> None:
        await self._give({"type": "websocket.send", "text": text.decode()})
        before, self._size = self._size, self._size - len(text)
        if self._size < FULL_BYTES <= before or not self._size:
            self._call(self._receiver.writable)


def _short(reason: str) -> str:
    return reason.encode()[:_REASON_BYTES].decode(errors="ignore")
