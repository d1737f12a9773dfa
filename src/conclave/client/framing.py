"""
Bytes to single frames and back, as a client reads and writes them (RFC 6455 section 5.2).

What a sequence of frames means is said by `protocol.frames`, for both sides.
"""

import os
from collections.abc import Iterator
from typing import NamedTuple

from conclave.protocol.errors import Close
from conclave.protocol.frames import Broken


class Frame(NamedTuple):
    opcode: int
    fin: bool
    rsv: bool
    payload: bytes


class FrameReader:
    """
    Takes bytes however they are cut, and gives frames.

    It keeps less than one frame, of at most *max_bytes*, and nothing after a `Broken`.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._broken = False

    def feed(self, data: bytes) -> Iterator[Frame | Broken]:
        if self._broken:
            return
        self._buffer += data
        at = 0
        while (found := self._read(at)) is not None:
            frame, at = found
            yield frame
            if isinstance(frame, Broken):
                self._broken = True
                self._buffer.clear()
                return
        del self._buffer[:at]

    def _read(self, at: int) -> tuple[Frame | Broken, int] | None:
        """Return the frame that begins at *at*, and where it ends; None: not whole yet."""
        buffer = self._buffer
        if len(buffer) < at + 2:
            return None
        first, second = buffer[at], buffer[at + 1]
        size, begin = second & 0x7F, at + 2
        if second & 0x80:
            return Broken(Close.PROTOCOL_ERROR, "A server does not mask"), at
        if size > 125:
            more = 2 if size == 126 else 8
            if len(buffer) < begin + more:
                return None
            size = int.from_bytes(buffer[begin : begin + more], "big")
            begin += more
        if size >> 63:
            return Broken(Close.PROTOCOL_ERROR, "Not a length"), at
        if size > self._max_bytes:
            return Broken(Close.TOO_BIG, "Message too big"), at
        end = begin + size
        if len(buffer) < end:
            return None
        payload = bytes(buffer[begin:end])
        return Frame(first & 0x0F, bool(first & 0x80), bool(first & 0x70), payload), end


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """Return *payload* as one frame of a client, masked with a key nobody foresees."""
    size = len(payload)
    if size < 126:
        header = bytes((0x80 | opcode, 0x80 | size))
    elif size < 65_536:
        header = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        header = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
    key = os.urandom(4)
    return header + key + mask(payload, key)


def mask(payload: bytes, key: bytes) -> bytes:
    size = len(payload)
    keys = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")).to_bytes(size, "big")
