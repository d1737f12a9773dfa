"""
WebSocket connections on picows: the one file of the server that knows it.

picows reads headers, lengths and masks; `Frames` says what the frames mean; a `Link` is
one connection, drives both, and is the transport a `Receiver` talks to. HTTP is over when
it begins: the upgrade was examined by `handshake`.
"""

import asyncio
import logging
import sys
from collections.abc import Sequence
from typing import Any, Final, cast

from picows import (
    WSAutoPingStrategy,
    WSListener,
    WSMsgType,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from conclave.protocol.codec import Packet
from conclave.protocol.errors import Close
from conclave.server.frames import (
    Broken,
    Decision,
    Frames,
    Message,
    PeerCloses,
    Ping,
    cut_reason,
    frame_binary,
    frame_text,
    is_close_code,
)
from conclave.server.handshake import Upgrade
from conclave.server.heart import NEVER, Pulse
from conclave.server.outbox import FULL_BYTES
from conclave.server.terms import BinaryReceiver, Receiver, Terms

# picows starts with this much and doubles; nothing smaller is accepted.
_READ_BUFFER_BYTES: Final = 2_048
# Larger ones picows writes as header and body apart, from a buffer that it reuses.
_MAX_COPIED_BYTES: Final = 8_192
# How long what a broken peer still sends is read and thrown away, in seconds. Closing with
# bytes unread resets the connection, and the peer would never see our close frame.
_LINGER: Final = 1.0
_TEXT: Final = WSMsgType.TEXT


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


_log: Final = _Log(logging.getLogger("conclave.server.websocket"), {})


class _Underneath:
    """
    The socket's transport as picows sees it.

    All goes straight through, except that picows may not hang up: after an error of its
    own it would close 10 ms later, mostly with a reset.
    """

    __slots__ = ("abort", "close", "get_extra_info", "get_write_buffer_size", "write", "writelines")

    def __init__(self, transport: asyncio.Transport) -> None:
        self.get_extra_info = transport.get_extra_info
        self.get_write_buffer_size = transport.get_write_buffer_size
        self.write = transport.write
        self.writelines = transport.writelines
        self.close = self.abort = _stay


def _stay() -> None:
    """Do nothing: `Link` decides when a connection ends."""


class Link(WSListener):
    """
    One open WebSocket: a `ports.Transport`, and a `heart.Beat` for its deadlines.

    The receiver hears `closed` as soon as nothing more can come: when the peer's close
    frame is there, when it broke a rule, at the latest when the socket is gone.
    """

    __slots__ = (
        "_address",
        "_close_by",
        "_ended",
        "_frames",
        "_full",
        "_links",
        "_message_by",
        "_owed_pong",
        "_paused",
        "_pulse",
        "_receiver",
        "_sent_close",
        "_socket",
        "_tail",
        "_terms",
        "_ws",
        "deaf",
    )

    def __init__(
        self,
        address: str,
        socket: asyncio.Transport,
        receiver: Receiver,
        terms: Terms,
        pulse: Pulse,
        links: set["Link"],
    ) -> None:
        self._address = address
        self._socket = socket
        self._receiver: Receiver | None = receiver
        self._terms = terms
        self._pulse = pulse
        # All links of a listener; it is in there from 101 to the end of the socket.
        self._links = links
        self._ws: Any = None
        self._frames = Frames(terms.max_message_bytes, terms.max_fragments, binary=terms.binary)
        # Bytes after the last whole frame that was read; -1 if none was whole.
        self._tail = -1
        self._message_by = self._close_by = NEVER
        self._sent_close: tuple[int, str] | None = None
        self._owed_pong: bytes | None = None
        self._full = self._paused = self._ended = False
        # Read and throw away: a rule was broken, or the closing is complete.
        self.deaf = False

    # What a receiver calls: ports.Transport.

    @property
    def address(self) -> str:
        return self._address

    @property
    def buffered(self) -> int:
        return 0 if self._ended else self._socket.get_write_buffer_size()

    def send(self, packets: Sequence[Packet]) -> None:
        if self._sent_close is not None or self._ended:
            return
        if len(packets) == 1 and len(packets[0].text) <= _MAX_COPIED_BYTES:
            # The cheapest way: framed by picows, sent at once, copied only if it must wait.
            self._ws.send(_TEXT, packets[0].text)
        else:
            self._socket.write(b"".join([_framed(packet) for packet in packets]))

    def send_binary(self, data: bytes) -> None:
        if self._sent_close is None and not self._ended:
            self._socket.write(frame_binary(data))

    def ping(self) -> None:
        if self._sent_close is None and not self._ended and not self._full:
            self._ws.send_ping()

    def pause_reading(self) -> None:
        if not (self._paused or self._ended or self._sent_close):
            self._paused = True
            self._socket.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and not self._ended:
            self._paused = False
            self._socket.resume_reading()

    def close(self, code: int, reason: str) -> None:
        if self._sent_close is not None or self._ended:
            return
        self._send_close(code, reason)
        self.resume_reading()
        self._end_by(self._terms.close_timeout)

    def abort(self) -> None:
        """End it now, whatever still waits to be sent."""
        self._socket.abort()

    # What the heart calls: heart.Beat.

    @property
    def due(self) -> float:
        return min(self._message_by, self._close_by)

    def tick(self, now: float) -> None:
        if self._close_by <= now:
            self._close_by = self._message_by = NEVER
            self._socket.abort()
        elif self._message_by <= now:
            self._message_by = NEVER
            self._fail(Close.GOING_AWAY, "Message timeout")

    # What picows calls.

    def on_ws_connected(self, transport: Any) -> None:
        self._ws = transport
        self._links.add(self)
        assert self._receiver is not None
        try:
            self._receiver.opened(self)
        except Exception:
            # picows would only hint at it in its log.
            _log.exception("A receiver failed to open")
            self._fail(Close.INTERNAL, "")

    def on_ws_frame(self, _transport: Any, frame: Any) -> None:
        self._tail = frame.tail_size
        if self.deaf:
            return
        rsv = bool(frame.rsv1 or frame.rsv2 or frame.rsv3)
        decision = self._frames.feed(
            frame.msg_type, bool(frame.fin), rsv, frame.get_payload_as_bytes()
        )
        if decision is not None:
            self._follow(decision)

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        if self._owed_pong is not None:
            payload, self._owed_pong = self._owed_pong, None
            self._ws.send_pong(payload)
        if self._receiver is not None:
            self._receiver.writable()

    def on_ws_disconnected(self, _transport: Any) -> None:
        """The socket is gone. Break the circles, so that memory is free at once."""
        self._ended = self.deaf = True
        self._links.discard(self)
        self._pulse.forget(self)
        self._frames.stop()
        self._message_by = self._close_by = NEVER
        self._tell(*(self._sent_close or (Close.ABNORMAL, "")))
        self._ws = None

    # What the protocol below calls, once per read.

    def begin_read(self) -> None:
        self._tail = -1

    def finish_read(self) -> None:
        """Look at what the read left: picows' own errors, and messages half received."""
        if self._ended or self.deaf:
            return
        if self._ws.is_close_frame_sent and self._sent_close is None:
            self._note_broken_frame()
            return
        if self._tail >= 0:
            if not self._frames.open:
                self._message_by = NEVER
            if self._receiver is not None:
                self._receiver.heard()
        if (self._tail or self._frames.open) and self._message_by == NEVER and not self._ended:
            self._message_by = self._pulse.now + self._terms.message_timeout
            self._pulse.watch(self)

    def _follow(self, decision: Decision) -> None:
        match decision:
            case Message(payload, text):
                self._message_by = NEVER
                self._pass_on(payload, text)
            case Ping(payload):
                self._pong(payload)
            case PeerCloses(code, reason):
                self._answer_close(code, reason)
            case Broken(code, reason):
                self._fail(code, reason)

    def _pass_on(self, payload: bytes, text: bool) -> None:
        if self._receiver is None or self._sent_close is not None:
            return
        if text:
            self._receiver.received(payload)
        else:
            cast(BinaryReceiver, self._receiver).received_binary(payload)

    def _pong(self, payload: bytes) -> None:
        """Answer, or only the last one if the peer does not read (RFC 6455 section 5.5.3)."""
        if self._full:
            self._owed_pong = payload
        elif self._sent_close is None:
            self._ws.send_pong(payload)

    def _answer_close(self, code: int, reason: str) -> None:
        self.deaf = True
        if self._sent_close is None:
            self._tell(code, reason)
            answer = Close.NORMAL if code == Close.NO_STATUS else code
            self._send_close(answer, reason)
        else:
            self._tell(*self._sent_close)
        self._end_by(self._terms.close_timeout)
        self._socket.close()

    def _fail(self, code: int, reason: str) -> None:
        """Say why, hear nothing more, and give the peer a moment to read it."""
        if self._sent_close is None:
            self._send_close(code, reason)
        self._linger(code, reason)

    def _note_broken_frame(self) -> None:
        """The frame itself was wrong: picows has sent the close frame already."""
        sent = self._ws.close_handshake.sent
        self._sent_close = (int(sent.code), sent.reason)
        self._linger(*self._sent_close)

    def _linger(self, code: int, reason: str) -> None:
        self.deaf = True
        self._frames.stop()
        self._message_by = NEVER
        self._tell(code, reason)
        self.resume_reading()
        if self._socket.can_write_eof():
            self._socket.write_eof()
        self._end_by(_LINGER)

    def _send_close(self, code: int, reason: str) -> None:
        self._sent_close = (code, reason)
        assert is_close_code(code)
        self._ws.send_close(code, cut_reason(reason))

    def _end_by(self, seconds: float) -> None:
        self._close_by = min(self._close_by, self._pulse.now + seconds)
        self._pulse.watch(self)

    def _tell(self, code: int, reason: str) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.closed(code, reason)


class _Wire(WSProtocol):  # type: ignore[misc]
    """picows' parser with two more looks at each read."""

    __slots__ = ()

    def buffer_updated(self, nbytes: int) -> None:
        link = self.listener
        if link is None:
            super().buffer_updated(nbytes)
        elif not link.deaf:
            # Otherwise the same bytes of the buffer are read into again: thrown away.
            link.begin_read()
            super().buffer_updated(nbytes)
            link.finish_read()


# The shortest request that says what the real one said: each connection keeps it.
_REQUEST: Final = (
    b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n\r\n"
)


def open_link(
    socket: asyncio.Transport, link: Link, upgrade: Upgrade, max_message_bytes: int
) -> "_Wire":
    """
    Answer the upgrade with 101 and return the protocol that *socket* must have from now on.

    What came after the request must go into `feed`.
    """
    chosen = upgrade.subprotocol
    extra = None if chosen is None else {"Sec-WebSocket-Protocol": chosen}
    response = WSUpgradeResponse.create_101_response(extra)
    wire = _Wire(
        host_port=None,
        ws_path=None,
        is_client_side=False,
        ws_listener_factory=lambda _request: WSUpgradeResponseWithListener(response, link),
        logger=_log,
        disconnect_on_exception=True,
        websocket_handshake_timeout=None,
        enable_auto_ping=False,
        auto_ping_idle_timeout=None,
        auto_ping_reply_timeout=None,
        auto_ping_strategy=WSAutoPingStrategy.PING_WHEN_IDLE,
        enable_auto_pong=False,
        max_frame_size=max_message_bytes,
        extra_headers=None,
        read_buffer_init_size=_READ_BUFFER_BYTES,
    )
    socket.set_write_buffer_limits(high=FULL_BYTES - 1)
    wire.connection_made(_Underneath(socket))
    feed(wire, _REQUEST % upgrade.key.encode())
    return wire


def feed(wire: "_Wire", data: bytes) -> None:
    """Give *wire* bytes that were read before it had the socket."""
    view = memoryview(data)
    while view:
        buffer = wire.get_buffer(-1)
        size = min(len(buffer), len(view))
        buffer[:size] = view[:size]
        wire.buffer_updated(size)
        view = view[size:]


def _framed(packet: Packet) -> bytes:
    if packet.framed is None:
        packet.framed = frame_text(packet.text)
    return packet.framed
