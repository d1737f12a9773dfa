"""
Goodbyes under way: some begin in each turn of the loop, however many go at once.

A network that ends takes a thousand connections along in one turn, and each goodbye runs
hooks; whoever stays would wait for all of them. What a goodbye does is its caller's.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

# Goodbyes that begin in one turn: at some 50 µs each, as long as one message to a large room.
_AT_ONCE: Final = 64

Goodbye = Callable[[], Coroutine[Any, Any, None]]


class Farewells:
    __slots__ = ("_begun", "_tasks", "_waiting")

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[Goodbye] = deque()
        # In this turn; None: nothing began of late.
        self._begun: int | None = None

    def __len__(self) -> int:
        return len(self._tasks) + len(self._waiting)

    def begin(self, goodbye: Goodbye) -> None:
        """Begin *goodbye* now, or as soon as it is its turn; those before it come first."""
        if self._begun is None:
            self._begun = 0
            asyncio.get_running_loop().call_soon(self._next_turn)
        if self._begun < _AT_ONCE and not self._waiting:
            self._start(goodbye)
        else:
            self._waiting.append(goodbye)

    def _start(self, goodbye: Goodbye) -> None:
        assert self._begun is not None
        self._begun += 1
        task = asyncio.create_task(goodbye())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _next_turn(self) -> None:
        if not self._waiting:
            self._begun = None
            return
        self._begun = 0
        asyncio.get_running_loop().call_soon(self._next_turn)
        while self._waiting and self._begun < _AT_ONCE:
            self._start(self._waiting.popleft())

    async def said(self) -> None:
        """Wait until all who have gone have said goodbye."""
        while self:
            if self._tasks:
                await asyncio.wait(self._tasks)
            else:
                await asyncio.sleep(0)

    def cut(self) -> None:
        """Cancel those that have not ended, and begin no other."""
        self._waiting.clear()
        for task in list(self._tasks):
            task.cancel()
