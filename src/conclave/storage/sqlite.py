"""
The Store in one SQLite file: one thread writes, two read, the loop never waits on disk.

Acknowledged means synced: WAL with `synchronous=FULL`, group commit. Not guaranteed: that
what was refused with `unavailable` was not stored; the same request id finds out.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DatabaseError

from conclave.model import (
    Draft,
    Entry,
    Hits,
    Identity,
    MemberInfo,
    Page,
    Position,
    Query,
    Receipt,
    RoomInfo,
    RoomKind,
    RoomRole,
    Scope,
    TokenInfo,
    User,
)
from conclave.protocol.errors import Reject
from conclave.protocol.state import DELETED
from conclave.storage import infos, membership, pages, people, tokens
from conclave.storage import rooms as room_rows
from conclave.storage.backup import remove_unfinished, renew_epoch
from conclave.storage.changes import check_shape
from conclave.storage.compact import LARGEST_BYTES, SMALL_BYTES, erased_at, rewrite_file
from conclave.storage.datadir import DataDirectory
from conclave.storage.directory import Directory
from conclave.storage.driver import reading_engine, writing_engine
from conclave.storage.errors import CannotOpen, reason
from conclave.storage.lines import Pending, now_ms, pend
from conclave.storage.log import Log
from conclave.storage.marks import Marks, ReadMarks
from conclave.storage.pages import PAGE_BYTES
from conclave.storage.readers import Readers
from conclave.storage.rights import admit
from conclave.storage.schema import prepare
from conclave.storage.search_wanted import Asked
from conclave.storage.searches import Searches
from conclave.storage.tables import meta
from conclave.storage.writer import MAX_WAITING, Writer

_log = structlog.get_logger("conclave.storage")

T = TypeVar("T")


class SqliteStore:
    """
    A `ports.Store`; make it with `open`, end it with `close`.

    All methods belong to the loop it was opened on.
    """

    def __init__(self, file: "_OpenFile", clock: Callable[[], int], max_waiting: int) -> None:
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
        store = cls(await asyncio.to_thread(_open, data), clock, max_waiting)
        # Where the disk refuses even this it can still be read.
        with suppress(Reject):
            # The writer's first transaction makes the WAL; from then on it must not be missing.
            await store._writer.run(lambda _: None)
            await asyncio.to_thread(store._file.directory.opened)
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
        thread: int | None = None,
        pinned: bool = False,
        limit: int = 100,
        most_bytes: int = PAGE_BYTES,
        reader: str | None = None,
    ) -> Page:
        most = pages.Most(limit, most_bytes)
        which = pages.Which(thread, pinned)

        def query(connection: Connection) -> Page:
            first = admit(connection, room, reader, self._clock())
            found = pages.open_room(connection, self._epoch, room, reader, first)
            if before is not None:
                return pages.messages_before(connection, found, which, before, most)
            if after is not None:
                return pages.messages_after(connection, found, which, after, most)
            if around is not None:
                return pages.messages_around(connection, found, which, around, most)
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
            first = admit(connection, room, reader, self._clock())
            found = pages.open_room(connection, self._epoch, room, reader, first)
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

    # ── rooms and members ──────────────────────────────────────────────────────────────

    async def create_room(
        self,
        room: str,
        creator: Identity,
        *,
        title: str | None = None,
        topic: str | None = None,
        kind: RoomKind = RoomKind.PUBLIC,
        client_id: str | None = None,
    ) -> list[Entry]:
        words = {"title": room if title is None else title, "topic": topic or "", "kind": str(kind)}
        return await self._writer.run(
            lambda connection: room_rows.create_room(
                connection, self._log, room, creator, self._clock(), client_id, **words
            )
        )

    async def find_room(self, room: str) -> tuple[str, RoomKind] | None:
        return await self._readers.read(lambda connection: room_rows.find_room(connection, room))

    async def ensure_member(self, room: str, identity: Identity) -> list[Entry]:
        if await self.member(room, identity.user) is not None:
            return []
        return await self._writer.run(
            lambda connection: room_rows.ensure_member(
                connection, self._log, room, identity, self._clock()
            )
        )

    async def member(self, room: str, user: str) -> RoomRole | None:
        return await self._readers.read(
            lambda connection: room_rows.find_member(connection, room, user)
        )

    async def members(self, room: str) -> list[str]:
        return await self._readers.read(lambda connection: room_rows.member_ids(connection, room))

    async def quit_room(
        self, room: str, identity: Identity, *, client_id: str | None = None
    ) -> list[Entry]:
        return await self._writer.run(
            lambda connection: room_rows.quit_room(
                connection, self._log, room, identity, self._clock(), client_id
            )
        )

    async def list_members(
        self, room: str, *, after: str = "", limit: int = 100, reader: str | None = None
    ) -> list[MemberInfo]:
        def query(connection: Connection) -> list[MemberInfo]:
            admit(connection, room, reader, self._clock())
            return room_rows.list_members(connection, room, after, limit)

        return await self._readers.read(query)

    def mark_read(self, room: str, user: str, seq: int) -> None:
        self._marks.set(room, user, seq)

    async def room_for(self, room: str, user: str) -> RoomInfo | None:
        asking = self._asking()
        return await self._readers.read(
            lambda connection: infos.room_for(connection, room, user, asking)
        )

    async def room_for_each(self, room: str, users: Collection[str]) -> dict[str, RoomInfo]:
        asking = self._asking()
        return await self._readers.read(
            lambda connection: infos.room_for_each(connection, room, users, asking)
        )

    async def rooms_of(
        self, user: str, *, after: str = "", limit: int = infos.MOST_LISTED
    ) -> list[RoomInfo]:
        asking = self._asking()
        return await self._readers.read(
            lambda connection: infos.rooms_of(connection, user, asking, after, limit)
        )

    async def names_of(self, user: str) -> list[str]:
        return await self._readers.read(lambda connection: infos.names_of(connection, user))

    async def public_rooms(
        self, user: str, *, after: str = "", limit: int = infos.MOST_LISTED
    ) -> list[RoomInfo]:
        asking = self._asking()
        return await self._readers.read(
            lambda connection: infos.public_rooms(connection, user, asking, after, limit)
        )

    def _asking(self) -> infos.Asking:
        return infos.Asking(self._marks.now(), self._clock())

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
    ) -> TokenInfo:
        terms = tokens.TokenTerms(name, scopes, expires_at)
        return await self._writer.run(
            lambda connection: tokens.create_token(connection, user, digest, self._clock(), terms)
        )

    async def token(self, digest: bytes) -> TokenInfo | None:
        return await self._readers.read(lambda connection: tokens.find_token(connection, digest))

    async def _write_marks(self, marks: Marks) -> None:
        await self._writer.run(lambda connection: membership.mark_read(connection, marks))


class _OpenFile(NamedTuple):
    """A database that is locked for us and of the right schema."""

    directory: DataDirectory
    writing: Engine
    reading: Engine
    epoch: str


def _open(data: Path) -> _OpenFile:
    directory = DataDirectory(data)
    try:
        lost = directory.wal_is_lost
        prepare(directory.database)
        remove_unfinished(directory.database)
        if lost:
            _begin_anew(directory.database)
        writing = writing_engine(directory.database)
        epoch = _read_epoch(writing, directory.database)
        return _OpenFile(directory, writing, reading_engine(directory.database), epoch)
    except BaseException:
        directory.release()
        raise


def _begin_anew(database: Path) -> None:
    """Make clients reset that know more than what is left."""
    _log.critical(
        "wal_lost",
        advice="the -wal file of the database was removed or damaged since the last run: what"
        " was said last may be lost; `conclave verify`, or restore a backup",
    )
    renew_epoch(database)


def _read_epoch(engine: Engine, path: Path) -> str:
    """Return the epoch; as the first to open the file for writing it turns WAL on."""
    try:
        with engine.connect() as connection:
            epoch = connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar()
    except DatabaseError as error:
        raise CannotOpen(f"cannot use the database {path}: {reason(error)}") from error
    if epoch is None:
        raise CannotOpen(f"the database {path} has no epoch: it is damaged; restore a backup")
    return str(epoch)
