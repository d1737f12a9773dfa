"""What was told and not taken yet: the queue behind an `async for`."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

# Events that are no entries: above it the oldest go, as only the latest matter.
_MOST_PASSING: Final = 1_000


class Feed:
    """
    Items in the order they came, for one reader at a time; then perhaps an end.

    Entries of rooms are bounded by the rules, which know their place; here only what
    passes is.
    """

    def __init__(self) -> None:
        self._items: deque[tuple[Any, Callable[[], None] | None, bool]] = deque()
        self._passing = 0
        self._waiter: asyncio.Future[None] | None = None
        self._end: BaseException | None = None
        self._over = False

    def put(
        self, item: Any, taken: Callable[[], None] | None = None, *, lasting: bool = False
    ) -> None:
        """Add an item; *taken* is called when the reader has it; *lasting*: it is said once."""
        passing = taken is None and not lasting
        self._items.append((item, taken, passing))
        if passing:
            self._passing += 1
            if self._passing > _MOST_PASSING:
                self._drop_one()
        self._wake()

    def fail(self, error: BaseException) -> None:
        """Raise *error* once, after what is there; more may come."""
        self.put(error, lasting=True)

    def clear(self) -> None:
        """Drop what is there; it counts as taken."""
        dropped, self._items, self._passing = self._items, deque(), 0
        for _, taken, _ in dropped:
            if taken is not None:
                taken()

    def end(self, error: BaseException | None = None) -> None:
        """After what is there nothing comes, but *error* each time. The first end counts."""
        if not self._over:
            self._over, self._end = True, error
            self._wake()

    async def get(self) -> Any:
        """Return the next item; raise what was given to `fail` or `end`."""
        if self._waiter is not None:
            raise RuntimeError("another task reads here already")
        while not self._items:
            if self._over:
                raise self._end or StopAsyncIteration
            await self._wait()
        item, taken, passing = self._items.popleft()
        self._passing -= passing
        if taken is not None:
            taken()
        if isinstance(item, BaseException):
            raise item
        return item

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _drop_one(self) -> None:
        oldest = next(at for at, (_, _, passing) in enumerate(self._items) if passing)
        del self._items[oldest]
        self._passing -= 1
