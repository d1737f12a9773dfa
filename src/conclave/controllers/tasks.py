"""
Work that goes on after a handler has ended, and ends with whom it is for.

Each task has one owner: a connection, a room or the node. When the owner goes it is
cancelled and awaited. What is repeated as long as the node runs is marked with `every`.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from conclave.ports import Connection
from conclave.protocol.errors import Code, Reject

log = structlog.get_logger(__name__)

# Of one owner: who starts one for each request would else have as many as a peer sends.
MOST: Final = 100

Owner = Connection | str | None


class Tasks:
    """*here* says whether a connection or a room is still there; the node always is."""

    def __init__(self, here: Callable[[Connection | str], bool]) -> None:
        self._here = here
        self._of: defaultdict[Owner, set[asyncio.Task[None]]] = defaultdict(set)
        # Cancelled, and not at their end yet.
        self._ending: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def start(
        self, work: Coroutine[Any, Any, None], *, of: Owner = None, most: int = MOST
    ) -> asyncio.Task[None]:
        """
        Run *work* beside everything else, as long as *of* is there.

        *of* is a connection, the name of a room (it is there while somebody is in it), or
        None: the node. What *work* raises is logged. Raises `busy` when *of* has *most*
        already, and `RuntimeError` when it is gone.
        """
        name = getattr(work, "__qualname__", "task")
        if of is not None and not self._here(of):
            work.close()
            raise RuntimeError(f"{name}: its owner is gone")
        if len(self._of.get(of, ())) >= most:
            work.close()
            raise Reject(Code.BUSY)
        task = asyncio.create_task(_logged(work, name), name=name)
        self._of[of].add(task)
        task.add_done_callback(lambda done: self._ended(of, done))
        return task

    def _ended(self, of: Owner, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        own = self._of.get(of, set())
        own.discard(task)
        if not own:
            self._of.pop(of, None)

    def sweep(self) -> None:
        """Cancel what is of connections and rooms that have gone."""
        for of in [one for one in self._of if one is not None and not self._here(one)]:
            self.end(of)

    def end(self, of: Owner) -> list[asyncio.Task[None]]:
        """
        Cancel what is of *of*; return it, to be awaited.

        Each is cancelled once: what it does at its end may take a while.
        """
        ending = list(self._of.get(of, ()))
        for task in ending:
            if task not in self._ending:
                self._ending.add(task)
                task.cancel()
        return ending

    async def close(self) -> None:
        """Cancel everything and wait for it."""
        ending = [task for of in list(self._of) for task in self.end(of)]
        await asyncio.gather(*ending, return_exceptions=True)


async def _logged(work: Coroutine[Any, Any, None], name: str) -> None:
    try:
        await work
    except Exception:
        log.exception("task_failed", task=name)
