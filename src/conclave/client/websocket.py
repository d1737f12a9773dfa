"""
One WebSocket of a client: picows reads and masks frames, `protocol.frames` says what they
mean, an `Ear` hears of it. It sends, and it ends; it neither waits nor comes back.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import sys
from typing import Any, Final, Protocol

from picows import (
    WSError,
    WSFrame,
    WSListener,
    WSMsgType,
    WSParsedURL,
    WSTransport,
    ws_connect,
)

from conclave.protocol.errors import Close
from conclave.protocol.frames import Broken, Frames, Message, PeerCloses, Ping, close_payload

# More than any page of history: what is larger comes from no Conclave.
MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
_MAX_FRAGMENTS: Final = 4_096
_CLOSE_WITHIN: Final = 2.0
# Of several addresses of a name, how long one may keep the next one waiting.
_ADDRESS_WITHIN: Final = 2.5


class Refused(Exception):
    """The server answered the upgrade with this HTTP status instead."""

    def __init__(self, status: int, retry_after: float = 0.0) -> None:
        super().__init__(status)
        self.status = status
        # Seconds to stay away, where it said so.
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"the server answered with HTTP {self.status}"


class Ear(Protocol):
    """What hears a socket; `ended` is the last call, and comes once."""

    def received(self, text: bytes) -> None: ...

    def received_binary(self, data: bytes) -> None: ...

    def heard(self) -> None:
        """A sign of life came in that is no message, or not yet a whole one."""

    def ended(self, code: int, reason: str) -> None: ...


class _Log(logging.LoggerAdapter[logging.Logger]):
    """What picows has to say: only exceptions, the rest is told by the code of the end."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - logging's name
        return level > logging.ERROR

    def exception(self, msg: object, *args: object, **_: Any) -> None:
        self.logger.error(msg, *args, exc_info=sys.exc_info())


_log: Final = _Log(logging.getLogger(__name__), {})


class WebSocket(WSListener):
    """An open WebSocket; make one with `open_websocket`."""

    def __init__(self, ear: Ear, max_message_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self.transport: WSTransport
        self.opened = False
        self._ear: Ear | None = ear
        self._frames = Frames(max_message_bytes, _MAX_FRAGMENTS, binary=True)
        self._gone = asyncio.Event()
        self._closing = False

    def send(self, text: bytes) -> None:
        self.transport.send(WSMsgType.TEXT, text)

    def send_binary(self, data: bytes) -> None:
        self.transport.send(WSMsgType.BINARY, data)

    def ping(self) -> None:
        self.transport.send_ping()

    def pause(self) -> None:
        self.transport.underlying_transport.pause_reading()

    def resume(self) -> None:
        self.transport.underlying_transport.resume_reading()

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye; the end comes when the server has answered. Idempotent."""
        if not self._closing:
            self._send_close(code, reason)

    def abort(self) -> None:
        """End it now."""
        self.transport.disconnect(False)

    async def closed(self, within: float = _CLOSE_WITHIN) -> None:
        """Wait for the end of the socket itself; abort it if the server does not answer."""
        try:
            async with asyncio.timeout(within):
                await self._gone.wait()
        finally:
            if not self._gone.is_set():
                self.abort()

    def mute(self) -> None:
        """Tell the ear nothing more."""
        self._ear = None

    # ── as picows sees it ──────────────────────────────────────────────────────────────

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.opened = True

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        rsv = bool(frame.rsv1 or frame.rsv2 or frame.rsv3)
        opcode: Any = frame.msg_type
        payload = frame.get_payload_as_bytes()
        decision = self._frames.feed(opcode, bool(frame.fin), rsv, payload)
        match decision:
            case Message(payload, text):
                self._pass_on(payload, text)
            case Ping(payload):
                transport.send_pong(payload)
                self._pass_on(None, False)
            case None:
                self._pass_on(None, False)
            case PeerCloses(code, reason):
                self._end(code, reason)
                self._send_close(Close.NORMAL if code == Close.NO_STATUS else code, reason)
                # The server hangs up first (RFC 6455 section 7.1.1); `closed` waits for it.
            case Broken(code, reason):
                self._end(code, reason)
                self._send_close(code, reason)
                transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows' call
        self._frames.stop()
        self._gone.set()
        self._end(Close.ABNORMAL, "")

    def _pass_on(self, payload: bytes | None, text: bool) -> None:
        if self._ear is None:
            return
        if payload is None:
            self._ear.heard()
        elif text:
            self._ear.received(payload)
        else:
            self._ear.received_binary(payload)

    def _send_close(self, code: int, reason: str) -> None:
        self._closing = True
        payload = close_payload(code, reason)
        # An int where picows has no name for it.
        known: Any = code
        self.transport.send_close(known, payload[2:])

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
    headers: dict[str, str] | None = None,
    max_message_bytes: int = MAX_MESSAGE_BYTES,
) -> WebSocket:
    """
    Open a WebSocket at *url* within so many seconds; cancelled, it leaves no socket behind.

    Redirects are not followed, and no proxy is used: what is said here goes to *url* alone.
    Raises `Refused`, `OSError` (`TimeoutError` and certificate errors are some).
    """
    made = WebSocket(ear, max_message_bytes)
    tcp: list[socket.socket] = []

    async def connected(parsed: WSParsedURL) -> socket.socket:
        tcp.append(await _connect(parsed.host, parsed.port))
        return tcp[0]

    try:
        async with asyncio.timeout(within):
            await ws_connect(
                lambda: made,
                url,
                ssl_context=tls,
                websocket_handshake_timeout=within,
                logger_name=_log,
                enable_auto_pong=False,
                max_frame_size=max_message_bytes,
                extra_headers=headers,
                max_redirects=0,
                socket_factory=connected,
                use_aiofastnet=False,
            )
    except BaseException as error:
        # What picows has begun with it ends when it reads the end.
        for one in tcp:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        if isinstance(error, WSError):
            raise _said(error) from error
        raise
    if not made.opened:
        # To picows a server that hangs up before its answer is no error.
        raise ConnectionResetError("the server hung up during the upgrade")
    return made


def _said(error: WSError) -> Exception:
    response = getattr(error, "response", None)
    if response is None:
        return ConnectionError(f"no WebSocket: {error}")
    after = (response.headers or {}).get("Retry-After", "")
    return Refused(int(response.status), float(after) if after.isdecimal() else 0.0)


async def _connect(host: str, port: int) -> socket.socket:
    """Return a connected socket: to the first address of *host* that answers."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for at, (family, kind, proto, _, address) in enumerate(found):
        one = socket.socket(family, kind, proto)
        one.setblocking(False)
        try:
            async with asyncio.timeout(None if at + 1 == len(found) else _ADDRESS_WITHIN):
                await loop.sock_connect(one, address)
        except BaseException as error:
            one.close()
            if isinstance(error, OSError) and at + 1 < len(found):
                continue
            raise
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return one
    raise OSError(f"no address of {host}")
