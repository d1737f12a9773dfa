"""
A connection of the chat that HTTP carries: Server-Sent Events, as the HTML standard has them.

What is told to the connection is queued here, and leaves as fast as its reader takes it. How
much may wait, when it is cut off, until when its token holds and who may hear the room is judged
where it is for sockets: to the chat this is a transport like any other.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, cast

from litestar.types import Receive, Scope, Send

from conclave.ports import WIRE, Outlet, Wire
from conclave.protocol.codec import Packet
from conclave.protocol.errors import Close

# Above it packets wait in the outbox, which is bounded.
_FULL_BYTES: Final = 65_536
_HEADERS: Final = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    # Else nginx gathers what should leave at once.
    (b"x-accel-buffering", b"no"),
)
_PING: Final = b":\n\n"
# How often it is looked whether all has left, for who is being cut off.
_LOOK_S: Final = 0.05
# What is told to who has been parted with may take so long to leave.
_LEAVES_WITHIN_S: Final = 30.0


class Receiver(Protocol):
    """The connection, as what carries it sees it."""

    def opened(self, transport: Any) -> None: ...

    def received(self, text: bytes) -> None: ...

    def heard(self) -> None: ...

    def writable(self) -> None: ...

    def closed(self, code: int, reason: str) -> None: ...


class _NoOutlet:
    """Nobody writes past the queue."""

    fd = -1

    def leave(self, _data: bytes) -> int:
        return 0


class EventStream:
    """
    A `ports.Transport` of one reader, and the answer that it is read by.

    *told* makes of each packet what the reader gets, "" if nothing; *ended* makes its last words.
    """

    def __init__(
        self,
        address: str,
        told: Callable[[Packet], bytes],
        ended: Callable[[int, str], bytes],
    ) -> None:
        self.address = address
        self.outlet: Outlet = _NoOutlet()
        self._told = told
        self._ended = ended
        self._queue: deque[bytes] = deque()
        self._bytes = 0
        self._news = asyncio.Event()
        self._over = False
        self._receiver: Receiver | None = None
        # While it is answered, where the server in front is our own.
        self._wire: Wire | None = None
        self._is_cut = False
        self._given_up = asyncio.Event()

    def open(self, receiver: Receiver) -> None:
        """Let *receiver* speak by this stream."""
        self._receiver = receiver
        receiver.opened(self)

    # ── as the connection sees it: ports.Transport ─────────────────────────────────────

    @property
    def buffered(self) -> int:
        return self._bytes

    def send(self, packets: Sequence[Packet]) -> int:
        for packet in packets:
            self._put(self._told(packet))
        return self._bytes

    def _put(self, text: bytes) -> None:
        if text and not self._over:
            self._queue.append(text)
            self._bytes += len(text)
            self._news.set()

    def ping(self) -> None:
        self._put(_PING)

    def pause_reading(self) -> None:
        """It sends nothing."""

    def resume_reading(self) -> None:
        """It sends nothing."""

    def close(self, code: int, reason: str, *, within: float | None = None) -> None:
        if within is not None:
            # What was told and has not left is not for them any more.
            self._queue.clear()
            self._bytes = 0
            self._is_cut = True
            asyncio.get_running_loop().call_later(within, self._cut)
        if self._over:
            return
        if within is None:
            # Where another server is in front nobody else ends who takes nothing.
            asyncio.get_running_loop().call_later(_LEAVES_WITHIN_S, self._given_up.set)
        self._put(self._ended(code, reason))
        self._finish()
        asyncio.get_running_loop().call_soon(self._part, code, reason)

    def _cut(self) -> None:
        if self._wire is not None:
            self._wire.abort()
        self._given_up.set()

    def _finish(self) -> None:
        self._over = True
        self._news.set()

    def _part(self, code: int, reason: str) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.closed(code, reason)

    # ── as the server sees it: an ASGI application ─────────────────────────────────────

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._wire = cast(Any, scope.get("extensions") or {}).get(WIRE)
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        given_up = asyncio.create_task(self._given_up.wait())
        tasks = (sending, leaving, given_up)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # The next request on it may be another's.
            self._wire = None
            self.abandon()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def abandon(self) -> None:
        """End it without a word: its reader is gone, or was never there."""
        self._finish()
        self._part(Close.ABNORMAL, "")

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        while self._queue or not self._over:
            await self._news.wait()
            self._news.clear()
            await self._send_queue(send)
        while self._has_not_left():  # noqa: ASYNC110 - nobody says when a buffer is empty
            await asyncio.sleep(_LOOK_S)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _has_not_left(self) -> bool:
        """Return whether who is being cut off has not taken all that was written."""
        wire = self._wire if self._is_cut else None
        return wire is not None and wire.get_write_buffer_size() > 0

    async def _send_queue(self, send: Send) -> None:
        while self._queue:
            text = self._queue.popleft()
            # It waits as long as the reader takes nothing.
            await send({"type": "http.response.body", "body": text, "more_body": True})
            was_full = self._bytes >= _FULL_BYTES
            self._bytes = max(0, self._bytes - len(text))
            if self._receiver is not None:
                self._receiver.heard()
                if was_full or not self._queue:
                    self._receiver.writable()


async def _left(receive: Receive) -> None:
    """Return once the reader is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
