"""
A thousand members of a room, as cheap as Python can have them: sockets and one epoll.

The load for the figures: it joins, then counts who has received what. It reads no frames,
only looks for a mark in the bytes, and must run on another core than what it measures.
"""

import contextlib
import select
import socket
import time
from collections.abc import Callable, Iterator

from tests.support.raw import TEXT, Raw, frame


class Members:
    """Sockets that wait for marks."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self.sockets = sockets
        self._by_fd = {s.fileno(): s for s in sockets}
        self._epoll = select.epoll()
        for s in sockets:
            s.setblocking(False)
            self._epoll.register(s, select.EPOLLIN)

    def wait_for(self, mark: bytes, count: int, within: float = 30.0) -> int:
        """Return how many bytes came, once *count* sockets have received *mark*."""
        seen: set[int] = set()
        size = 0
        until = time.monotonic() + within
        while len(seen) < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(seen)} of {count} have seen {mark!r}")
            for fd, _ in self._epoll.poll(1.0, 1024):
                data = self._by_fd[fd].recv(1 << 20)
                size += len(data)
                if mark in data:
                    seen.add(fd)
        return size

    def drain(self, quiet: float = 0.5) -> None:
        """Read until nothing has come for *quiet* seconds."""
        while ready := self._epoll.poll(quiet, 1024):
            for fd, _ in ready:
                self._by_fd[fd].recv(1 << 20)

    def close(self) -> None:
        self._epoll.close()
        for s in self.sockets:
            s.close()


# Members that join at once: as many as make a good batch for the database.
_BATCH = 100


@contextlib.contextmanager
def joined(
    port: int, count: int, name: Callable[[int], bytes], room: bytes = b"general"
) -> Iterator[Members]:
    """Connect *count* members with the tokens that *name* gives; all are in *room*."""
    raws = []
    for n in range(count):
        raws.append(Raw.opened(port))
        raws[n].send(frame(TEXT, b'{"type":"auth","data":{"token":"%s"}}' % name(n)))
    members = Members([raw.socket for raw in raws])
    try:
        members.drain(0.2)
        for at in range(0, count, _BATCH):
            for raw in raws[at : at + _BATCH]:
                raw.send(frame(TEXT, b'{"type":"join:room","data":{"room":"%s"}}' % room))
            members.drain(0.2)
        said = b'{"type":"chat","data":{"room":"%s","text":"all-here"}}' % room
        raws[0].send(frame(TEXT, said))
        members.wait_for(b"all-here", count)
        members.drain()
        yield members
    finally:
        members.close()
