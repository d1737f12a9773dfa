"""
The Store in one SQLite file: one thread writes, two read, the loop never waits on disk.

Acknowledged means synced: WAL with `synchronous=FULL`, group commit. Not guaranteed: that
what was refused with `unavailable` was not stored; the same request id finds out.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from conclave.model import (
    Draft,
    Hits,
    Page,
    Position,
    Query,
    Receipt,
    Scope,
    TokenInfo,
    User,
)
from conclave.protocol.errors import Reject
from conclave.protocol.state import DELETED
from conclave.storage import membership, pages, people, tokens
from conclave.storage.compact import LARGEST_BYTES, SMALL_BYTES, erased_at, rewrite_file
from conclave.storage.directory import Directory
from conclave.storage.lines import Pending, now_ms, pend
from conclave.storage.log import Log
from conclave.storage.marks import Marks, ReadMarks
from conclave.storage.opening import OpenFile, open_file
from conclave.storage.pages import PAGE_BYTES
from conclave.storage.readers import Readers
from conclave.storage.rights import admit
from conclave.storage.search_wanted import Asked
from conclave.storage.searches import Searches
from conclave.storage.selecting import Which
from conclave.storage.shapes import check_shape
from conclave.storage.stored_rooms import StoredRooms
from conclave.storage.writer import MAX_WAITING, Writer

_log = structlog.get_logger("conclave.storage")

T = TypeVar("T")


class SqliteStore(StoredRooms):
    """
    A `ports.Store`; make it with `open`, end it with `close`.

    All methods belong to the loop it was opened on.
    """

    def __init__(self, file: OpenFile, clock: Callable[[], int], max_waiting: int) -> None:
        self._file = file
        self._epoch = file.epoch
        self._clock = clock
        self._log = Log(file.writing.dialect, clock)
        self._writer: Writer[Pending, Receipt] = Writer(
            file.writing, self._log.append, max_waiting=max_waiting
        )
        self._readers = Readers(file.reading)
        self._searches = Searches(file.reading, self._readers, self._writer)
        self._marks = ReadMarks(self._write_marks)
        self._people = Directory(self.read, self._writer.run, clock)

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

    @property
    def epoch(self) -> str:
        return self._epoch

    @property
    def healthy(self) -> bool:
        return self._writer.healthy

    @property
    def writer(self) -> Writer[Pending, Receipt]:
        """For what it counts: commits, and who waits for them."""
        return self._writer

    # ── for what keeps the data in order ───────────────────────────────────────────────

    @property
    def database(self) -> Path:
        return self._file.directory.database

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Return what *query* returns; it sees one moment of the store."""
        return await self._readers.read(query)

    async def write(self, job: Callable[[Connection, Log], T], *, pages: int = 1) -> T:
        """
        Return what *job* returns, once it is durable; what it raises undoes it alone.

        *pages*: about how many it dirties.
        """
        return await self._writer.run(lambda connection: job(connection, self._log), pages=pages)

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

    def begin_epoch(self, epoch: str) -> None:
        """Answer with *epoch*, which stands in the database already."""
        self._epoch = epoch

    # ── logs ───────────────────────────────────────────────────────────────────────────

    async def append(self, draft: Draft) -> Receipt:
        check_shape(draft)
        receipt = await self._writer.append(pend(draft))
        if draft.type == DELETED:
            self._writer.empty_wal()
        return receipt

    async def stored(self, draft: Draft) -> Receipt | None:
        if draft.client_id is None:
            return None
        pending = pend(draft)
        return await self._readers.read(lambda connection: pages.stored(connection, pending))

    async def history(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        at: int | None = None,
        thread: int | None = None,
        pinned: bool = False,
        limit: int = 100,
        most_bytes: int = PAGE_BYTES,
        reader: str | None = None,
    ) -> Page:
        most = pages.Most(limit, most_bytes)
        which = Which(thread, pinned)

        def query(connection: Connection) -> Page:
            reach = admit(connection, room, reader, self._clock())
            found = pages.open_room(connection, self._epoch, room, reader, reach)
            if before is not None:
                return pages.messages_before(connection, found, which, before, most)
            if after is not None:
                return pages.messages_after(connection, found, which, after, most)
            if around is not None:
                return pages.messages_around(connection, found, which, around, most)
            if at is not None:
                seq = pages.number_at(connection, found, at)
                return pages.messages_around(connection, found, which, seq, most)
            return pages.last_messages(connection, found, which, most)

        return await self._readers.read(query)

    async def entries(
        self,
        room: str,
        since: Position,
        limit: int = 500,
        *,
        most_bytes: int = PAGE_BYTES,
        reader: str | None = None,
    ) -> Page:
        most = pages.Most(limit, most_bytes)

        def query(connection: Connection) -> Page:
            reach = admit(connection, room, reader, self._clock())
            found = pages.open_room(connection, self._epoch, room, reader, reach)
            return pages.entries_since(connection, found, since, most)

        return await self._readers.read(query)

    async def after(self, room: str, seq: int, limit: int = 500) -> Page:
        def query(connection: Connection) -> Page:
            found = pages.open_room(connection, self._epoch, room)
            return pages.entries_after(connection, found, seq, pages.Most(limit))

        return await self._readers.read(query)

    async def heads(self, rooms: Collection[str]) -> dict[str, int]:
        names = list(rooms)
        return await self._readers.read(lambda connection: pages.heads(connection, names))

    # ── search ─────────────────────────────────────────────────────────────────────────

    async def search(
        self,
        query: Query,
        *,
        reader: str,
        room: str | None = None,
        author: str | None = None,
        limit: int = 20,
        cursor: int | None = None,
    ) -> Hits:
        return await self._searches.find(Asked(query, reader, room, author, limit, cursor))

    async def index(self) -> None:
        await self._searches.follow()

    async def index_lag(self) -> int:
        return await self._searches.lag()

    # ── people ─────────────────────────────────────────────────────────────────────────

    @property
    def people(self) -> Directory:
        return self._people

    async def put_user(self, user: User) -> User:
        return await self._writer.run(
            lambda connection: people.put_user(connection, user, self._clock())
        )

    async def user(self, id: str) -> User | None:  # noqa: A002 - a user's id
        return await self._readers.read(lambda connection: people.find_user(connection, id))

    async def create_token(
        self,
        user: str,
        digest: bytes,
        *,
        name: str = "",
        expires_at: int | None = None,
        scopes: frozenset[Scope] | None = None,
        rooms: frozenset[str] | None = None,
    ) -> TokenInfo:
        terms = tokens.TokenTerms(name, scopes, expires_at, rooms=rooms)
        return await self._writer.run(
            lambda connection: tokens.create_token(connection, user, digest, self._clock(), terms)
        )

    async def token(self, digest: bytes) -> TokenInfo | None:
        return await self._readers.read(lambda connection: tokens.find_token(connection, digest))

    async def _write_marks(self, marks: Marks) -> None:
        await self._writer.run(lambda connection: membership.mark_read(connection, marks))
