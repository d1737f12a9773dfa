"""
The Store in one SQLite file: one thread writes, two read, the loop never waits on disk.

Acknowledged means synced: WAL with `synchronous=FULL`, group commit. Not guaranteed: that
what was refused with `unavailable` was not stored; the same request id finds out.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from conclave.core.passes import MemoryPasses
from conclave.model import Draft, Receipt
from conclave.protocol.errors import Reject
from conclave.protocol.state import DELETED
from conclave.storage.backup import reading
from conclave.storage.batch import Done
from conclave.storage.blobs import BlobDirectory, blobs_in
from conclave.storage.compact import LARGEST_BYTES, SMALL_BYTES, erased_at, rewrite_file
from conclave.storage.driver import driver
from conclave.storage.lines import Pending, now_ms, pend
from conclave.storage.log import HopefulLog, Log
from conclave.storage.opening import OpenFile, open_file
from conclave.storage.readers import Readers
from conclave.storage.searches import Searches
from conclave.storage.shapes import check_shape
from conclave.storage.sqlstore import Sizes, SqlStore
from conclave.storage.writer import MAX_WAITING, Writer


class SqliteStore(SqlStore):
    """
    A `ports.Store`; make it with `open`, end it with `close`.

    All methods belong to the loop it was opened on.
    """

    def __init__(self, file: OpenFile, clock: Callable[[], int], max_waiting: int) -> None:
        log = Log(file.writing.dialect, clock)
        writer: Writer[Pending, Receipt] = Writer(
            file.writing,
            log.append,
            hopeful_run=HopefulLog(log).append,
            max_waiting=max_waiting,
        )
        readers = Readers(file.reading)
        searches = Searches(file.reading, readers, writer)
        super().__init__(file.epoch, clock, log, writer, readers, searches)
        self._file = file
        self._writer: Writer[Pending, Receipt] = writer

    @classmethod
    async def open(
        cls,
        data: Path,
        *,
        clock: Callable[[], int] = now_ms,
        max_waiting: int = MAX_WAITING,
    ) -> "SqliteStore":
        """
        Open the store in the directory *data*, made where there is none.

        Nobody else may open it until `close`. Raises `CannotOpen` with one line for the
        operator: in use, not writable, damaged, of a newer version.
        """
        store = cls(await asyncio.to_thread(open_file, data), clock, max_waiting)
        # Where the disk refuses even this it can still be read.
        with suppress(Reject):
            # The writer's first transaction makes the WAL; from then on it must not be missing.
            await store._writer.run(lambda _: None)
            await asyncio.to_thread(store._file.directory.opened)
            await store._readers.connect()
        return store

    async def close(self) -> None:
        """Finish what waits and let another process have the directory."""
        await self._marks.close()
        await self._searches.close()
        with suppress(Reject):
            if await asyncio.to_thread(self._size) <= SMALL_BYTES:
                await self.compact()
        await self._readers.close()
        await self._writer.close()
        await asyncio.to_thread(self._file.directory.release)

    # ── for what keeps the data in order ───────────────────────────────────────────────

    @property
    def home(self) -> Path:
        return self._file.directory.path

    def blobs(self, leave_free: int = 0) -> BlobDirectory:
        return blobs_in(self.home, leave_free)

    def passes(self, now: Callable[[], float]) -> MemoryPasses:
        return MemoryPasses(now)

    @property
    def version(self) -> str:
        return f"SQLite {driver().sqlite_version}"

    @property
    def database(self) -> Path:
        return self._file.directory.database

    async def sizes(self) -> Sizes:
        return await asyncio.to_thread(self._sizes)

    @contextmanager
    def reading(self) -> Iterator[Any]:
        with closing(reading(self.database)) as connection:
            connection.execute("BEGIN")
            yield connection

    def empty_wal(self) -> None:
        """Empty the WAL within a second or two: it holds what was erased."""
        self._writer.empty_wal()

    async def compact(self) -> bool:
        """
        Write the file anew if something was erased from it, unless it is too large for that.

        Everybody who writes waits meanwhile. Return whether nothing erased is left.
        """
        if await self._readers.read(erased_at) is not None:
            if await asyncio.to_thread(self._size) > LARGEST_BYTES:
                return False
            await self._writer.run_alone(rewrite_file)
        self._writer.empty_wal()
        return True

    def _size(self) -> int:
        return self.database.stat().st_size

    def begin(self, draft: Draft, done: Done[Receipt]) -> None:
        """See `ports.Begins`."""
        check_shape(draft)
        if draft.type == DELETED:
            raise ValueError("a deletion is appended: its text leaves the WAL besides")
        self._writer.begin(pend(draft), done, draft.room)

    def _sizes(self) -> Sizes:
        wal = self.database.with_name(f"{self.database.name}-wal")
        return Sizes(self._size(), wal.stat().st_size if wal.exists() else 0)
