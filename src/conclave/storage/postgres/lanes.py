"""
Who writes when: one transaction for each room at a time, and rooms beside each other.

What waits for one room is committed together, in the order of the calls. A room whose row
somebody holds makes itself wait and no other. All other jobs share a lane, and a lock over
all nodes: what they look at before they write is still so when they write.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from conclave.model.meters import AT_ONCE, SECONDS, Histogram
from conclave.protocol.errors import Code, Reject
from conclave.storage.answers import Answers
from conclave.storage.batch import AppendRun, Item, Result, results_of, write
from conclave.storage.driver import raw
from conclave.storage.errors import ends_the_batch, is_late, reason, refusal
from conclave.storage.postgres.evidence import Written, left_mark, stands
from conclave.storage.postgres.transacting import Transactions

_log = structlog.get_logger("conclave.storage")

T = TypeVar("T")
D = TypeVar("D")
R = TypeVar("R")

THREADS: Final = 4
# What one transaction takes of a lane: the others wait no longer than for that.
_MOST: Final = 1_024
# The lane of all that is not an append.
_JOBS: Final = ""
# Any number, the same on all nodes.
JOBS_LOCK: Final = 0x0C0DE_C1A5
_TAKE_LOCK: Final = "SELECT pg_advisory_xact_lock(?)"


def take_jobs(connection: Connection) -> None:
    """Let nobody else do what is no append, until the transaction of *connection* ends."""
    raw(connection).execute(_TAKE_LOCK, (JOBS_LOCK,))


class _AtFault(Exception):
    """One of some drafts cannot be stored; which, is found out with a savepoint for each."""


class Lanes(Generic[D, R]):
    """
    A `storage.writing.Writing` over some connections; *room_of* says whose a draft is.

    All methods belong to the loop it was made on. `append_run` gets drafts of one room.
    """

    def __init__(
        self,
        engine: Engine,
        append_run: AppendRun[D, R],
        room_of: Callable[[D], str],
        *,
        max_waiting: int,
        threads: int = THREADS,
    ) -> None:
        self.commit_seconds = Histogram(SECONDS)
        self.batch_sizes = Histogram(AT_ONCE)
        self._engine = engine
        self._append_run = append_run
        self._room_of = room_of
        self._max_waiting = max_waiting
        self._healthy = True
        self._closing = False
        self._loop = asyncio.get_running_loop()
        self._answers = Answers()
        # A lane is here while it has work, and in `_ready` unless a thread is at it.
        self._lanes: dict[str, deque[Item]] = {}
        self._ready: deque[str] = deque()
        self._change = threading.Condition()
        self._threads = [
            threading.Thread(target=self._run, name=f"store-writer-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def healthy(self) -> bool:
        """False while the server cannot be reached, as far as the last transaction knows."""
        return self._healthy

    @property
    def commits(self) -> int:
        return self.commit_seconds.count

    @property
    def waiting(self) -> int:
        return self._answers.waiting

    async def append(self, draft: D) -> R:
        result: R = await self._submit(self._room_of(draft), draft, None)
        return result

    async def run(self, job: Callable[[Connection], T], *, pages: int = 1) -> T:  # noqa: ARG002
        result: T = await self._submit(_JOBS, None, job)
        return result

    async def close(self) -> None:
        with self._change:
            self._closing = True
            self._change.notify_all()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _submit(
        self, lane: str, draft: D | None, job: Callable[[Connection], Any] | None
    ) -> "asyncio.Future[Any]":
        if self._closing:
            raise Reject(Code.UNAVAILABLE)
        if self._answers.waiting >= self._max_waiting:
            raise Reject(Code.BUSY)
        self._answers.waiting += 1
        waiter = self._loop.create_future()
        with self._change:
            waiting = self._lanes.get(lane)
            if waiting is None:
                waiting = self._lanes[lane] = deque()
                self._ready.append(lane)
                self._change.notify()
            waiting.append(Item(waiter, draft, job))
        return waiter

    # ── in the threads ─────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        transactions = Transactions(self._engine)
        while (lane := self._next()) is not None:
            if batch := self._take(lane):
                self._answers.tell(self._commit(transactions, lane, batch))
            if batch and not transactions.connected:
                # Each room would find the same out, one after the other.
                self._answers.tell(self._refuse_all())
            self._put_back(lane)
        transactions.close()

    def _next(self) -> str | None:
        """Wait for a lane with work; None: there will be none any more."""
        with self._change:
            while not self._ready:
                if self._closing and not self._lanes:
                    return None
                self._change.wait()
            return self._ready.popleft()

    def _take(self, lane: str) -> list[Item]:
        with self._change:
            waiting = self._lanes[lane]
            return [waiting.popleft() for _ in range(min(_MOST, len(waiting)))]

    def _refuse_all(self) -> list[Result]:
        """Take whatever waits, which is told that there is no server."""
        with self._change:
            waiting = [item for items in self._lanes.values() for item in items]
            for items in self._lanes.values():
                items.clear()
        return [Result(item.waiter, None, Reject(Code.UNAVAILABLE)) for item in waiting]

    def _put_back(self, lane: str) -> None:
        with self._change:
            if self._lanes[lane]:
                self._ready.append(lane)
                self._change.notify()
                return
            del self._lanes[lane]
            if self._closing and not self._lanes:
                self._change.notify_all()

    def _commit(self, transactions: Transactions, lane: str, batch: list[Item]) -> list[Result]:
        began = time.perf_counter()
        try:
            written = self._written(transactions, lane, batch)
        except Reject as no:
            self._healthy = False
            return [Result(item.waiter, None, no) for item in batch]
        except Exception as error:  # noqa: BLE001 - every waiter is told, and it is logged
            return self._give_up(batch, error)
        self._healthy = True
        self.commit_seconds.add(time.perf_counter() - began)
        self.batch_sizes.add(len(batch))
        return written.results

    def _written(self, transactions: Transactions, lane: str, batch: list[Item]) -> Written:
        if lane != _JOBS:
            with suppress(_AtFault):
                return self._all_at_once(transactions, batch)

        def work(connection: Connection) -> Written:
            if lane == _JOBS:
                take_jobs(connection)
            results = list(write(connection, batch, self._append_run))
            return Written(results, left_mark(connection) if lane == _JOBS else "")

        return transactions.run(work, stands)

    def _all_at_once(self, transactions: Transactions, batch: list[Item]) -> Written:
        """Write drafts of one room as if none could harm the others; raises `_AtFault`."""

        def work(connection: Connection) -> Written:
            try:
                values = self._append_run(connection, [item.draft for item in batch])
            except Reject as no:
                raise _AtFault from no
            return Written(results_of(batch, values))

        try:
            return transactions.run(work, stands, gathered=True)
        except (Reject, _AtFault):
            raise
        except Exception as error:
            if ends_the_batch(error) or is_late(error):
                raise
            raise _AtFault from error

    def _give_up(self, batch: list[Item], error: Exception) -> list[Result]:
        _log.error("batch_refused", error=reason(error), jobs=len(batch))
        no = refusal(error)
        self._healthy = no.code == Code.BUSY
        return [Result(item.waiter, None, no) for item in batch]
