"""
When and from where tokens were used, between their use and the tables.

Uses are written together, some seconds after the first, and at most once a minute for each
token: nobody syncs for each, and a crash may forget the last of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

from conclave.model import Place
from conclave.protocol.errors import Reject

# A token's id → when, and from where.
Uses = Mapping[str, tuple[int, Place]]

_EVERY_S: Final = 5.0
_AGAIN_MS: Final = 60_000
# While the disk refuses they are dropped rather than kept without end.
_MOST_KEPT: Final = 10_000


class TokenUses:
    """Gathers uses and gives them to *write*, which may refuse them. Belongs to one loop."""

    def __init__(self, write: Callable[[Uses], Awaitable[None]], wall: Callable[[], int]) -> None:
        self._write = write
        self._wall = wall
        self._fresh: dict[str, tuple[int, Place]] = {}
        # When each was written last, those of the last minute.
        self._written: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, token: str, place: Place) -> None:
        """Remember a use; never waits."""
        if len(self._fresh) >= _MOST_KEPT:
            self._fresh.clear()
        self._fresh[token] = (self._wall(), place)
        if self._task is None:
            self._task = asyncio.create_task(self._write_later(), name="token uses")

    def now(self, token: str) -> tuple[int, Place] | None:
        """Return a use that the tables may not have yet."""
        return self._fresh.get(token)

    async def close(self) -> None:
        """Write what there is; what is refused now is forgotten."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._write_all()

    async def _write_later(self) -> None:
        try:
            while self._fresh:
                await asyncio.sleep(_EVERY_S)
                await self._write_all(but=self._recent())
        finally:
            self._task = None

    def _recent(self) -> set[str]:
        """Return those that were written within the last minute; forget the others."""
        since = self._wall() - _AGAIN_MS
        self._written = {token: at for token, at in self._written.items() if at > since}
        return self._fresh.keys() & self._written.keys()

    async def _write_all(self, but: Collection[str] = ()) -> None:
        uses = {token: use for token, use in self._fresh.items() if token not in but}
        self._fresh = {token: use for token, use in self._fresh.items() if token in but}
        self._written |= dict.fromkeys(uses, self._wall())
        try:
            if uses:
                await self._write(uses)
        except Reject:
            # The next use says it again.
            return
