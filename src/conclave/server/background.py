"""
What a node does on its own, again and again, without anybody asking.

Each task has this owner, which awaits it. One that fails is logged and tried again, less
and less often; `failing` names it, so that readiness can tell.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

log = structlog.get_logger(__name__)

MAX_BACKOFF: Final = 30.0


class Background:
    """Start tasks with `every`; end them all with `close`."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self.failing: set[str] = set()

    def every(self, seconds: float, name: str, do: Callable[[], Awaitable[None]]) -> None:
        """Call *do* every so many seconds, never twice at a time."""
        self._tasks.append(asyncio.create_task(self._repeat(seconds, name, do), name=name))

    async def _repeat(self, seconds: float, name: str, do: Callable[[], Awaitable[None]]) -> None:
        wait = seconds
        while True:
            await asyncio.sleep(wait)
            try:
                await do()
            except Exception:
                log.exception("background_failed", task=name)
                self.failing.add(name)
                wait = min(max(wait, seconds) * 2, max(MAX_BACKOFF, seconds))
            else:
                self.failing.discard(name)
                wait = seconds

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
