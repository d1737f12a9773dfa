"""
Searches beside all other reads, and the index that follows the logs beside all writes.

Searches have a thread of their own and little time: many of them wait for each other, and
nobody who joins a room waits for them. The index is brought up in short jobs of the
writer, with pauses at least as long.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from conclave.model import Hits
from conclave.protocol.errors import Code, Reject
from conclave.storage import search_follow, search_index
from conclave.storage.driver import driver, raw
from conclave.storage.errors import is_late, reason, refusal
from conclave.storage.readers import Readers
from conclave.storage.search import search
from conclave.storage.search_wanted import Asked
from conclave.storage.writing import Writing

_log = structlog.get_logger("conclave.storage")

# Seconds a search may take, its wait included; then it ends with what it has, or `busy`.
_WITHIN: Final = 1.0
_RETRY_AFTER_MS: Final = 1_000
# Searches that may wait; more are answered `busy`.
_MAX_WAITING: Final = 32
# How often an index is made anew that is damaged again before it is complete.
_MOST_MENDS: Final = 3
# Seconds of one job of the writer, and the least between two.
_SLICE: Final = 0.005
# What such a job dirties: rows of the index for messages of many rooms and times.
_PAGES: Final = 100
_PAUSE: Final = 0.002


class Searches:
    """The search of one store. Its methods belong to one loop."""

    def __init__(self, engine: Engine, readers: Readers, writer: Writing[Any, Any]) -> None:
        self._here = Readers(engine, threads=1, max_waiting=_MAX_WAITING)
        self._readers = readers
        self._writer = writer
        # How many commits there had been when the index was last seen to have everything.
        self._complete_at = (-1, 0)
        # How often others may have written.
        self._stirs = 0
        # Whether parts of the index may be merged, so that searches are faster.
        self._untidy = True
        self._mends = 0

    async def find(self, asked: Asked) -> Hits:
        """Return a page of what is found. Raises `not_in_room`, and `busy` when it takes long."""
        loop, until, watch = asyncio.get_running_loop(), time.monotonic() + _WITHIN, _Watch()
        # A statement cannot look at the clock: it is interrupted, a little later.
        alarm = loop.call_later(_WITHIN * 1.5, watch.interrupt)
        try:
            return await self._here.read(lambda connection: watch.run(connection, asked, until))
        except search_index.IndexDamaged as damage:
            await self._mend(damage)
            raise Reject(Code.BUSY, retry_after_ms=_RETRY_AFTER_MS) from damage
        finally:
            alarm.cancel()

    async def follow(self) -> None:
        """
        Bring the index up to the logs, however long that takes; cancel it at any time.

        Returns at once if nothing was written since it had everything. A full disk or the
        end of the node stops it: of that the chat is told, search can wait.
        """
        with suppress(Reject):
            await self._follow()

    def stir(self) -> None:
        """Something may have been written that this node did not write."""
        self._stirs += 1

    async def lag(self) -> int:
        """Return how many entries the index does not have yet."""
        return await self._readers.read(_lag)

    async def close(self) -> None:
        await self._here.close()

    async def _follow(self) -> None:
        while (known := (self._writer.commits, self._stirs)) != self._complete_at:
            if self._mends > _MOST_MENDS:
                return
            if not await self._readers.read(_is_behind):
                self._mends = 0
                if not self._untidy:
                    self._complete_at = known
                await self._tidy()
                return
            started = time.monotonic()
            await self._slice()
            # Half of the writer's time is the chat's, also while the index is made anew.
            await asyncio.sleep(max(_PAUSE, time.monotonic() - started))

    async def _slice(self) -> None:
        self._untidy = True
        await self._write(_follow)

    async def _tidy(self) -> None:
        """Merge a little: the rest can wait for the next call."""
        if self._untidy:
            self._untidy = bool(await self._write(search_index.merge))

    async def _write(self, work: Callable[[Any], object]) -> object:
        try:
            return await self._writer.run(_on_cursor(work), pages=_PAGES)
        except (search_index.IndexDamaged, driver().Error, DBAPIError) as error:
            await self._mend(error)
            return None

    async def _mend(self, damage: Exception) -> None:
        """Let the index be made anew, unless that has not helped before."""
        self._mends += 1
        if self._mends > _MOST_MENDS:
            advice = "it is left as it is until a restart: nothing new is found"
        else:
            advice = "it is made anew"
        _log.error("search_damaged", error=str(damage), advice=advice)
        if self._mends <= _MOST_MENDS:
            await self._writer.run(_on_cursor(search_index.void))


class _Watch:
    """One search in its thread, and a way to end it from outside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: Any = None

    def interrupt(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.interrupt()

    def run(self, connection: Connection, asked: Asked, until: float) -> Hits:
        if time.monotonic() > until:
            raise _too_long()
        try:
            with self._watched(raw(connection)):
                return search(connection, asked, until)
        except (driver().Error, DBAPIError) as error:
            if "interrupted" in str(error) or is_late(error):
                raise _too_long() from error
            if search_index.is_damage(error):
                raise search_index.IndexDamaged(str(error)) from error
            _log.error("search_failed", error=reason(error))
            raise refusal(error) from error

    @contextmanager
    def _watched(self, connection: Any) -> Iterator[None]:
        self._connection = connection
        try:
            yield
        finally:
            with self._lock:
                self._connection = None


def _too_long() -> Reject:
    return Reject(Code.BUSY, "The search took too long", retry_after_ms=_RETRY_AFTER_MS)


def _on_cursor(work: Callable[[Any], object]) -> Callable[[Connection], object]:
    def job(connection: Connection) -> object:
        return work(raw(connection).cursor())

    return job


def _follow(cursor: Any) -> None:
    search_follow.follow(cursor, _SLICE)


def _lag(connection: Connection) -> int:
    return search_follow.lag(raw(connection).cursor())


def _is_behind(connection: Connection) -> bool:
    cursor = raw(connection).cursor()
    return not search_index.is_current(cursor) or search_follow.lag(cursor) > 0
