"""
The names of public rooms, which everybody who comes in is told: asked once for many of them.

Who else makes rooms in the same database is seen within a second; what this process did, at
once.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

_KEPT_S: Final = 1.0


class _Kept(NamedTuple):
    at: float
    limit: int
    names: list[str]


class PublicNames:
    """Keeps what *ask* found, which is given how many names are wanted."""

    def __init__(
        self,
        ask: Callable[[int], Awaitable[list[str]]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._kept: _Kept | None = None
        # How often they have changed: what was asked before is not kept.
        self._changes = 0

    async def first(self, limit: int) -> list[str]:
        """Return the first names, in a list for all who ask: leave it as it is."""
        kept, now, changes = self._kept, self._monotonic(), self._changes
        if kept is None or kept.limit != limit or now - kept.at >= _KEPT_S:
            names = await self._ask(limit)
            if self._kept is not None and self._kept.names == names:
                # The same list, by which others know that nothing has changed.
                names = self._kept.names
            kept = _Kept(now, limit, names)
            if changes == self._changes:
                self._kept = kept
        return kept.names

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Forget them when this ends, whatever came of it."""
        try:
            yield
        finally:
            self._kept = None
            self._changes += 1
