"""
Threads that read, each with a connection of its own that cannot write.

One call is one read transaction: it sees one moment of the store.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import is_lost
from conclave.storage.errors import StorageDamaged, reason, refusal

_log = structlog.get_logger("conclave.storage")

T = TypeVar("T")

_THREADS: Final = 2
# Reads that may wait; more are answered `busy`.
_MAX_WAITING: Final = 4_096


class Readers:
    """Runs reads beside each other, on so many threads. Its methods belong to one loop."""

    def __init__(
        self, engine: Engine, *, threads: int = _THREADS, max_waiting: int = _MAX_WAITING
    ) -> None:
        self._engine = engine
        self._threads = threads
        self._max_waiting = max_waiting
        self._waiting = 0
        self._closed = False
        self._open: list[Connection] = []
        self._here = threading.local()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="store-reader")

    async def connect(self) -> None:
        """
        Open what each thread reads by, now: later the system may have no descriptor left.

        Raises `Reject` where the file cannot be read; it is tried again when something is.
        """
        loop, all_here = asyncio.get_running_loop(), threading.Barrier(self._threads)

        def arrive() -> None:
            # One call for each thread: whoever has one waits until all have.
            all_here.wait()
            self._read(lambda connection: connection.exec_driver_sql("SELECT 1 FROM meta"))

        calls = (loop.run_in_executor(self._pool, arrive) for _ in range(self._threads))
        await asyncio.gather(*calls)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Return what *query* returns. Raises `Reject` where the file cannot be read."""
        if self._closed:
            raise Reject(Code.UNAVAILABLE)
        if self._waiting >= self._max_waiting:
            raise Reject(Code.BUSY)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, self._read, query)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Finish what was asked, then close the connections."""
        self._closed = True
        await asyncio.to_thread(self._close)

    def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            return self._query(query)
        except StorageDamaged as damage:
            _log.critical("entry_damaged", where=damage.where)
            raise
        except DBAPIError as error:
            _log.error("read_failed", error=reason(error))
            raise refusal(error) from error

    def _query(self, query: Callable[[Connection], T]) -> T:
        connection = self._connection()
        try:
            with connection.begin():
                return query(connection)
        except DBAPIError:
            if not is_lost(connection):
                raise
            self._forget(connection)
        # The server has been there again since, or is not there: one more look tells.
        connection = self._connection()
        with connection.begin():
            return query(connection)

    def _forget(self, connection: Connection) -> None:
        self._here.connection = None
        self._open.remove(connection)
        connection.close()

    def _connection(self) -> Connection:
        found: Connection | None = getattr(self._here, "connection", None)
        if found is None:
            found = self._here.connection = self._engine.connect()
            self._open.append(found)
        return found

    def _close(self) -> None:
        self._pool.shutdown()
        for connection in self._open:
            connection.close()
