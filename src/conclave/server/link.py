"""
One open WebSocket: what its frames mean for it, what it sends, and how it ends.

A `Link` is the transport a `Receiver` talks to. It asks `Frames` for the rules and leaves
the bytes to `wire`; what a message says is none of its business.
"""

import asyncio
import logging
from typing import Any, Final, cast

from conclave.protocol.errors import Close
from conclave.protocol.frames import (
    CLOSE,
    PING,
    PONG,
    Broken,
    Decision,
    Frames,
    Message,
    PeerCloses,
    Ping,
    close_payload,
    frame,
    frame_binary,
    is_close_code,
)
from conclave.server.heart import NEVER, Pulse
from conclave.server.outlet import Outlet
from conclave.server.share import Share
from conclave.server.terms import BinaryReceiver, Receiver, Terms
from conclave.server.wire import Ear, Wire

# How long what a broken peer still sends is read and thrown away, in seconds. Closing with
# bytes unread resets the connection, and the peer would never see our close frame.
_LINGER: Final = 1.0

# Above this a message leaves a read buffer behind that is worth a new wire, which costs
# 170 µs: when no other such message came for so many seconds.
_LARGE_BYTES: Final = 12_288
_SHRINK_AFTER: Final = 2.0

# Pings and pongs that a peer may send in so many seconds: twenty a second, or one between all
# fragments of the longest message.
_MAX_CONTROLS: Final = 300
_CONTROLS_WITHIN: Final = 15

_log: Final = logging.getLogger(__name__)


