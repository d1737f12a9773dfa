"""
Says how long one turn of a loop was, in CPU of its thread: `--app tests.support.turns:APP`.

What a process did in a turn is its own doing; how long it then waited for a processor is the
machine's. Between two beats of a short timer there is one long turn, or some short ones: so the
CPU between them is at least that of the longest turn.
"""

import asyncio
import time

from tests.support.people import Ends, app

from conclave import Controller, Event, on

BEAT = 0.005


class Turns(Event, type="test:turns"):
    """Asks for the longest turn since the last time, in ms of CPU; the first one begins."""


class Counting(Controller):
    longest = 0.0
    last: float | None = None

    @on(Turns)
    async def turns(self, connection, event: Turns) -> dict[str, float]:
        if Counting.last is None:
            Counting.last = time.thread_time()
            self._again()
        longest, Counting.longest = Counting.longest, 0.0
        return {"longest_ms": round(longest * 1_000, 1)}

    def _again(self) -> None:
        asyncio.get_running_loop().call_later(BEAT, self._beat)

    def _beat(self) -> None:
        now = time.thread_time()
        Counting.longest = max(Counting.longest, now - Counting.last)
        Counting.last = now
        self._again()


APP = app(Ends, Counting)
