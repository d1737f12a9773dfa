"""
Who is judged before they may write waits for their own turn, and for nobody else's.

What somebody wrote to a room is stored in the order in which they wrote it, however long a
hook takes for the first and not for the second.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Judging:
    """One queue for each author in each room, as long as somebody is in it."""

    def __init__(self) -> None:
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._waiting: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def turn(self, room: str, user: str) -> AsyncIterator[None]:
        """Wait until all that *user* wrote to *room* before has had its turn."""
        key = (room, user)
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key], self._locks[key]
