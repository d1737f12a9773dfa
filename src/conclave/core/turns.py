"""
Whose turn it is among the requests of one connection.

Requests start in order of arrival. A barrier (auth, join, leave) starts when all before it
are done, and nothing starts before it is done. Reads run at most eight at a time. What is
beyond the bounds is answered `busy` at once, so that nobody fills the memory.
"""

from enum import IntEnum
from typing import Final, Generic, TypeVar

from conclave.protocol.errors import Code, Reject

MAX_READS: Final = 8
MAX_READS_WAITING: Final = 64
# Requests of one connection that have been taken and not answered.
MAX_PENDING: Final = 1_024


class Turn(IntEnum):
    """How a request gets along with the others of its connection."""

    # The only one that is false.
    WRITE = 0
    READ = 1
    BARRIER = 2


T = TypeVar("T")


class Turns(Generic[T]):
    """Give every arrival to `arrive`, start all that `start` returns, say `done` for each."""

    __slots__ = ("_barrier", "_reads", "_reads_waiting", "_running", "_waiting")

    def __init__(self) -> None:
        # A list: an empty deque takes 600 bytes more, and most connections are idle.
        self._waiting: list[tuple[Turn, T]] = []
        self._running = 0
        self._reads = 0
        self._reads_waiting = 0
        self._barrier = False

    @property
    def pending(self) -> int:
        return self._running + len(self._waiting)

    def arrive(self, turn: Turn, request: T) -> None:
        """Take *request* in, or raise `busy`."""
        if self.pending >= MAX_PENDING:
            raise Reject(Code.BUSY, "Too many requests wait for their answer")
        if turn is Turn.READ:
            if self._reads_waiting >= MAX_READS_WAITING:
                raise Reject(Code.BUSY, "Too many requests wait for their answer")
            self._reads_waiting += 1
        self._waiting.append((turn, request))

    def enter(self, turn: Turn) -> bool:
        """
        Start a write that has nothing to wait for; return whether it was that.

        As `arrive` and `start` would, with nothing kept in between.
        """
        if turn or self._waiting or self._barrier or self._running >= MAX_PENDING:
            return False
        self._running += 1
        return True

    def start(self) -> T | None:
        """Return the next request whose turn it is, or None."""
        if not self._waiting or self._barrier:
            return None
        turn, request = self._waiting[0]
        if turn is Turn.BARRIER and self._running:
            return None
        if turn is Turn.READ:
            if self._reads >= MAX_READS:
                return None
            self._reads += 1
            self._reads_waiting -= 1
        self._waiting.pop(0)
        self._barrier = turn is Turn.BARRIER
        self._running += 1
        return request

    def done(self, turn: Turn) -> bool:
        """Say that a started request of this kind has ended; return whether others wait."""
        self._running -= 1
        if turn:
            self._reads -= turn is Turn.READ
            self._barrier = self._barrier and turn is not Turn.BARRIER
        return bool(self._waiting)

    def clear(self) -> None:
        """Forget all that has not started."""
        self._waiting.clear()
        self._reads_waiting = 0
