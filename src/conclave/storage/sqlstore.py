"""
What every store in SQL is: the methods of `ports.Store`, as jobs and queries.

Where the tables are, who runs jobs and queries and what is kept in order beside is of the
stores themselves: `sqlite` and `postgres`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from conclave.model import Draft, Hits, Page, Position, Query, Receipt, Scope, TokenInfo, User
from conclave.ports.blobs import Blobs
from conclave.ports.passes import Passes
from conclave.ports.places import Places
from conclave.protocol.state import DELETED
from conclave.storage import membership, pages, people, tokens
from conclave.storage.directory import Directory
from conclave.storage.following import entries_behind
from conclave.storage.lines import pend
from conclave.storage.log import Log
from conclave.storage.marks import Marks, ReadMarks
from conclave.storage.opened import open_for
from conclave.storage.pages import PAGE_BYTES
from conclave.storage.readers import Readers
from conclave.storage.search_wanted import Asked
from conclave.storage.searches import Searches
from conclave.storage.selecting import Which
from conclave.storage.shapes import check_shape
from conclave.storage.stored_rooms import StoredRooms
from conclave.storage.writing import Writing

T = TypeVar("T")


class Sizes(NamedTuple):
    """Bytes of a database, and of what SQLite has beside it until it is in the file."""

    database: int
    wal: int


class SqlStore(StoredRooms, ABC):
    """
    A `ports.Store` over *writer* and *readers*.

    All methods belong to the loop it was opened on.
    """

    def __init__(
        self,
        epoch: str,
        clock: Callable[[], int],
        log: Log,
        writer: Writing[Any, Receipt],
        readers: Readers,
        searches: Searches,
    ) -> None:
        self._epoch = epoch
        self._clock = clock
        self._log = log
        self._writer = writer
        self._readers = readers
        self._searches = searches
        self._marks = ReadMarks(self._write_marks)
        self._people = Directory(self.read, self._writer.run, clock)

    @property
    def epoch(self) -> str:
        return self._epoch

    @property
    def healthy(self) -> bool:
        return self._writer.healthy

    @property
    def writer(self) -> Writing[Any, Receipt]:
        """For what it counts: commits, and who waits for them."""
        return self._writer

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Return what *query* returns; it sees one moment of the store."""
        return await self._readers.read(query)

    async def write(self, job: Callable[[Connection, Log], T], *, pages: int = 1) -> T:
        """
        Return what *job* returns, once it is durable; what it raises undoes it alone.

        *pages*: about how many it dirties.
        """
        return await self._writer.run(lambda connection: job(connection, self._log), pages=pages)

    @abstractmethod
    async def close(self) -> None:
        """Finish what waits and let another process have what was locked."""

    @property
    def is_shared(self) -> bool:
        """Whether other nodes may have the database open too."""
        return False

    async def leads(self) -> bool:
        """
        Return whether this node does what only one of several may; ask again now and then.

        Two may think so for a moment, such as while one of them loses the database.
        """
        return True

    async def hold(self) -> None:
        """Have the database still, as when it was opened; call it now and then, it says if not."""

    def stir(self) -> None:
        """Something may have been written by another node."""
        self._searches.stir()

    @property
    @abstractmethod
    def home(self) -> Path:
        """The directory of what is kept beside the database: keys, and files of attachments."""

    @abstractmethod
    def blobs(self, leave_free: int = 0) -> Blobs:
        """Return where bytes of attachments lie; of the disk *leave_free* are for others."""

    @abstractmethod
    def passes(self, now: Callable[[], float]) -> Passes:
        """Return what is handed out for a moment; *now* is a clock that never jumps."""

    def places(self) -> Places | None:
        """Return who is in which room by all nodes; None where this one knows by itself."""
        return None

    @property
    @abstractmethod
    def version(self) -> str:
        """The name and version of the database."""

    @property
    @abstractmethod
    def database(self) -> Path:
        """The file that the database is. Raises `CannotDo` where it is none."""

    @abstractmethod
    async def sizes(self) -> Sizes:
        """Return how many bytes the database takes."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Any]:
        """
        Give a connection as the driver of SQLite has them, which reads one moment.

        It blocks: use it in a thread.
        """

    @abstractmethod
    async def compact(self) -> bool:
        """Return whether nothing that was erased is left in the file of the database."""

    def begin_epoch(self, epoch: str) -> None:
        """Answer with *epoch*, which stands in the database already."""
        self._epoch = epoch

    def empty_wal(self) -> None:
        """Let what was erased be in no log of the database's own, within a second or two."""

    # ── logs ───────────────────────────────────────────────────────────────────────────

    async def append(self, draft: Draft) -> Receipt:
        check_shape(draft)
        receipt: Receipt = await self._writer.append(pend(draft))
        if draft.type == DELETED:
            self.empty_wal()
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
            found = open_for(connection, self._epoch, room, reader, self._clock())
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
            found = open_for(connection, self._epoch, room, reader, self._clock())
            return pages.entries_since(connection, found, since, most)

        return await self._readers.read(query)

    async def after(self, room: str, seq: int, limit: int = 500) -> Page:
        return await self._readers.look(
            lambda connection: entries_behind(connection, self._epoch, room, seq, limit)
        )

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
        return await self._readers.look(lambda connection: people.find_user(connection, id))

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
        return await self._readers.look(lambda connection: tokens.find_token(connection, digest))

    async def _write_marks(self, marks: Marks) -> None:
        await self._writer.run(lambda connection: membership.mark_read(connection, marks))
