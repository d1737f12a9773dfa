"""
One open WebSocket: what its frames mean for it, and what it sends.

A `Link` is the transport a `Receiver` talks to. It asks `Frames` for the rules and leaves
the bytes to `wire`, its end to `ending`; what a message says is none of its business.
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
    Message,
    PeerCloses,
    Ping,
    frame,
    frame_binary,
)
from conclave.server.ending import Ending
from conclave.server.heart import NEVER, Pulse
from conclave.server.share import Share
from conclave.server.terms import BinaryReceiver, Receiver, Terms
from conclave.server.wire import Wire

# Above this a message leaves a read buffer behind that is worth a new wire, which costs
# 170 µs: when no other such message came for so many seconds.
_LARGE_BYTES: Final = 12_288
_SHRINK_AFTER: Final = 2.0

# Pings and pongs that a peer may send in so many seconds: twenty a second, or one between all
# fragments of the longest message.
_MAX_CONTROLS: Final = 300
_CONTROLS_WITHIN: Final = 15

_log: Final = logging.getLogger(__name__)


class Link(Ending):
    """A `ports.Transport`, whose deadlines are its `Ending`'s."""

    __slots__ = (
        "_controls",
        "_controls_span",
        "_full",
        "_links",
        "_owed_pong",
        "_share",
        "address",
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
        super().__init__(socket, receiver, terms, pulse)
        self.address = address
        # Of `ports.Transport`, without a step in between.
        self.send = self.outlet.send
        # All links of a listener; it is in there from 101 to the end of the socket.
        self._links = links
        self._owed_pong: bytes | None = None
        self._full = False
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
        opcode, fin = int(frame_.msg_type), bool(frame_.fin)
        if self._frames.is_whole(opcode, fin, rsv, payload):
            self._message_by = NEVER
            self._pass_on(payload, True)
            return
        decision = self._frames.feed(opcode, fin, rsv, payload)
        if decision is not None:
            self._follow(decision)
        if opcode >= PING:
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
        self._links.discard(self)
        super().lost()

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


_WHY: Final[dict[int, str]] = {
    Close.INTERNAL: "",
    Close.TOO_BIG: "Message too big",
    Close.INVALID_TEXT: "Not UTF-8",
}