class Link(Ear):
    """
    A `ports.Transport`, and a `heart.Beat` for its deadlines.

    The receiver hears `closed` as soon as nothing more can come: when the peer's close
    frame is there, when it broke a rule, at the latest when the socket is gone.
    """

    __slots__ = (
        "_close_by",
        "_controls",
        "_controls_span",
        "_frames",
        "_full",
        "_gone",
        "_links",
        "_message_by",
        "_owed_pong",
        "_paused",
        "_pulse",
        "_receiver",
        "_sent_close",
        "_share",
        "_shrink_by",
        "_socket",
        "_terms",
        "_wire",
        "address",
        "outlet",
        "send",
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
        super().__init__()
        self.address = address
        self._socket = socket
        # Shut when our close frame is out, or the socket gone.
        self.outlet = Outlet(socket)
        # Of `ports.Transport`, without a step in between.
        self.send = self.outlet.send
        self._receiver: Receiver | None = receiver
        self._terms = terms
        self._pulse = pulse
        # All links of a listener; it is in there from 101 to the end of the socket.
        self._links = links
        self._wire: Wire
        self._frames = Frames(terms.max_message_bytes, terms.max_fragments, binary=terms.binary)
        self._message_by = self._close_by = self._shrink_by = NEVER
        self._sent_close: tuple[int, str] | None = None
        self._owed_pong: bytes | None = None
        self._full = self._paused = self._gone = False
        # Pings and pongs so far in this span of `_CONTROLS_WITHIN` seconds.
        self._controls = self._controls_span = 0
        self._share = Share()

    # ── as a receiver sees it: ports.Transport ─────────────────────────────────────────

    @property
    def buffered(self) -> int:
        return self._socket.get_write_buffer_size()

    def send_binary(self, data: bytes) -> None:
        self.outlet.write(frame_binary(data))

    def ping(self) -> None:
        if not self._full:
            self.outlet.write(frame(PING, b""))

    def pause_reading(self) -> None:
        if not (self._paused or self.outlet.is_shut):
            self._paused = True
            self._socket.pause_reading()

    def resume_reading(self) -> None:
        if self._paused:
            self._paused = False
            self._socket.resume_reading()

    def close(self, code: int, reason: str, *, within: float | None = None) -> None:
        if not self.outlet.is_shut:
            # Not one of RFC 6455: a mistake of a handler, not of the peer.
            self._send_close(code if is_close_code(code) else Close.INTERNAL, reason)
            self.resume_reading()
            self._end_by(self._terms.close_timeout)
        if within is not None and not self._gone:
            self._end_by(within)

    def abort(self) -> None:
        """End it now, whatever still waits to be sent."""
        self._socket.abort()

    # ── as the heart sees it: heart.Beat ───────────────────────────────────────────────

    @property
    def due(self) -> float:
        return min(self._message_by, self._close_by, self._shrink_by)

    def tick(self, now: float) -> None:
        if self._close_by <= now:
            self._close_by = self._message_by = self._shrink_by = NEVER
            self._socket.abort()
        elif self._message_by <= now:
            self._fail(Close.GOING_AWAY, "Message timeout")
        elif self._shrink_by <= now:
            self._shrink()

    # ── as the wire sees it: Ear ───────────────────────────────────────────────────────

    def opened(self, wire: Wire) -> None:
        self._wire = wire
        self._links.add(self)
        assert self._receiver is not None
        try:
            self._receiver.opened(self)
        except Exception:  # noqa: BLE001 - the edge: one connection fails, not the node
            self._crash()

    def on_ws_frame(self, _transport: Any, frame_: Any) -> None:
        self.tail = frame_.tail_size
        self._share.frames += 1
        if self.outlet.is_shut and frame_.msg_type != CLOSE:
            return  # we have said goodbye, and wait for the peer's
        rsv = bool(frame_.rsv1 or frame_.rsv2 or frame_.rsv3)
        payload = frame_.get_payload_as_bytes()
        if len(payload) > _LARGE_BYTES:
            self._shrink_by = self._pulse.now + _SHRINK_AFTER
        decision = self._frames.feed(frame_.msg_type, bool(frame_.fin), rsv, payload)
        if decision is not None:
            self._follow(decision)
        if frame_.msg_type >= PING:
            self._count_control()

    def finish_read(self, tail: int, broken: int | None) -> None:
        if self._wire.deaf:
            return
        if self._share.is_used_up():
            self._socket.pause_reading()
            asyncio.get_running_loop().call_soon(self._read_on)
        if broken is not None:
            self._fail(broken, _WHY.get(broken, "Not a WebSocket frame"))
            return
        if tail >= 0:
            if not self._frames.open:
                self._message_by = NEVER
            if self._receiver is not None:
                self._receiver.heard()
        if tail or self._frames.open:
            self._await_the_rest()
        elif self._shrink_by != NEVER:
            self._pulse.watch(self)

    def proxy_goes(self) -> None:
        # RFC 6455 5.1 wants an end for a frame without a mask, and leaves the code to us: with
        # this one the client comes back, as it should.
        self._answer_close(Close.GOING_AWAY, "")

    def _read_on(self) -> None:
        if not (self._paused or self._socket.is_closing()):
            self._socket.resume_reading()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        payload, self._owed_pong = self._owed_pong, None
        if payload is not None:
            self._pong(payload)
        if self._receiver is not None:
            self._receiver.writable()

    def lost(self) -> None:
        self._gone = True
        self.outlet.shut()
        self._links.discard(self)
        self._frames.stop()
        self._message_by = self._close_by = self._shrink_by = NEVER
        self._pulse.forget(self)
        self._tell(*(self._sent_close or (Close.ABNORMAL, "")))

    # ── decisions ──────────────────────────────────────────────────────────────────────

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

    def _count_control(self) -> None:
        """Part from a peer that only keeps us busy: no other limit counts these frames."""
        span = int(self._pulse.now) // _CONTROLS_WITHIN
        if span != self._controls_span:
            self._controls, self._controls_span = 0, span
        self._controls += 1
        if self._controls > _MAX_CONTROLS and not self._wire.deaf:
            self._fail(Close.POLICY, "Too many pings")

    def _pass_on(self, payload: bytes, text: bool) -> None:
        if self._receiver is None or self.outlet.is_shut:
            return
        try:
            if text:
                self._receiver.received(payload)
            else:
                cast(BinaryReceiver, self._receiver).received_binary(payload)
        except Exception:  # noqa: BLE001 - the edge: one connection fails, not the node
            self._crash()

    def _await_the_rest(self) -> None:
        if self._message_by == NEVER:
            self._message_by = self._pulse.now + self._terms.message_timeout
            self._pulse.watch(self)

    def _shrink(self) -> None:
        """Free what one large message left behind, before ten thousand peers send one."""
        self._shrink_by = NEVER
        # In the middle of something it waits for the end of the next large message.
        if self.tail == 0 and not self._wire.deaf:
            self._wire = Wire(self, None, self._terms.max_message_bytes)
            self._wire.replace(self._socket)

    def _pong(self, payload: bytes) -> None:
        """Answer, or only the last one if the peer does not read (RFC 6455 section 5.5.3)."""
        if self._full:
            self._owed_pong = payload
        else:
            self.outlet.write(frame(PONG, payload))

    def _answer_close(self, code: int, reason: str) -> None:
        if not self.outlet.is_shut:
            self._send_close(Close.NORMAL if code == Close.NO_STATUS else code, reason)
            self._sent_close = (code, reason)
        self._stop_hearing()
        self._end_by(self._terms.close_timeout)
        self._socket.close()

    def _crash(self) -> None:
        _log.exception("A receiver failed")
        self._fail(Close.INTERNAL, "")

    def _fail(self, code: int, reason: str) -> None:
        """Say why, hear nothing more, and give the peer a moment to read it."""
        if not self.outlet.is_shut:
            self._send_close(code, reason)
        self.resume_reading()
        self._stop_hearing()
        if self._socket.can_write_eof():
            self._socket.write_eof()
        self._end_by(_LINGER)

    def _stop_hearing(self) -> None:
        self._wire.deaf = True
        self._frames.stop()
        self._message_by = self._shrink_by = NEVER
        assert self._sent_close is not None
        self._tell(*self._sent_close)

    def _send_close(self, code: int, reason: str) -> None:
        self._sent_close = (code, reason)
        self.outlet.write(frame(CLOSE, close_payload(code, reason)))
        self.outlet.shut()

    def _end_by(self, seconds: float) -> None:
        self._close_by = min(self._close_by, self._pulse.now + seconds)
        self._pulse.watch(self)

    def _tell(self, code: int, reason: str) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.closed(code, reason)


_WHY: Final[dict[int, str]] = {
    Close.INTERNAL: "",
    Close.TOO_BIG: "Message too big",
    Close.INVALID_TEXT: "Not UTF-8",
}
