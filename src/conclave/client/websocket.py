"""
One WebSocket of a client: `framing` reads its frames, `protocol.frames` says what they mean,
an `Ear` hears of it. It sends, and it ends; it neither waits nor comes back.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Mapping
from typing import Final, Protocol, cast
from urllib.parse import SplitResult, urlsplit

from conclave.client.framing import FrameReader, masked_frame
from conclave.client.upgrade import NoUpgrade, Refused, Upgrade
from conclave.protocol.errors import Close
from conclave.protocol.frames import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    Broken,
    Decision,
    Frames,
    Message,
    PeerCloses,
    Ping,
    close_payload,
)

__all__ = ["Ear", "NoUpgrade", "Refused", "WebSocket", "open_websocket"]

# More than any page of history: what is larger comes from no Conclave.
MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
_MAX_FRAGMENTS: Final = 4_096
_CLOSE_WITHIN: Final = 2.0
# How long a server that broke a rule has to read why.
_LINGER: Final = 1.0
# Of several addresses of a name, how long one may keep the next one waiting.
_ADDRESS_WITHIN: Final = 2.5


class Ear(Protocol):
    """What hears a socket; `ended` is the last call, and comes once."""

    def received(self, text: bytes) -> None: ...

    def received_binary(self, data: bytes) -> None: ...

    def heard(self) -> None:
        """A sign of life came in that is no message, or not yet a whole one."""

    def ended(self, code: int, reason: str) -> None: ...


class WebSocket(asyncio.Protocol):
    """An open WebSocket; make one with `open_websocket`."""

    def __init__(self, ear: Ear, upgrade: Upgrade, max_message_bytes: int) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ear: Ear | None = ear
        self._upgrade: Upgrade | None = upgrade
        self._reader = FrameReader(max_message_bytes)
        self._frames = Frames(max_message_bytes, _MAX_FRAGMENTS, binary=True)
        self._transport: asyncio.Transport
        self._gone = asyncio.Event()
        self._sent_close = False
        # What came with the answer to the upgrade.
        self._early = b""

    def send(self, text: bytes) -> None:
        self._write(TEXT, text)

    def send_binary(self, data: bytes) -> None:
        self._write(BINARY, data)

    def ping(self) -> None:
        self._write(PING, b"")

    def pause(self) -> None:
        self._transport.pause_reading()

    def resume(self) -> None:
        self._transport.resume_reading()

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye; the end comes when the server has answered. Idempotent."""
        self._write(CLOSE, close_payload(code, reason))
        self._sent_close = True

    def abort(self) -> None:
        """End it now."""
        self._transport.abort()

    async def closed(self, within: float = _CLOSE_WITHIN) -> None:
        """Wait for the end of the socket itself; abort it if the server does not hang up."""
        try:
            async with asyncio.timeout(within):
                await self._gone.wait()
        except TimeoutError:
            self.abort()
        except asyncio.CancelledError:
            self.abort()
            raise

    def mute(self) -> None:
        """Tell the ear nothing more."""
        self._ear = None

    def _write(self, opcode: int, payload: bytes) -> None:
        if not self._sent_close:
            self._transport.write(masked_frame(opcode, payload))

    # ── as asyncio sees it ─────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert self._upgrade is not None
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._upgrade.request)

    def data_received(self, data: bytes) -> None:
        if self._upgrade is not None:
            self._shake_hands(data)
            return
        for frame in self._reader.feed(data):
            self._follow(frame if isinstance(frame, Broken) else self._frames.feed(*frame))

    def connection_lost(self, exc: Exception | None) -> None:
        self._frames.stop()
        self._gone.set()
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionResetError("the server hung up"))
        self._end(Close.ABNORMAL, "")

    def _shake_hands(self, data: bytes) -> None:
        assert self._upgrade is not None
        try:
            rest = self._upgrade.feed(data)
        except (Refused, NoUpgrade) as error:
            if not self.opened.done():
                self.opened.set_exception(error)
            self.mute()
            self.abort()
            return
        if rest is not None and not self.opened.done():
            self._upgrade = None
            self._early = rest
            # Not before whoever opened it has it in hand.
            self._transport.pause_reading()
            self.opened.set_result(None)

    def begin(self) -> None:
        """Hear what the server says."""
        if not self._gone.is_set():
            self._transport.resume_reading()
            self.data_received(self._early)

    def _follow(self, decision: Decision) -> None:
        match decision:
            case Message(payload, text):
                self._pass_on(payload, text)
                return
            case Ping(payload):
                self._write(PONG, payload)
            case PeerCloses(code, reason):
                self.close(Close.NORMAL if code == Close.NO_STATUS else code, reason)
                # The server hangs up first (RFC 6455 section 7.1.1).
                self._end(code, reason)
            case Broken(code, reason):
                self._frames.stop()
                self.close(code, reason)
                asyncio.get_running_loop().call_later(_LINGER, self.abort)
                self._end(code, reason)
        if self._ear is not None:
            self._ear.heard()

    def _pass_on(self, payload: bytes, text: bool) -> None:
        if self._ear is None:
            return
        if text:
            self._ear.received(payload)
        else:
            self._ear.received_binary(payload)

    def _end(self, code: int, reason: str) -> None:
        ear, self._ear = self._ear, None
        if ear is not None:
            ear.ended(int(code), reason)


async def open_websocket(
    ear: Ear,
    url: str,
    *,
    within: float,
    tls: ssl.SSLContext | None = None,
    headers: Mapping[str, str] | None = None,
    max_message_bytes: int = MAX_MESSAGE_BYTES,
) -> WebSocket:
    """
    Open a WebSocket at *url* within so many seconds; cancelled, it leaves no socket behind.

    Redirects are not followed, and no proxy is used: what is said here goes to *url* alone.
    Certificates are checked. Raises `Refused` and `OSError`: `TimeoutError`, `NoUpgrade` and
    the errors of certificates are some.
    """
    parts = urlsplit(url)
    path = parts.path or "/"
    upgrade = Upgrade(
        parts.netloc,
        f"{path}?{parts.query}" if parts.query else path,
        headers or {},
        os.urandom(16),
    )
    made = WebSocket(ear, upgrade, max_message_bytes)
    context = (tls or ssl.create_default_context()) if parts.scheme == "wss" else None
    try:
        async with asyncio.timeout(within):
            await _connect(made, parts, context)
            await made.opened
    except BaseException:
        made.mute()
        made.opened.cancel()
        if hasattr(made, "_transport"):
            made.abort()
        raise
    asyncio.get_running_loop().call_soon(made.begin)
    return made


async def _connect(made: WebSocket, parts: SplitResult, tls: ssl.SSLContext | None) -> None:
    """Connect to the first address of the host that answers."""
    loop = asyncio.get_running_loop()
    host, port = parts.hostname or "", parts.port or (443 if tls else 80)
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for at, (_, _, _, _, address) in enumerate(found):
        last = at + 1 == len(found)
        try:
            async with asyncio.timeout(None if last else _ADDRESS_WITHIN):
                await loop.create_connection(
                    lambda: made,
                    str(address[0]),
                    port,
                    ssl=tls,
                    server_hostname=host if tls else None,
                )
        except OSError:
            if last:
                raise
        else:
            return
