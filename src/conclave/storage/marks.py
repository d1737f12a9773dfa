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
        key = (room, user)
        # One for each message: no call that can be spared.
        if seq > self._fresh.get(key, -1):
            self._fresh[key] = seq
        if self._task is None:
            self._task = asyncio.create_task(self._write_later())

    def now(self) -> Marks:
        """Return the marks that the tables may not have yet."""
        return _later_of(self._written, self._fresh)

    async def close(self) -> None:
        """Write what there is; what is refused now is forgotten."""
        if self._task is not None:
            self._task.cancel()
        await self._write_all()

    async def _write_later(self) -> None:
        try:
            while self._fresh:
                await asyncio.sleep(_EVERY_S)
                await self._write_all()
        finally:
            self._task = None

    async def _write_all(self) -> None:
        marks = self._written = self._fresh
        self._fresh = {}
        try:
            if marks:
                await self._write(marks)
        except Reject:
            # Later, then; those set meanwhile may know more.
            self._fresh = _later_of(marks, self._fresh)
        finally:
            self._written = {}


def _later_of(some: Marks, others: Marks) -> dict[tuple[str, str], int]:
    return {key: max(some.get(key, 0), others.get(key, 0)) for key in some.keys() | others.keys()}
