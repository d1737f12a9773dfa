"""
Which of many failed tries the audit log tells one by one, and which it counts.

An address has a few lines a minute, and all addresses together some more; what is beyond
becomes one line when the minute is over. So neither one guesser nor a thousand can fill
the disk, or hide what else was done. Nothing here knows the time, or the log.
"""

from collections import Counter
from typing import Final, NamedTuple

WINDOW_S: Final = 60.0
OF_ONE_ADDRESS: Final = 5
OF_ALL: Final = 20
# Addresses that are counted apart within a minute; those beyond share one count.
MOST_ADDRESSES: Final = 200
# Of those, how many get a line of their own when it is over: the busiest.
MOST_LINES: Final = 10


class Counted(NamedTuple):
    """How many tries were not told one by one; of several addresses the address is None."""

    address: str | None
    times: int
    # At least.
    addresses: int


class Tries:
    """The tries of the minute that is running; ask for `ended` now and then."""

    def __init__(self) -> None:
        self._began = 0.0
        self._told = 0
        self._tries: Counter[str] = Counter()
        self._untold: Counter[str] = Counter()
        self._elsewhere = 0

    def tell(self, address: str, now: float) -> bool:
        """Count a try; return whether it is told by itself."""
        if not self._tries:
            self._began = now
        if address not in self._tries and len(self._tries) >= MOST_ADDRESSES:
            self._elsewhere += 1
            return False
        self._tries[address] += 1
        if self._tries[address] > OF_ONE_ADDRESS or self._told >= OF_ALL:
            self._untold[address] += 1
            return False
        self._told += 1
        return True

    def ended(self, now: float, *, whatever: bool = False) -> list[Counted]:
        """Return what was only counted, once the minute is over or *whatever*; begin anew."""
        if not self._tries or (now - self._began < WINDOW_S and not whatever):
            return []
        busiest, rest = self._split()
        counted = [Counted(address, times, 1) for address, times in busiest]
        if left := sum(rest.values()) + self._elsewhere:
            counted.append(Counted(None, left, len(rest) + bool(self._elsewhere)))
        self._tries.clear()
        self._untold.clear()
        self._told = self._elsewhere = 0
        return counted

    def _split(self) -> tuple[list[tuple[str, int]], dict[str, int]]:
        ordered = self._untold.most_common()
        return ordered[:MOST_LINES], dict(ordered[MOST_LINES:])
