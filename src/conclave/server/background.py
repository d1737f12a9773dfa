"""
What a node does on its own, again and again, without anybody asking.

Each task has this owner, which awaits it. One that fails is logged and tried again, less
and less often; `failing` names it, so that readiness can tell.
"""

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from typing import Final

import structlog

log = structlog.get_logger(__name__)

# Seconds until what has failed is tried again, the first time of what is done seldom, and at
# most of what is done often: as long a node is not ready after all is well.
AGAIN: Final = 5.0
# Between two words of the log on what fails all the time.
_QUIET: Final = 30.0


class Background:
    """Start tasks with `every`; end them all with `close`."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self.failing: set[str] = set()

    def every(
        self,
        seconds: float,
        name: str,
        do: Callable[[], Awaitable[None]],
        *,
        at_most: float = AGAIN,
    ) -> None:
        """
        Call *do* every so many seconds, never twice at a time.

        While it fails that is tried again, less and less often: *at_most* so many seconds later,
        or as many as it is done in. What must be done soon after all is well again says few.
        """
        task = self._repeat(seconds, name, do, max(at_most, seconds))
        self._tasks.append(asyncio.create_task(task, name=name))

    async def _repeat(
        self, seconds: float, name: str, do: Callable[[], Awaitable[None]], at_most: float
    ) -> None:
        wait = rest = seconds
        again = min(seconds * 2, AGAIN)
        # Since it was logged that it fails.
        unsaid = inf
        while True:
            await asyncio.sleep(wait)
            unsaid += wait
            try:
                await do()
            except Exception:
                self.failing.add(name)
                wait, again = min(again, at_most), again * 2
                if unsaid >= rest:
                    log.exception("background_failed", task=name)
                    # Less and less often, however often it is tried.
                    unsaid, rest = 0.0, min(rest * 2, max(_QUIET, seconds))
            else:
                self.failing.discard(name)
                wait, rest, unsaid = seconds, seconds, inf
                again = min(seconds * 2, AGAIN)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


def in_loop(call: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    """Return *call*, which waits for nothing, as what `every` takes."""

    async def run() -> None:
        call()

    return run
