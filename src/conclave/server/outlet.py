"""
Bytes out: the shortest way from a packet to the socket.

Each member of a room costs one `send` here for each message, so this is one small object
with one flat function. What bounds the bytes that wait is the outbox above it.
"""

import asyncio
import os
from collections.abc import Callable, Sequence

from conclave.protocol.codec import Packet


class Outlet:
    """
    Writes to one socket at once, if nothing waits there; else behind what waits.

    Nothing leaves after `shut`, which must come before the socket is closed: until then
    the descriptor is ours, later it may be another connection's.
    """

    __slots__ = ("_behind", "_fd", "_shut", "_size", "_write")

    def __init__(self, socket: asyncio.Transport) -> None:
        self._fd = _descriptor(socket)
        self._size: Callable[[], int] = socket.get_write_buffer_size
        self._write: Callable[[bytes], None] = socket.write
        # What was written may wait in the socket's transport: in the beginning our 101.
        self._behind = True
        self._shut = False

    @property
    def is_shut(self) -> bool:
        return self._shut

    def shut(self) -> None:
        """Let nothing out any more. Idempotent."""
        self._shut = True

    def send(self, packets: Sequence[Packet]) -> int:
        """
        Write *packets* as one text message each; return how many bytes wait now.

        The event loop's own write is a tenth dearer, and holds the interpreter's lock in
        the system call, which starves the thread that writes the log.
        """
        if self._shut:
            return 0
        if len(packets) == 1:
            data = packets[0].framed
        else:
            data = b"".join([packet.framed for packet in packets])
        if self._behind:
            return self.write(data)
        try:
            sent = os.write(self._fd, data)
        except OSError:
            # It would block, or the connection broke: the loop finds out which.
            sent = 0
        return 0 if sent == len(data) else self._leave(data[sent:])

    def write(self, data: bytes) -> int:
        """Write *data* as it is; return how many bytes wait now."""
        if self._shut:
            return 0
        if self._fd >= 0 and self._behind:
            self._behind = self._size() > 0
        if self._behind:
            return self._leave(data)
        try:
            sent = os.write(self._fd, data)
        except OSError:
            sent = 0
        return 0 if sent == len(data) else self._leave(data[sent:])

    def _leave(self, data: bytes) -> int:
        """Leave *data* to the event loop."""
        self._behind = True
        self._write(data)
        return self._size()


def _descriptor(socket: asyncio.Transport) -> int:
    """Return what may be written to; -1 where TLS is in between."""
    if socket.get_extra_info("ssl_object") is not None:
        return -1
    fd: int = socket.get_extra_info("socket").fileno()
    return fd
