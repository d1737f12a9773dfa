"""
Move all that is kept from SQLite's file into an empty database of PostgreSQL.

Row by row and table by table, in one transaction, so that what is cut off has moved nothing.
Then both are read again and compared. The file stays as it is, and so do the files of
attachments, which are moved, too. What search knows is not moved: it follows from the logs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from conclave.protocol.errors import Reject
from conclave.storage.backup import Progress, quiet, reading
from conclave.storage.blobs import blobs_in, sha256_of
from conclave.storage.datadir import DataDirectory
from conclave.storage.driver import raw
from conclave.storage.errors import CannotDo
from conclave.storage.files import digests_of
from conclave.storage.postgres.blobs import PostgresBlobs
from conclave.storage.postgres.connecting import migrating_engine, named, why
from conclave.storage.postgres.schema import prepare
from conclave.storage.schema import prepare as prepare_file
from conclave.storage.tables import meta, metadata, search_docs, search_rooms

_log = structlog.get_logger("conclave.storage")

_AT_ONCE: Final = 500
# What is of one database: how far its index is, and what is in the gaps of its file.
_LEFT: Final = ("search", "erased", "jobs")
_MASK: Final = 2**128 - 1
# Which tables number their rows themselves.
_NUMBERED: Final = ("rooms", "audit")

_encode: Final = msgspec.json.Encoder().encode


class Moved(NamedTuple):
    """What has been moved: how many rows of how many tables."""

    rows: int
    tables: int


def move(data: Path, url: str, tell: Progress = quiet) -> Moved:
    """
    Move what is in the directory *data* into the database *url*; no server may use either.

    Raises `CannotDo` and `CannotOpen`, and then nothing has been moved.
    """
    directory = DataDirectory(data)
    try:
        if not directory.database.exists():
            raise CannotDo(f"there is no database in {data}: name the directory with --data")
        prepare_file(directory.database)
        ready = prepare(url)
        if not ready.is_new:
            raise CannotDo(f"{named(url)} has people or rooms: move into an empty database")
        source = reading(directory.database)
        try:
            source.execute("BEGIN")
            with _files(source, data, url):
                return _move(source, url, tell)
        finally:
            source.close()
    finally:
        directory.release()


@contextmanager
def _files(source: Any, data: Path, url: str) -> Iterator[None]:
    """Move the files of attachments, too; none is left there where the rest is not moved."""
    files, target = blobs_in(data), PostgresBlobs(url, data)
    digests = digests_of(source)
    try:
        for digest in digests:
            _move_file(files.place(digest), digest, target)
        yield
    except BaseException:
        target.remove(digests)
        raise
    finally:
        target.close()


def _move_file(path: Path, digest: str, target: PostgresBlobs) -> None:
    try:
        if sha256_of(path) != digest:
            raise CannotDo(f"the file {path} is damaged: nothing was moved")
        target.take(path, digest)
    except FileNotFoundError:
        # It was missing before, and says so to whoever asks for it.
        _log.warning("attachment_missing", digest=digest)
    except Reject:
        raise CannotDo(f"the file {path} cannot be put into the database") from None


def _move(source: Any, url: str, tell: Progress) -> Moved:
    tables = [one for one in metadata.sorted_tables if one not in (search_docs, search_rooms)]
    counts = {one.name: source.execute(_count(one)).fetchone()[0] for one in tables}
    # Each row is written, and read twice to compare.
    told = _Told(tell, 2 * sum(counts.values()))
    try:
        with migrating_engine(url).connect() as connection, connection.begin():
            raw(connection).execute("DELETE FROM meta")
            for table in tables:
                _fill(raw(connection).cursor(), table, _rows(source, table), told)
            for name in _NUMBERED:
                raw(connection).execute(_go_on(name))
            _compare(source, connection, tables, told)
            # Else the first hour's statements are planned as for empty tables.
            raw(connection).execute("ANALYZE")
    except DBAPIError as error:
        raise CannotDo(f"{named(url)}: {why(error, url)}") from None
    return Moved(sum(counts.values()), len(tables))


class _Told:
    """Says how far it is."""

    def __init__(self, tell: Progress, of: int) -> None:
        self._tell = tell
        self._of = of
        self._done = 0

    def more(self, rows: int) -> None:
        self._done += rows
        self._tell(self._done, self._of)


def _fill(target: Any, table: Table, rows: Iterator[Sequence[Any]], told: _Told) -> None:
    marks = ", ".join("?" for _ in table.columns)
    statement = f"INSERT INTO {table.name} ({_columns(table)}) VALUES ({marks})"  # noqa: S608 - names of our tables
    while some := list(islice(rows, _AT_ONCE)):
        target.executemany(statement, some)
        told.more(len(some))


def _compare(source: Any, connection: Connection, tables: Sequence[Table], told: _Told) -> None:
    for table in tables:
        there = raw(connection).streaming()
        if _sum(_rows(source, table), told) != _sum(_rows(there, table), None):
            raise CannotDo(f"the table {table.name} is another one there: nothing was moved")


def _sum(rows: Iterator[Sequence[Any]], told: _Told | None) -> tuple[int, int]:
    """Return how many *rows* there are, and a number that any other value changes."""
    count = total = 0
    for row in rows:
        values = [value.hex() if isinstance(value, bytes) else value for value in row]
        total += int.from_bytes(blake2b(_encode(values), digest_size=16).digest())
        count += 1
        if told is not None and count % _AT_ONCE == 0:
            told.more(_AT_ONCE)
    return count, total & _MASK


def _rows(source: Any, table: Table) -> Iterator[Sequence[Any]]:
    """Give the rows of either database."""
    which = f" WHERE key NOT IN {_LEFT}" if table is meta else ""
    yield from source.execute(f"SELECT {_columns(table)} FROM {table.name}{which}")  # noqa: S608 - names of our tables


def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _count(table: Table) -> str:
    return f"SELECT count(*) FROM {table.name}"  # noqa: S608 - names of our tables


def _go_on(name: str) -> str:
    """Let new rows be numbered after those that are there."""
    return (
        f"SELECT setval(pg_get_serial_sequence('{name}', 'id'),"  # noqa: S608 - names of our tables
        f" (SELECT coalesce(max(id), 0) + 1 FROM {name}), false)"
    )
