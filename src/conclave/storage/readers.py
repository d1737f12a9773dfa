"""
Threads that read, each with a connection of its own that cannot write.

One call sees one moment of the store: it is one read transaction, or one statement. What is
found is handed to the loop together, as much as there is when it comes to it.
"""

import asyncio
import concurrent.futures.thread  # noqa: F401 - for `asyncio.to_thread`, before rights are dropped
import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any, Final, NamedTuple, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import by_itself, is_lost, let_go, one_moment
from conclave.storage.errors import StorageDamaged, reason, refusal, sqlite_code

_log = structlog.get_logger("conclave.storage")

T = TypeVar("T")

# What somebody reads within: a transaction, or each statement by itself.
_Within = Callable[[Connection], AbstractContextManager[Any]]

_THREADS: Final = 2
# Reads that may wait; more are answered `busy`.
_MAX_WAITING: Final = 4_096


class _Asked(NamedTuple):
    """What is to be read, and who waits for it."""

    waiter: "asyncio.Future[Any]"
    read: Callable[[], Any]


class _Found(NamedTuple):
    waiter: "asyncio.Future[Any]"
    value: Any
    error: BaseException | None


class Readers:
    """Runs reads beside each other, on so many threads. Its methods belong to one loop."""

    def __init__(
        self, engine: Engine, *, threads: int = _THREADS, max_waiting: int = _MAX_WAITING
    ) -> None:
        self._engine = engine
        # Whether a statement that is given to the driver is a transaction of its own anyway.
        self._looks = engine.dialect.name == "sqlite"
        self._within: _Within = one_moment if self._looks else Connection.begin
        self._threads = threads
        self._max_waiting = max_waiting
        self._waiting = 0
        self._closed = False
        self._open: list[Connection] = []
        self._here = threading.local()
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._running: list[threading.Thread] = []
        # What was found and not told yet, and whether the loop is called for it.
        self._found: deque[_Found] = deque()
        self._called = False
        self._loop: asyncio.AbstractEventLoop

    async def connect(self) -> None:
        """
        Open what each thread reads by, now: later the system may have no descriptor left.

        Raises `Reject` where the file cannot be read; it is tried again when something is.
        """
        all_here = threading.Barrier(self._threads)

        def arrive() -> None:
            # One call for each thread: whoever has one waits until all have.
            all_here.wait()
            self._query(lambda c: c.exec_driver_sql("SELECT 1 FROM meta"))

        await asyncio.gather(*(self._ask(arrive) for _ in range(self._threads)))

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Return what *query* returns. Raises `Reject` where the file cannot be read."""
        result: T = await self._ask(lambda: self._query(query))
        return result

    async def look(self, query: Callable[[Connection], T]) -> T:
        """As `read`, of a *query* that is one statement, given to the driver: that is enough."""
        if not self._looks:
            seen: T = await self._ask(lambda: self._query(query, by_itself))
            return seen
        result: T = await self._ask(lambda: query(self._connection()))
        return result

    async def close(self) -> None:
        """Finish what was asked, then close the connections."""
        self._closed = True
        await asyncio.to_thread(self._close)

    def _ask(self, read: Callable[[], Any]) -> "asyncio.Future[Any]":
        if self._closed:
            raise Reject(Code.UNAVAILABLE)
        if self._waiting >= self._max_waiting:
            raise Reject(Code.BUSY)
        if not self._running:
            self._start()
        self._waiting += 1
        waiter = self._loop.create_future()
        self._asked.put(_Asked(waiter, read))
        return waiter

    def _start(self) -> None:
        self._loop = asyncio.get_running_loop()
        for n in range(self._threads):
            # A daemon: it writes nothing, so a process that forgets to close loses nothing.
            thread = threading.Thread(target=self._run, name=f"store-reader_{n}", daemon=True)
            self._running.append(thread)
            thread.start()

    # ── in a thread ────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        while (asked := self._asked.get()) is not None:
            self._tell(self._answer(asked))
            # Nothing of what was read is kept while this thread waits.
            del asked

    def _answer(self, asked: _Asked) -> _Found:
        try:
            return _Found(asked.waiter, asked.read(), None)
        except StorageDamaged as damage:
            _log.critical("entry_damaged", where=damage.where)
            return _Found(asked.waiter, None, damage)
        except Exception as error:  # noqa: BLE001 - its caller gets it
            if isinstance(error, DBAPIError) or sqlite_code(error):
                return _Found(asked.waiter, None, _refused(error))
            return _Found(asked.waiter, None, error)

    def _tell(self, found: _Found) -> None:
        self._found.append(found)
        # In this order: what is there before the loop takes its call back, is told by that call.
        if not self._called:
            self._called = True
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._tell_all)

    def _query(self, query: Callable[[Connection], T], within: _Within | None = None) -> T:
        within = within or self._within
        connection = self._connection()
        try:
            with within(connection):
                return query(connection)
        except DBAPIError:
            if not is_lost(connection):
                raise
            self._forget(connection)
        # The server has been there again since, or is not there: one more look tells.
        connection = self._connection()
        with within(connection):
            return query(connection)

    def _forget(self, connection: Connection) -> None:
        self._here.connection = None
        self._open.remove(connection)
        let_go(connection)

    def _connection(self) -> Connection:
        found: Connection | None = getattr(self._here, "connection", None)
        if found is None:
            found = self._here.connection = self._engine.connect()
            self._open.append(found)
        return found

    def _close(self) -> None:
        for _ in self._running:
            self._asked.put(None)
        for thread in self._running:
            thread.join()
        for connection in self._open:
            connection.close()

    # ── in the loop ────────────────────────────────────────────────────────────────────

    def _tell_all(self) -> None:
        self._called = False
        while self._found:
            waiter, value, error = self._found.popleft()
            self._waiting -= 1
            if waiter.done():
                continue  # its caller went away
            if error is None:
                waiter.set_result(value)
            else:
                waiter.set_exception(error)


def _refused(error: Exception) -> Reject:
    """Return what a caller hears of *error*, which is the driver's; the log has its words."""
    _log.error("read_failed", error=reason(error))
    no = refusal(error)
    no.__cause__ = error
    return no
