"""
Answers from the threads that write, to those who wait in the loop.

They are given in the order in which they came, some in each turn of the loop: each caller
may tell a thousand people something, and whoever sends meanwhile waits for all of them.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

import structlog

from conclave.storage.batch import Result

_log = structlog.get_logger("conclave.storage")

# Callers that go on in one turn of the loop.
_AT_ONCE: Final = 64


class Answers:
    """Answers in the loop it was made on; `waiting` is how many have none yet."""

    def __init__(self) -> None:
        self.waiting = 0
        self._loop = asyncio.get_running_loop()
        # What is durable and not answered yet.
        self._due: deque[Result] = deque()

    def tell(self, results: Sequence[Result]) -> None:
        """Answer soon; call it from any thread."""
        if not results:
            return
        try:
            self._loop.call_soon_threadsafe(self.give, results)
        except RuntimeError:  # the loop is closed: nobody waits any more
            _log.warning("loop_gone", jobs=len(results))

    def give(self, results: Sequence[Result]) -> None:
        """Answer in the order of the calls, some in each turn of the loop; in the loop."""
        self.waiting -= len(results)
        idle = not self._due
        self._due.extend(results)
        if idle:
            self._give_some()

    def _give_some(self) -> None:
        for _ in range(min(_AT_ONCE, len(self._due))):
            waiter, value, error = self._due.popleft()
            if waiter.done():
                continue  # its caller went away; it is stored all the same
            if error is None:
                waiter.set_result(value)
            else:
                waiter.set_exception(error)
        if self._due:
            self._loop.call_soon(self._give_some)
