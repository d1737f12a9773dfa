"""
The Store in PostgreSQL: some threads write, some read, the loop never waits on the network.

Acknowledged means committed. Not guaranteed: that what was refused with `unavailable` was
not stored; the same request id finds out.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import PGDialect

from conclave.model import Receipt
from conclave.protocol.errors import Reject
from conclave.storage.driver import raw
from conclave.storage.errors import CannotDo
from conclave.storage.lines import Pending, now_ms
from conclave.storage.log import Log
from conclave.storage.postgres.blobs import PostgresBlobs
from conclave.storage.postgres.connecting import SEARCH_MS, reading_engine, writing_engine
from conclave.storage.postgres.lanes import Lanes
from conclave.storage.postgres.leading import Leading
from conclave.storage.postgres.opening import Opened, open_database
from conclave.storage.postgres.passes import PostgresPasses
from conclave.storage.postgres.places import PostgresPlaces
from conclave.storage.readers import Readers
from conclave.storage.searches import Searches
from conclave.storage.sqlstore import Sizes, SqlStore
from conclave.storage.writer import MAX_WAITING

_READERS: Final = 4


class PostgresStore(SqlStore):
    """
    A `ports.Store`; make it with `open`, end it with `close`.

    Several that are not alone may be open at a time, on any machines. All methods belong to
    the loop it was opened on.
    """

    def __init__(
        self, url: str, opened: Opened, clock: Callable[[], int], max_waiting: int
    ) -> None:
        way = opened.way
        # Parameters by position, as the storage's own statements have them.
        log = Log(PGDialect(paramstyle="qmark"), clock)  # type: ignore[no-untyped-call]
        writer: Lanes[Pending, Receipt] = Lanes(
            writing_engine(url, way=way), log.append, _room_of, max_waiting=max_waiting
        )
        readers = Readers(reading_engine(url, way=way), threads=_READERS)
        hits = reading_engine(url, statement_ms=SEARCH_MS, way=way)
        searches = Searches(hits, readers, writer)
        super().__init__(opened.epoch, clock, log, writer, readers, searches)
        self._opened = opened
        self._url = url
        self._leading = Leading(url, way) if opened.shared else None
        # What has connections of its own.
        self._aside: list[PostgresBlobs | PostgresPasses | PostgresPlaces] = []

    @classmethod
    async def open(
        cls,
        url: str,
        home: Path,
        *,
        clock: Callable[[], int] = now_ms,
        max_waiting: int = MAX_WAITING,
        alone: bool = True,
        held: int | None = None,
    ) -> "PostgresStore":
        """
        Open the store in the database *url*; its tables are made where there are none.

        *home* is the directory for all else, which nobody else may use until `close`; nor the
        database, where this is to be *alone*. *held* is the lock of the directory, where this
        process shares one. Raises `CannotOpen` with one line for the
        operator: not there, in use, of a newer version.
        """
        opened = await asyncio.to_thread(open_database, url, home, alone=alone, held=held)
        return cls(url, opened, clock, max_waiting)

    async def close(self) -> None:
        """Finish what waits."""
        await self._marks.close()
        await self._searches.close()
        await self._readers.close()
        await self._writer.close()
        if self._leading is not None:
            await asyncio.to_thread(self._leading.close)
        for one in self._aside:
            await asyncio.to_thread(one.close)
        await asyncio.to_thread(self._opened.release)

    # ── for what keeps the data in order ───────────────────────────────────────────────

    @property
    def is_shared(self) -> bool:
        return self._opened.shared

    async def leads(self) -> bool:
        return self._leading is None or await asyncio.to_thread(self._leading.takes)

    async def hold(self) -> None:
        await asyncio.to_thread(self._opened.lock.hold)
        if not self._writer.healthy:
            # Whoever is sent nobody since it cannot write has nobody who finds out that it can.
            with suppress(Reject):
                await self._writer.run(lambda _connection: None)

    @property
    def home(self) -> Path:
        return self._opened.directory.path

    def blobs(self, leave_free: int = 0) -> PostgresBlobs:
        made = PostgresBlobs(self._url, self.home, leave_free, self._opened.way)
        self._aside.append(made)
        return made

    def passes(self, _now: Callable[[], float]) -> PostgresPasses:
        made = PostgresPasses(self._url, self._opened.way)
        self._aside.append(made)
        return made

    def places(self) -> PostgresPlaces | None:
        if not self.is_shared:
            return None
        made = PostgresPlaces(self._url, self._opened.way)
        self._aside.append(made)
        return made

    @property
    def version(self) -> str:
        return f"PostgreSQL {self._opened.version}"

    @property
    def database(self) -> Path:
        raise CannotDo("the database is PostgreSQL's: copy it with pg_dump")

    async def sizes(self) -> Sizes:
        return Sizes(await self.read(_size), 0)

    @contextmanager
    def reading(self) -> Iterator[Any]:
        with reading_engine(self._url).connect() as connection, connection.begin():
            yield raw(connection).streaming()

    async def compact(self) -> bool:
        return True


def _size(connection: Connection) -> int:
    query = "SELECT pg_database_size(current_database())"
    return int(raw(connection).execute(query).fetchone()[0])


def _room_of(pending: Pending) -> str:
    return pending.draft.room
