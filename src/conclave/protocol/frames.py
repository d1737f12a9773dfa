"""
RFC 6455 above single frames: what a sequence of frames means.

Fed with one frame after the other it answers with a decision: a message is complete, a
ping wants its pong, the peer closes, or the peer broke a rule. It has no socket and no
clock; masks, lengths and headers are read below it, deadlines are kept above it.
"""

import codecs
from dataclasses import dataclass
from typing import Final

from conclave.protocol.errors import Close

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

# RFC 6455 section 5.5
MAX_CONTROL_BYTES: Final = 125
# What may stand in a close frame below 3000 (section 7.4.1 and the IANA registry); 1004 is
# reserved, 1005, 1006 and 1015 never travel.
_CODES_ON_THE_WIRE: Final = frozenset({*range(1000, 1004), *range(1007, 1015)})


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message; *text* if it was sent as UTF-8 text, which it is then."""

    payload: bytes
    text: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """To be answered with a pong of the same payload."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class PeerCloses:
    """The peer's close frame; 1005 if it gave no code. Nothing after it counts."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The peer broke a rule: close with this code. Nothing after it counts."""

    code: Close
    reason: str


Decision = Message | Ping | PeerCloses | Broken | None


class Frames:
    """
    The rules for the frames of one connection, in the order they come.

    After a `PeerCloses` or `Broken` everything is ignored. Memory is bounded by
    *max_bytes*, the payload of one message over all its fragments, and *max_fragments*,
    empty ones included.
    """

    __slots__ = ("_binary", "_count", "_decoder", "_max_bytes", "_max_fragments", "_parts", "_size")

    def __init__(self, max_bytes: int, max_fragments: int, *, binary: bool = False) -> None:
        self._max_bytes = max_bytes
        self._max_fragments = max_fragments
        self._binary = binary
        # None: between messages. A deaf one has no limit left.
        self._parts: list[bytes] | None = None
        self._decoder: codecs.IncrementalDecoder | None = None
        self._size = 0
        self._count = 0

    @property
    def open(self) -> bool:
        """True between the first and the last fragment of a message."""
        return self._parts is not None

    def feed(self, opcode: int, fin: bool, rsv: bool, payload: bytes) -> Decision:
        """Return what this frame means; None if there is nothing to do yet."""
        if self._max_bytes < 0:
            return None
        if rsv:
            return self._break(Close.PROTOCOL_ERROR, "Reserved bit without an extension")
        if opcode == TEXT and fin and self._parts is None:
            return self._whole_text(payload)
        if opcode in (CONTINUATION, TEXT, BINARY):
            return self._fragment(opcode, fin, payload)
        return self._control(opcode, fin, payload)

    def is_whole(self, opcode: int, fin: bool, rsv: bool, payload: bytes) -> bool:
        """
        Return whether this frame is a message of ASCII, as most are, and nothing speaks against it.

        It then need not be fed. Of all others that is not known before they are.
        """
        return (
            opcode == TEXT
            and fin
            and not rsv
            and self._parts is None
            and len(payload) <= self._max_bytes
            and payload.isascii()
        )

    def stop(self) -> None:
        """Ignore whatever comes, and free what was kept."""
        self._max_bytes = -1
        self._parts = self._decoder = None

    def _whole_text(self, payload: bytes) -> Decision:
        if len(payload) > self._max_bytes:
            return self._too_big()
        if not payload.isascii():
            try:
                payload.decode()
            except UnicodeDecodeError:
                return self._not_utf8()
        return Message(payload, True)

    def _fragment(self, opcode: int, fin: bool, payload: bytes) -> Decision:
        broken = self._begin(opcode) if opcode != CONTINUATION else None
        if broken is not None:
            return broken
        if self._parts is None:
            return self._break(Close.PROTOCOL_ERROR, "Nothing to continue")
        self._count += 1
        self._size += len(payload)
        if self._size > self._max_bytes:
            return self._too_big()
        if self._count > self._max_fragments:
            return self._break(Close.TOO_BIG, "Too many fragments")
        if not self._is_utf8(payload, fin):
            return self._not_utf8()
        if payload:
            self._parts.append(payload)
        return self._finish() if fin else None

    def _begin(self, opcode: int) -> Broken | None:
        if self._parts is not None:
            return self._break(Close.PROTOCOL_ERROR, "A message within a message")
        if opcode == BINARY and not self._binary:
            return self._break(Close.UNSUPPORTED_DATA, "Only text is understood")
        self._parts = []
        self._size = self._count = 0
        if opcode == TEXT:
            self._decoder = codecs.getincrementaldecoder("utf-8")()
        return None

    def _is_utf8(self, payload: bytes, fin: bool) -> bool:
        """Check as it arrives, so that a wrong start is not kept until the end."""
        if self._decoder is None:
            return True
        try:
            self._decoder.decode(payload, fin)
        except UnicodeDecodeError:
            return False
        return True

    def _finish(self) -> Message:
        assert self._parts is not None
        message = Message(b"".join(self._parts), self._decoder is not None)
        self._parts = self._decoder = None
        return message

    def _control(self, opcode: int, fin: bool, payload: bytes) -> Decision:
        if not fin:
            return self._break(Close.PROTOCOL_ERROR, "Control frames are not fragmented")
        if len(payload) > MAX_CONTROL_BYTES:
            return self._break(Close.PROTOCOL_ERROR, "Control frame of more than 125 bytes")
        if opcode == PING:
            return Ping(payload)
        if opcode == PONG:
            return None
        if opcode == CLOSE:
            return self._close(payload)
        return self._break(Close.PROTOCOL_ERROR, "Reserved opcode")

    def _close(self, payload: bytes) -> Decision:
        if not payload:
            self.stop()
            return PeerCloses(Close.NO_STATUS, "")
        code = int.from_bytes(payload[:2], "big")
        if len(payload) == 1 or not is_close_code(code):
            return self._break(Close.PROTOCOL_ERROR, "Not a close code")
        try:
            reason = payload[2:].decode()
        except UnicodeDecodeError:
            return self._not_utf8()
        self.stop()
        return PeerCloses(code, reason)

    def _too_big(self) -> Broken:
        return self._break(Close.TOO_BIG, "Message too big")

    def _not_utf8(self) -> Broken:
        return self._break(Close.INVALID_TEXT, "Not UTF-8")

    def _break(self, code: Close, reason: str) -> Broken:
        self.stop()
        return Broken(code, reason)


