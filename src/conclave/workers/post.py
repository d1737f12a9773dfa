"""
What a worker is told by its supervisor, and how it answers.

The words are systemd's, as a supervisor is to a worker what systemd is to a node. They go
through a pair of sockets; that it is closed says that the supervisor is gone.
"""

import asyncio
import socket
from collections.abc import Callable, MutableMapping, Sequence
from contextlib import suppress
from typing import Final, Self

import msgspec

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
ALIVE: Final = "WATCHDOG=1"
# Seconds between two signs of life of a worker.
ALIVE_EVERY: Final = 1.0
# Not CONCLAVE_…, which would be a setting.
VARIABLE: Final = "_CONCLAVE_POST"
_MOST_BYTES: Final = 65_536


class Orders(msgspec.Struct, frozen=True):
    """What the supervisor tells a worker; descriptors are inherited."""

    number: int
    # Where people connect, by all workers.
    ports: list[int]
    # The other end of it is the supervisor's.
    line: int
    # The lock of the data directory, which ends with the last process that has it.
    lock: int | None = None
    # Nobody else is there yet: what is done once for all is done now.
    first: bool = False


class Announcement(msgspec.Struct, frozen=True):
    """What a person is told of a server that has started."""

    address: str
    rooms: list[str]
    tokens: list[tuple[str, str]]
    setup: str


class Post:
    """A worker's place; `taken` returns that of this process."""

    def __init__(self, orders: Orders) -> None:
        self.number = orders.number
        self.first = orders.first
        self.lock = orders.lock
        self.ports = [socket.socket(fileno=port) for port in orders.ports]
        self._line = socket.socket(fileno=orders.line)
        for one in (*self.ports, self._line):
            one.setblocking(False)
            # Inherited from the supervisor, and for no child of a worker.
            one.set_inheritable(False)

    @classmethod
    def taken(cls, environ: MutableMapping[str, str]) -> Self | None:
        """Return the place that *environ* gives to this process, once; None: it is alone."""
        said = environ.pop(VARIABLE, None)
        return None if said is None else cls(msgspec.json.decode(said, type=Orders))

    def tell(self, words: bytes) -> None:
        """Say *words* to the supervisor; never waits and never fails."""
        with suppress(OSError):
            self._line.send(words)

    def announce(
        self, address: str, rooms: Sequence[str], tokens: Sequence[tuple[str, str]], setup: str
    ) -> None:
        """Let the supervisor print it: once, of all workers."""
        said = Announcement(address, list(rooms), list(tokens), setup)
        self.tell(msgspec.json.encode(said))

    def when_deserted(self, stop: Callable[[], None]) -> None:
        """Call *stop*, once, when the supervisor is gone."""
        asyncio.get_running_loop().add_reader(self._line, self._heard, stop)

    def _heard(self, stop: Callable[[], None]) -> None:
        try:
            gone = not self._line.recv(_MOST_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            gone = True
        if gone:
            asyncio.get_running_loop().remove_reader(self._line)
            stop()
