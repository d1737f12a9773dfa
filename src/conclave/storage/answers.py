"""
Answers from the threads that write, to those who wait in the loop.

They are given for some milliseconds in each turn of the loop: each caller may tell a thousand
people something, and whoever sends meanwhile waits for all of them. Those of one room are given
together, so that what each of its people is told leaves in one write; otherwise in the order in
which they came, and nobody overtakes who waits by a future.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from time import perf_counter
from typing import Any, Final

import structlog

from conclave.storage.batch import Called, Result

_log = structlog.get_logger("conclave.storage")

# Seconds in one turn of the loop, and how many are called between two looks at the clock; of
# those who wait by a future so many go on in one.
_WITHIN_S: Final = 0.005
_AT_ONCE: Final = 64


class Answers:
    """Answers in the loop it was made on; `waiting` is how many have none yet."""

    def __init__(self) -> None:
        self.waiting = 0
        self._loop = asyncio.get_running_loop()
        # What is durable and not answered yet: runs of one room, or one who waits by a future.
        self._due: deque[list[Result]] = deque()
        # The runs that may grow, by their room.
        self._growing: dict[str, list[Result]] = {}
        # Those who come wait for the next turn: some who were told before have not gone on.
        self._going_on = False

    def tell(self, results: Sequence[Result]) -> None:
        """Answer soon; call it from any thread."""
        if not results:
            return
        try:
            self._loop.call_soon_threadsafe(self.give, results)
        except RuntimeError:  # the loop is closed: nobody waits any more
            _log.warning("loop_gone", jobs=len(results))

    def give(self, results: Sequence[Result]) -> None:
        """Answer, some in each turn of the loop; in the loop."""
        self.waiting -= len(results)
        for result in results:
            waiter = result.waiter
            if not isinstance(waiter, Called):
                self._due.append([result])
                self._growing.clear()
            elif (run := self._growing.get(waiter.room)) is not None:
                run.append(result)
            else:
                self._growing[waiter.room] = run = [result]
                self._due.append(run)
        if not self._going_on:
            self._give_some()

    def _give_some(self) -> None:
        until, resolved = perf_counter() + _WITHIN_S, 0
        while self._due and resolved < _AT_ONCE:
            first = self._due[0][0]
            waiter = first.waiter
            if not isinstance(waiter, Called):
                self._due.popleft()
                _resolve(waiter, first.value, first.error)
                resolved += 1
            elif resolved or perf_counter() > until:
                break
            else:
                self._growing.pop(waiter.room, None)
                self._call(self._due.popleft(), until)
        self._going_on = resolved > 0 or bool(self._due)
        if self._going_on:
            self._loop.call_soon(self._give_some)

    def _call(self, run: list[Result], until: float) -> None:
        """Call those of one room; leave the rest of them for the next turn when it is late."""
        for at, result in enumerate(run, 1):
            waiter = result.waiter
            assert isinstance(waiter, Called)
            try:
                waiter.done(result.value, result.error)
            except Exception as failed:  # noqa: BLE001 - the edge: the others get their answers
                said = {"message": "An answer failed", "exception": failed}
                self._loop.call_exception_handler(said)
            if not at % _AT_ONCE and at < len(run) and perf_counter() > until:
                self._due.appendleft(run[at:])
                return


def _resolve(waiter: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    if waiter.done():
        return  # its caller went away; it is stored all the same
    if error is None:
        waiter.set_result(value)
    else:
        waiter.set_exception(error)
