"""
The one timer of a node: calls whoever is due.

Everything with a deadline is a `Beat` that says when it is due and is called then; a
thousand connections cost a thousand heap entries, but no task and no timer each. It turns
nothing by itself: `beat` is called with the time, by a test or by `Pulse` with the loop's.
"""

import asyncio
import heapq
import logging
import math
from collections.abc import Callable
from typing import Final, Protocol

NEVER: Final = math.inf

_log: Final = logging.getLogger(__name__)


class Beat(Protocol):
    """Something with a deadline. Hashable by identity."""

    @property
    def due(self) -> float:
        """When `tick` wants to be called, monotonic seconds; `NEVER` is allowed."""

    def tick(self, now: float) -> None:
        """
        Do what is due. Must not raise: one that does is logged.

        A beat whose `due` is still in the past afterwards is forgotten.
        """


class Heart:
    """
    Calls beats when they are due, and not before.

    A deadline may move later at any time for nothing: it is read again when it was due
    first. When it moves earlier, `watch` must be called again.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Beat]] = []
        # The entry that counts; others of the same beat in the heap are stale.
        self._entries: dict[Beat, tuple[float, int, Beat]] = {}
        self._serial = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def next(self) -> float:
        """When `beat` should be called next; at that time nothing may turn out to be due."""
        while self._heap and self._is_stale(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else NEVER

    def watch(self, beat: Beat) -> bool:
        """See that *beat* is called when due; return whether `next` may be earlier now."""
        entry = self._entries.get(beat)
        due = beat.due
        if due == NEVER or (entry is not None and entry[0] <= due):
            return False
        self._serial += 1
        entry = self._entries[beat] = (due, self._serial, beat)
        heapq.heappush(self._heap, entry)
        self._tidy()
        return self._heap[0] is entry

    def forget(self, beat: Beat) -> None:
        """Call *beat* no more, and keep no reference to it for longer than its deadline."""
        self._entries.pop(beat, None)
        self._tidy()

    def beat(self, now: float) -> None:
        """Call every beat that is due at *now*, each at most once."""
        ready: list[tuple[float, int, Beat]] = []
        while self.next <= now:
            ready.append(heapq.heappop(self._heap))
        for entry in ready:
            beat = entry[2]
            # One that ran before it may have forgotten it, or moved its deadline.
            if not self._is_stale(entry) and beat.due <= now:
                _tick(beat, now)
            # And so may its own tick.
            if not self._is_stale(entry):
                del self._entries[beat]
                if beat.due > now:
                    self.watch(beat)

    def _tidy(self) -> None:
        """Let go of the stale before they are many: each keeps all that was of a connection."""
        if len(self._heap) > len(self._entries) * 9 // 8 + 64:
            self._heap = list(self._entries.values())
            heapq.heapify(self._heap)

    def _is_stale(self, entry: tuple[float, int, Beat]) -> bool:
        return self._entries.get(entry[2]) is not entry


def _tick(beat: Beat, now: float) -> None:
    try:
        beat.tick(now)
    except Exception:  # noqa: BLE001 - the edge: it is logged, and all others have deadlines too
        _log.exception("A beat failed")


# Deadlines are not met more exactly than this, in seconds: wake up less, call more at once.
_GRAIN: Final = 0.02


class Pulse(Heart):
    """
    A heart that beats by itself, with one timer handle of the event loop.

    *clock* tells the time, the loop's own if None; where it may be turned, say `turned`
    afterwards.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float] | None = None
    ) -> None:
        super().__init__()
        self._loop = loop
        self._clock = clock or loop.time
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = NEVER
        self._stopped = False

    @property
    def now(self) -> float:
        return self._clock()

    def turned(self) -> None:
        """Beat at once: the clock has jumped."""
        if self._timer is not None:
            self._timer.cancel()
        self._turn()

    def watch(self, beat: Beat) -> bool:
        sooner = super().watch(beat)
        if sooner:
            self._arm()
        return sooner

    def stop(self) -> None:
        """Beat no more; whoever is watched is forgotten."""
        self._stopped = True
        self._heap.clear()
        self._entries.clear()
        self._arm()

    def _arm(self) -> None:
        due = NEVER if self._stopped else self.next
        if self._timer is not None and (due == NEVER or due < self._armed_for):
            self._timer.cancel()
            self._timer = None
        if self._timer is None and due != NEVER:
            self._armed_for = due
            self._timer = self._loop.call_later(max(due - self.now, 0.0) + _GRAIN, self._turn)

    def _turn(self) -> None:
        self._timer = None
        self.beat(self.now)
        self._arm()
