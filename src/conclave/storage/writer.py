"""
The one thread that writes to the database and checkpoints it.

What waits together is committed together: one sync for all of it. It knows nothing of
rooms: drafts go to the function it was given, jobs are functions of their caller. How one
that fails harms none of the others is said by `batch`.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from conclave.model.meters import AT_ONCE, SECONDS, Histogram
from conclave.protocol.errors import Code, Reject
from conclave.storage.answers import Answers
from conclave.storage.batch import AppendRun, Called, Done, Item, Result, refused, write
from conclave.storage.errors import is_broken, reason, refusal
from conclave.storage.hoping import Hoping
from conclave.storage.wal import Wal

_log = structlog.get_logger("conclave.storage")

T = TypeVar("T")
D = TypeVar("D")
R = TypeVar("R")

# Jobs that may wait; more are answered `busy`.
MAX_WAITING: Final = 4_096
# Work for nobody: it makes the thread look at its clock.
_NUDGE: Final = Item(None, None, None)  # type: ignore[arg-type]  # it is never answered


class Writer(Generic[D, R]):
    """
    Runs jobs and appends drafts, in the order of the calls, and answers once they are durable.

    All methods belong to the loop it was made on. `append_run` gets drafts that wait one
    after another, and returns a value or an exception for each; it runs in the thread. Before it
    `hopeful_run`, by default the same, is tried without savepoints: see `hoping`.
    """

    def __init__(
        self,
        engine: Engine,
        append_run: AppendRun[D, R],
        *,
        hopeful_run: AppendRun[D, R] | None = None,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        # Of each transaction: seconds until it was durable, and what waited together for it.
        self.commit_seconds = Histogram(SECONDS)
        self.batch_sizes = Histogram(AT_ONCE)
        self._engine = engine
        self._append_run = append_run
        self._hoping = Hoping(hopeful_run or append_run)
        self._max_waiting = max_waiting
        self._wal = Wal()
        self._closing = False
        self._broken: BaseException | None = None
        self._items: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._alone: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._answers = Answers()
        self._loop = asyncio.get_running_loop()
        # A daemon: a process that forgets to close is killed, which loses nothing.
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def healthy(self) -> bool:
        return self._broken is None

    @property
    def commits(self) -> int:
        return self.commit_seconds.count

    @property
    def waiting(self) -> int:
        """How many have asked and have no answer yet."""
        return self._answers.waiting

    async def append(self, draft: D) -> R:
        """Return what was made of *draft*, or raise what refused it."""
        result: R = await self._submit(draft, None)
        return result

    def begin(self, draft: D, done: Done[R], room: str) -> None:
        """
        As `append`, but call *done* with what was made of *draft*, or with what refused it.

        Those of one *room* are called in order, those of others perhaps before. It must not
        raise. Raises what refuses at once, and then never calls.
        """
        self._queue(Item(Called(done, room), draft, None))

    async def run(self, job: Callable[[Connection], T], *, pages: int = 1) -> T:
        """
        Return what *job* returns, once it is durable; what it raises undoes it alone.

        *job* runs in the writer's thread, inside a transaction that others share. *pages*:
        about how many it dirties, so that the WAL does not grow long unnoticed.
        """
        result: T = await self._submit(None, job, pages)
        return result

    async def run_alone(self, work: Callable[[Connection], T]) -> T:
        """
        Return what *work* returns; it runs between two transactions, in none.

        Everybody who writes waits for it.
        """
        if self._closing or self._broken is not None:
            raise Reject(Code.UNAVAILABLE)
        self._answers.waiting += 1
        waiter: asyncio.Future[T] = self._loop.create_future()
        self._alone.put(Item(waiter, None, work))
        self._items.put(_NUDGE)
        return await waiter

    def empty_wal(self) -> None:
        """
        Empty the WAL within a second or two: it holds a text that was erased.

        While somebody reads for long, it is tried again.
        """
        if self._wal.empty_soon():
            # Wakes the thread, which then knows when to wake by itself.
            self._items.put(_NUDGE)

    async def close(self) -> None:
        """Finish what waits, then stop; what comes later is answered `unavailable`."""
        if not self._closing:
            self._closing = True
            self._items.put(None)
        await asyncio.to_thread(self._thread.join)

    def _submit(
        self, draft: D | None, job: Callable[[Connection], Any] | None, pages: int = 1
    ) -> "asyncio.Future[Any]":
        waiter = self._loop.create_future()
        self._queue(Item(waiter, draft, job, pages))
        return waiter

    def _queue(self, item: Item) -> None:
        if self._closing or self._broken is not None:
            raise Reject(Code.UNAVAILABLE)
        if self._answers.waiting >= self._max_waiting:
            raise Reject(Code.BUSY)
        self._answers.waiting += 1
        self._items.put(item)

    # ── in the thread ──────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        batch: list[Item] = []
        try:
            with self._engine.connect() as connection:
                while True:
                    batch, last = self._take()
                    self._answers.tell(self._commit(connection, batch))
                    batch = []
                    self._work_alone(connection)
                    if last:
                        break
                    self._look_after_wal(connection)
                if self.healthy:
                    self._wal.checkpoint(connection, "TRUNCATE")
                    self._judge_wal()
        except BaseException as error:  # noqa: BLE001 - the edge of a thread
            self._break(error)
        finally:
            self._refuse_the_rest(batch)

    def _take(self) -> tuple[list[Item], bool]:
        """Wait for work and return all there is, and whether it is the last."""
        batch: list[Item] = []
        try:
            item = self._items.get(timeout=self._wal.patience())
        except queue.Empty:
            return batch, False
        while item is not None:
            if item is not _NUDGE:
                batch.append(item)
            if len(batch) >= self._max_waiting:
                return batch, False
            try:
                item = self._items.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _commit(self, connection: Connection, batch: list[Item]) -> list[Result]:
        if not batch:
            return []
        if not self.healthy:
            return refused(batch)
        began = time.perf_counter()
        try:
            results = self._hoping.write(connection, batch)
            if results is None:
                with connection.begin():
                    results = list(write(connection, batch, self._append_run))
        except Exception as error:  # noqa: BLE001 - every waiter is told, and it is logged
            # Nothing of this batch may be called stored: what SQLite says of a commit that
            # failed is not worth more than the disk's word.
            return self._give_up(batch, error)
        self.commit_seconds.add(time.perf_counter() - began)
        self.batch_sizes.add(len(batch))
        self._wal.grew(sum(item.pages for item in batch))
        return results

    def _work_alone(self, connection: Connection) -> None:
        while not self._alone.empty():
            item = self._alone.get()
            assert item.job is not None
            try:
                result = Result(item.waiter, item.job(connection), None)
            except Exception as error:  # noqa: BLE001 - its caller is told, and it is logged
                result = self._give_up([item], error)[0]
            self._answers.tell([result])

    def _give_up(self, batch: list[Item], error: Exception) -> list[Result]:
        if is_broken(error):
            self._break(error)
        else:
            _log.error("batch_refused", error=reason(error), jobs=len(batch))
            self._wal.move_soon()
        return [Result(item.waiter, None, refusal(error)) for item in batch]

    def _break(self, error: BaseException) -> None:
        """Write nothing any more, for good: only a new process may look at the disk again."""
        self._broken = error
        _log.critical(
            "store_broken",
            error=reason(error),
            advice="nothing is written any more: mend the disk, then restart",
        )

    def _look_after_wal(self, connection: Connection) -> None:
        for look in (self._wal.empty_if_due, self._wal.checkpoint_if_due):
            if self.healthy:
                look(connection)
                self._judge_wal()

    def _judge_wal(self) -> None:
        if self._wal.broken is not None:
            self._break(self._wal.broken)

    def _refuse_the_rest(self, batch: list[Item]) -> None:
        """Leave nobody waiting, whatever ended the thread."""
        self._closing = True
        self._answers.tell(refused(batch))
        # In the loop, so that no job slips in between the last look and the end.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._refuse_queued)

    # ── in the loop ────────────────────────────────────────────────────────────────────

    def _refuse_queued(self) -> None:
        while not self._items.empty():
            if (item := self._items.get_nowait()) not in (None, _NUDGE):
                self._answers.give(refused([item]))
        while not self._alone.empty():
            self._answers.give(refused([self._alone.get_nowait()]))
