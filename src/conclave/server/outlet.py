"""
Bytes out: the shortest way from a packet to the socket.

Each member of a room costs one `send` here for each message, so this is one small object
with one flat function. What bounds the bytes that wait is the outbox above it.
"""

import asyncio
import os
from collections.abc import Sequence

from conclave.protocol.codec import Packet


class Outlet:
    """
    Writes to one socket at once, if nothing waits there; else behind what waits.

    Nothing leaves after `shut`, which must come before the socket is closed: until then
    the descriptor is ours, later it may be another connection's.
    """

    __slots__ = ("_descriptor", "_socket", "fd", "is_shut")

    def __init__(self, socket: asyncio.Transport) -> None:
        self._descriptor = _descriptor(socket)
        # Not two methods of it, which are 64 bytes each: they are called only when it is full.
        self._socket = socket
        # Of `ports.Outlet`. What was written may wait in the socket's transport: in the
        # beginning our 101.
        self.fd = -1
        self.is_shut = False

    def shut(self) -> None:
        """Let nothing out any more. Idempotent."""
        self.is_shut = True
        self.fd = -1

    def send(self, packets: Sequence[Packet]) -> int:
        """
        Write *packets* as one text message each; return how many bytes wait now.

        The event loop's own write is a tenth dearer, and holds the interpreter's lock in
        the system call, which starves the thread that writes the log.
        """
        if len(packets) == 1:
            return self.write(packets[0].framed)
        return self.write(b"".join([packet.framed for packet in packets]))

    def write(self, data: bytes) -> int:
        """Write *data* as it is; return how many bytes wait now."""
        if self.fd < 0 and not self._open():
            return 0 if self.is_shut else self.leave(data)
        try:
            sent = os.write(self.fd, data)
        except OSError:
            # It would block, or the connection broke: the loop finds out which.
            sent = 0
        return 0 if sent == len(data) else self.leave(data[sent:])

    def _open(self) -> bool:
        """Return whether nothing waits in the socket's transport any more."""
        if not self.is_shut and self._descriptor >= 0 and not self._waiting():
            self.fd = self._descriptor
        return self.fd >= 0

    def leave(self, data: bytes) -> int:
        """Leave *data*, which the socket did not take, to the event loop."""
        self.fd = -1
        self._socket.write(data)
        return self._waiting()

    def _waiting(self) -> int:
        """Return how many bytes wait in the socket's transport."""
        return self._socket.get_write_buffer_size()


def _descriptor(socket: asyncio.Transport) -> int:
    """Return what may be written to; -1 where TLS is in between."""
    if socket.get_extra_info("ssl_object") is not None:
        return -1
    fd: int = socket.get_extra_info("socket").fileno()
    return fd
