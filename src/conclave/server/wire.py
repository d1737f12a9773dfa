"""
picows, and nothing else of the server knows it.

It reads the headers, lengths and masks of frames, and tells an `Ear` of each. Here its
habits are kept at bay: it reads one frame ahead, and when that one is wrong it says so
to the peer at once, before the frame that came first was even looked at; then it hangs up
with a reset. A `Wire` hears of it instead, and what comes of it is `link`'s decision.
"""

import asyncio
import logging
import sys
from typing import Any, Final

from picows import (
    WSAutoPingStrategy,
    WSListener,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)

# No public export: a new minor version of picows may move it.
from picows.picows import WSProtocol  # type: ignore[attr-defined]

# picows starts with this much and doubles; nothing smaller is accepted.
_READ_BUFFER_BYTES: Final = 2_048


class Ear(WSListener):
    """
    What a wire tells, in the order of the peer's frames. `Link` is the one that listens.

    `tail` is for `on_ws_frame` to set: how many bytes follow the frame.
    """

    __slots__ = ("tail",)

    def __init__(self) -> None:
        self.tail = -1

    def opened(self, wire: "Wire") -> None: ...

    def finish_read(self, tail: int, broken: int | None) -> None:
        """
        Note the end of a read: what follows in the buffer, and the code of a wrong frame.

        *tail* counts the bytes after the last whole frame; it is -1 if none was whole.
        """

    def proxy_goes(self) -> None:
        """Note that a proxy in between ends this connection; nothing more comes."""

    def lost(self) -> None: ...


class _Log(logging.LoggerAdapter[logging.Logger]):
    """
    What picows has to say: only exceptions, the rest are peers' doings.

    An adapter, since picows makes a child logger per connection of a plain logger.
    """

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - logging's name
        return level > logging.ERROR

    def exception(self, msg: object, *args: object, **_: Any) -> None:
        # Called in the handler of an exception, so that its traceback is there.
        self.logger.error(msg, *args, exc_info=sys.exc_info())


_log: Final = _Log(logging.getLogger(__name__), {})


_NOBODY: Final = asyncio.Protocol()


class _Underneath:
    """
    The socket's transport as picows sees it, until the upgrade is answered.

    What it writes later are close frames for wrong frames: they are dropped, `Wire` asks
    for their code. It never hangs up. It is its own socket, too: what picows asks one for, to
    log it, are a dozen calls of the system, since uvloop makes a new socket for each question.
    """

    __slots__ = ("_descriptor", "_secret", "_socket")

    def __init__(self, socket: asyncio.Transport) -> None:
        self._socket: asyncio.Transport | None = socket
        self._descriptor: int = socket.get_extra_info("socket").fileno()
        self._secret = socket.get_extra_info("ssl_object")

    def get_extra_info(self, name: str) -> Any:
        """Return what picows works with; addresses it would only log."""
        return {"socket": self, "ssl_object": self._secret}.get(name)

    def fileno(self) -> int:
        return self._descriptor

    def setsockopt(self, *_: int) -> None:
        """Leave it: `TCP_NODELAY` comes from `binding`, and Linux begins with quick ACKs."""

    def getsockopt(self, *_: int) -> int:
        return 0

    def write(self, data: bytes) -> None:
        if self._socket is not None:
            self._socket.write(data)

    def shut(self) -> None:
        """Let nothing through any more."""
        self._socket = None

    def forget(self) -> None:
        """As `shut`, and be asked nothing any more: call it when the upgrade is answered."""
        self.shut()
        self._descriptor, self._secret = -1, None

    def get_write_buffer_size(self) -> int:
        # Only above 0 does picows call `write`; else it sends to the descriptor itself.
        return 1

    def close(self) -> None: ...

    def abort(self) -> None: ...


class _Answer:
    """What picows asks for the answer to an upgrade; a closure would stay, four times as large."""

    __slots__ = ("_ear", "_response")

    def __init__(self, ear: Ear, subprotocol: str | None) -> None:
        extra = None if subprotocol is None else {"Sec-WebSocket-Protocol": subprotocol}
        self._ear = ear
        self._response = WSUpgradeResponse.create_101_response(extra)

    def __call__(self, _request: object) -> Any:
        return WSUpgradeResponseWithListener(self._response, self._ear)


