"""
What waits to be pushed: in the order it is due, one of each room for each browser.

Everybody has a share of it, so that a browser whose service takes nothing holds up its own
person alone.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from conclave.model import Called, Entry, Subscription
from conclave.ports import Connection
from conclave.push.message import Message

MOST: Final = 2_000
MOST_OF_ONE: Final = 200
# What was taken out stays in the heap until it is its turn, or until it is most of the heap.
_MOST_STALE: Final = 256


class Pending(NamedTuple):
    """A message somebody is to be told of."""

    entry: Entry
    called: Called
    due: float
    # At which they were when it was told: one that lasts until it is due has told them.
    at: frozenset[Connection] = frozenset()

    def outweighs(self, other: "Pending") -> bool:
        """Return whether *other*, which is later, is not to take its place."""
        return self.called.mention and not other.called.mention


class Job(NamedTuple):
    """Ordered by when it is due; the number keeps those of one moment apart."""

    due: float
    number: int
    subscription: Subscription
    message: Message
    about: Pending
    made: float
    tries: int = 0

    @property
    def user(self) -> str:
        return self.subscription.user

    @property
    def key(self) -> tuple[str, str]:
        return self.subscription.id, self.message.room


class Jobs:
    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._heap: list[Job] = []
        self._of: defaultdict[str, dict[tuple[str, str], Job]] = defaultdict(dict)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def of(self, user: str) -> list[Job]:
        return list(self._of.get(user, {}).values())

    def put(self, job: Job) -> bool:
        """
        Let *job* wait, in the place of an older one of its room; False: there is no room.

        One that names its reader is kept instead, if the other does not.
        """
        older = self._of.get(job.user, {}).get(job.key)
        if older is None and self._is_full(job.user):
            return False
        if older is not None and older.about.outweighs(job.about):
            return True
        if older is not None:
            self.remove(older)
        self._of[job.user][job.key] = job
        self._count += 1
        heapq.heappush(self._heap, job)
        return True

    def _is_full(self, user: str) -> bool:
        return self._count >= self._most or len(self._of.get(user, ())) >= self._most_of_one

    def has(self, key: tuple[str, str], user: str) -> bool:
        """Return whether something of that room waits for that browser."""
        return key in self._of.get(user, ())

    def remove(self, job: Job) -> None:
        """Forget *job*, if it waits."""
        theirs = self._of.get(job.user, {})
        if theirs.get(job.key) is not job:
            return
        del theirs[job.key]
        if not theirs:
            del self._of[job.user]
        self._count -= 1
        if len(self._heap) > 2 * self._count + _MOST_STALE:
            self._heap = [one for of in self._of.values() for one in of.values()]
            heapq.heapify(self._heap)

    def due(self, now: float) -> Iterator[Job]:
        """Take out one after the other what is due."""
        while self._heap and self._heap[0].due <= now:
            job = heapq.heappop(self._heap)
            if self._of.get(job.user, {}).get(job.key) is job:
                self.remove(job)
                yield job