def is_close_code(code: int) -> bool:
    """Return whether *code* may stand in a close frame (RFC 6455 section 7.4)."""
    return code in _CODES_ON_THE_WIRE or 3000 <= code <= 4999


def frame(opcode: int, payload: bytes) -> bytes:
    """Return *payload* as one unmasked frame, as a server sends it."""
    size = len(payload)
    first = 0x80 | opcode
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload


_SHORT: Final = tuple(bytes((0x80 | TEXT, size)) for size in range(126))


def frame_text(text: bytes) -> bytes:
    # Flat: each packet is framed once.
    size = len(text)
    if size < 126:
        return _SHORT[size] + text
    if size < 65_536:
        return b"\x81\x7e%c%c%b" % (size >> 8, size & 255, text)
    return frame(TEXT, text)


def frame_binary(data: bytes) -> bytes:
    return frame(BINARY, data)


def close_payload(code: int, reason: str) -> bytes:
    """Return what a close frame holds; *reason* is cut between characters if too long."""
    encoded = reason.encode("utf-8", "replace")
    if len(encoded) > MAX_CONTROL_BYTES - 2:
        encoded = encoded[: MAX_CONTROL_BYTES - 2].decode("utf-8", "ignore").encode()
    return code.to_bytes(2, "big") + encoded