class Wire(WSProtocol):  # type: ignore[misc]  # picows has no types for it
    """The socket's protocol after the upgrade. It only reads."""

    __slots__ = ("_pending", "deaf")

    def __init__(self, ear: Ear, subprotocol: str | None, max_frame_bytes: int) -> None:
        super().__init__(
            host_port=None,
            ws_path=None,
            is_client_side=False,
            ws_listener_factory=_Answer(ear, subprotocol),
            logger=_log,
            disconnect_on_exception=True,
            websocket_handshake_timeout=None,
            enable_auto_ping=False,
            auto_ping_idle_timeout=None,
            auto_ping_reply_timeout=None,
            auto_ping_strategy=WSAutoPingStrategy.PING_WHEN_IDLE,
            enable_auto_pong=False,
            max_frame_size=max_frame_bytes,
            extra_headers=None,
            read_buffer_init_size=_READ_BUFFER_BYTES,
        )
        # What is read is thrown away.
        self.deaf = False
        # Bytes of a frame that is not whole yet, in picows' buffer.
        self._pending = 0

    def open(self, socket: asyncio.Transport, key: str) -> None:
        """Answer the upgrade with 101; `Ear.opened` follows. *socket* gets this protocol."""
        self._take_over(socket, _Underneath(socket), key)
        self.listener.opened(self)

    def replace(self, socket: asyncio.Transport) -> None:
        """
        Read on where another wire of *socket* ends, between two frames.

        picows' buffers grow and never shrink: who sent one large message gets a new wire.
        """
        underneath = _Underneath(socket)
        underneath.shut()
        self._take_over(socket, underneath, _ANY_KEY)

    def _take_over(self, socket: asyncio.Transport, underneath: _Underneath, key: str) -> None:
        self.connection_made(underneath)
        self.feed(_REQUEST % key.encode())
        underneath.forget()
        # It keeps both for ever, 2 KB a connection, and nobody will ask.
        request, response = self.transport.request, self.transport.response
        request.headers = response.headers = None
        request.method = request.path = request.version = None
        # uvloop keeps `data_received` of who was there before, and a wire has none: this one
        # takes its place, or all that HTTP was would stay as long as the connection.
        socket.set_protocol(_NOBODY)
        socket.set_protocol(self)

    def feed(self, data: bytes) -> None:
        """Take bytes that were read before this was the socket's protocol."""
        view = memoryview(data)
        while view:
            buffer = self.get_buffer(-1)
            size = min(len(buffer), len(view))
            buffer[:size] = view[:size]
            self.buffer_updated(size)
            view = view[size:]

    def get_buffer(self, sizehint: int) -> memoryview:
        """
        Return where to read to: not all there is, unless a frame needs more.

        picows doubles its buffer whenever a read fills nine tenths of it or leaves less
        than 256 bytes. A flood of small frames would make megabytes of it.
        """
        view: memoryview = super().get_buffer(sizehint)
        pending = self._pending
        size = len(view) + pending
        if 2 * pending >= size:
            return view
        return view[: min(size * 7 // 8, size - 257) - pending]

    def buffer_updated(self, nbytes: int) -> None:
        if self.deaf:
            # The same part of the buffer is read into again.
            return
        ear = self.listener
        if ear is None:
            # Still the request for the upgrade.
            super().buffer_updated(nbytes)
            return
        if nbytes == len(_PROXY_GOES) and self._is_proxy_going():
            ear.proxy_goes()
            return
        ear.tail = -1
        super().buffer_updated(nbytes)
        self._pending = self._pending + nbytes if ear.tail < 0 else ear.tail
        sent = self.transport.is_close_frame_sent
        ear.finish_read(ear.tail, int(self.transport.close_handshake.sent.code) if sent else None)

    def _is_proxy_going(self) -> bool:
        # Asked again, it names the same part of the buffer: nothing was read on yet.
        return not self._pending and super().get_buffer(-1)[: len(_PROXY_GOES)] == _PROXY_GOES

    def connection_lost(self, exc: Exception | None) -> None:
        self.deaf = True
        ear = self.listener
        super().connection_lost(exc)
        if ear is not None:
            ear.lost()


# Close, 1001, and no mask: what Caddy 2.6, that of Debian 12, puts into each connection when its
# configuration is reloaded. A client would hear of the missing mask as of a mistake of its own.
_PROXY_GOES: Final = b"\x88\x02\x03\xe9"
# The shortest request that says what the real one said: each connection keeps it.
_REQUEST: Final = (
    b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n\r\n"
)
# The nonce of RFC 6455's own example: of use where the answer goes nowhere.
_ANY_KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
