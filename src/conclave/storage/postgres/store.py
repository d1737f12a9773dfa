"""
The Store in PostgreSQL: some threads write, some read, the loop never waits on the network.

Acknowledged means committed. Not guaranteed: that what was refused with `unavailable` was
not stored; the same request id finds out.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from sqlalchemy.dialects.postgresql.base import PGDialect

from conclave.model import Receipt
from conclave.storage.lines import Pending, now_ms
from conclave.storage.log import Log
from conclave.storage.postgres.connecting import SEARCH_MS, reading_engine, writing_engine
from conclave.storage.postgres.lanes import Lanes
from conclave.storage.postgres.schema import prepare
from conclave.storage.readers import Readers
from conclave.storage.searches import Searches
from conclave.storage.sqlstore import SqlStore
from conclave.storage.writer import MAX_WAITING

_READERS: Final = 4


class PostgresStore(SqlStore):
    """
    A `ports.Store`; make it with `open`, end it with `close`.

    Several may be open at a time, on any machines. All methods belong to the loop it was
    opened on.
    """

    def __init__(self, url: str, epoch: str, clock: Callable[[], int], max_waiting: int) -> None:
        # Parameters by position, as the storage's own statements have them.
        log = Log(PGDialect(paramstyle="qmark"), clock)  # type: ignore[no-untyped-call]
        writer: Lanes[Pending, Receipt] = Lanes(
            writing_engine(url), log.append, _room_of, max_waiting=max_waiting
        )
        readers = Readers(reading_engine(url), threads=_READERS)
        hits = reading_engine(url, statement_ms=SEARCH_MS)
        searches = Searches(hits, readers, writer)
        super().__init__(epoch, clock, log, writer, readers, searches)

    @classmethod
    async def open(
        cls, url: str, *, clock: Callable[[], int] = now_ms, max_waiting: int = MAX_WAITING
    ) -> "PostgresStore":
        """
        Open the store in the database *url*; its tables are made where there are none.

        Raises `CannotOpen` with one line for the operator: not there, of a newer version.
        """
        epoch = await asyncio.to_thread(prepare, url)
        return cls(url, epoch, clock, max_waiting)

    async def close(self) -> None:
        """Finish what waits."""
        await self._marks.close()
        await self._searches.close()
        await self._readers.close()
        await self._writer.close()


def _room_of(pending: Pending) -> str:
    return pending.draft.room
