"""
How one WebSocket ends, whoever ends it: the receiver, the peer, a broken rule or the network.

An `Ending` is what a `Link` is when it has nothing more to say. It sends the close frame,
at most one, sees to it that the socket goes in time, and tells the receiver, once. What
leads to an end is `link`'s business.
"""

import asyncio
import logging
from typing import Final

from conclave.protocol.errors import Close
from conclave.protocol.frames import CLOSE, Frames, close_payload, frame, is_close_code
from conclave.server.heart import NEVER, Pulse
from conclave.server.outlet import Outlet
from conclave.server.terms import Receiver, Terms
from conclave.server.wire import Ear, Wire

# How long what a broken peer still sends is read and thrown away, in seconds. Closing with
# bytes unread resets the connection, and the peer would never see our close frame.
_LINGER: Final = 1.0

_log: Final = logging.getLogger(__name__)


class _NoWire:
    """The wire of who is gone: nothing more comes by it."""

    deaf = True


_NO_WIRE: Final = _NoWire()


class Ending(Ear):
    """
    A `heart.Beat` for the deadlines of its socket.

    The receiver hears `closed` as soon as nothing more can come: when the peer's close
    frame is there, when it broke a rule, at the latest when the socket is gone.
    """

    __slots__ = (
        "_close_by",
        "_frames",
        "_gone",
        "_message_by",
        "_paused",
        "_pulse",
        "_receiver",
        "_sent_close",
        "_shrink_by",
        "_socket",
        "_terms",
        "_wire",
        "outlet",
    )

    def __init__(
        self, socket: asyncio.Transport, receiver: Receiver, terms: Terms, pulse: Pulse
    ) -> None:
        super().__init__()
        self._socket = socket
        # Shut when our close frame is out, or the socket gone.
        self.outlet = Outlet(socket)
        self._receiver: Receiver | None = receiver
        self._terms = terms
        self._pulse = pulse
        self._wire: Wire | _NoWire
        self._frames = Frames(terms.max_message_bytes, terms.max_fragments, binary=terms.binary)
        self._message_by = self._close_by = self._shrink_by = NEVER
        self._sent_close: tuple[int, str] | None = None
        self._paused = self._gone = False

    # ── as a receiver sees it: ports.Transport ─────────────────────────────────────────

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

    def _shrink(self) -> None:
        """Free what a large message left behind: whoever reads knows what."""

    # ── as the wire sees it: Ear ───────────────────────────────────────────────────────

    def proxy_goes(self) -> None:
        # RFC 6455 5.1 wants an end for a frame without a mask, and leaves the code to us: with
        # this one the client comes back, as it should.
        self._answer_close(Close.GOING_AWAY, "")

    def lost(self) -> None:
        self._gone = True
        self.outlet.shut()
        self._frames.stop()
        self._message_by = self._close_by = self._shrink_by = NEVER
        self._pulse.forget(self)
        # Each had the other: only the garbage collector would find that nobody else has them, and
        # it looks at all of a node once in half an hour.
        self._wire = _NO_WIRE
        self._tell(*(self._sent_close or (Close.ABNORMAL, "")))

    # ── decisions ──────────────────────────────────────────────────────────────────────

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
