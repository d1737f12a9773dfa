"""
How far people have read, between their word for it and the tables.

Marks are written together, a second after the first: nobody syncs for each. Until then
whoever counts what is unread gets them beside.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from conclave.protocol.errors import Reject

# (room, user) → the number up to which that user has read.
Marks = Mapping[tuple[str, str], int]

_EVERY_S: Final = 1.0


class ReadMarks:
    """
    Gathers marks and gives them to *write*, which may refuse them for now.

    Its methods belong to one loop.
    """

    def __init__(self, write: Callable[[Marks], Awaitable[None]]) -> None:
        self._write = write
        self._fresh: dict[tuple[str, str], int] = {}
        # Those on their way to the tables.
        self._written: Marks = {}
        self._task: asyncio.Task[None] | None = None

    def set(self, room: str, user: str, seq: int) -> None:
        """Move a mark forward, never back; never waits."""
        self._fresh[room, user] = max(seq, self._fresh.get((room, user), 0))
        if self._task is None:
            self._task = asyncio.create_task(self._write_later())

    def now(self) -> Marks:
        """Return the marks that the tables may not have yet."""
        return {**self._written, **self._fresh}

    async def close(self) -> None:
        """Write what there is; what is refused now is forgotten."""
        if self._task is not None:
            self._task.cancel()
        await self._write_all()

    async def _write_later(self) -> None:
        while self._fresh:
            await asyncio.sleep(_EVERY_S)
            await self._write_all()
        self._task = None

    async def _write_all(self) -> None:
        marks = self._written = self._fresh
        self._fresh = {}
        try:
            if marks:
                await self._write(marks)
        except Reject:
            self._keep(marks)
        finally:
            self._written = {}

    def _keep(self, marks: Marks) -> None:
        """Try again later; those set meanwhile know more."""
        for key, seq in marks.items():
            self._fresh[key] = max(seq, self._fresh.get(key, 0))
