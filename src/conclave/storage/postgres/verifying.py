"""
Check a database of PostgreSQL against its own promises, line by line; nothing is changed.

It finds what `storage.verify` finds in a file, as of one moment, beside servers that go on.
References are looked at although the server enforces them: what was restored with its triggers
off may have none. Of pages that are damaged it finds those of tables; for those of indexes there
is PostgreSQL's own `pg_amcheck`.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, ForeignKeyConstraint, Table
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import DBAPIError

from conclave.storage.backup import Progress, quiet
from conclave.storage.driver import raw
from conclave.storage.errors import CannotDo
from conclave.storage.postgres.blobs import PIECE_BYTES
from conclave.storage.postgres.connecting import named, reading_engine, why
from conclave.storage.postgres.schema import revision
from conclave.storage.rowcheck import MOST_OF_A_KIND, Guard, check_logs, check_rows
from conclave.storage.schema import newest_revision
from conclave.storage.search_check import problems
from conclave.storage.tables import metadata

_DIALECT: Final = PGDialect()  # type: ignore[no-untyped-call]
_COLUMNS: Final = """
    SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped
"""
_BYTES: Final = """
    SELECT digest FROM attachments UNION SELECT thumb_digest FROM attachments
    WHERE thumb_digest IS NOT NULL ORDER BY 1
"""
_SIZE: Final = "SELECT size FROM blobs WHERE digest = ?"
_PIECE: Final = "SELECT data FROM blob_pieces WHERE digest = ? AND start = ?"
_AT_ONCE: Final = 500
_SAME_WORDS: Final = """
    SELECT count(*) FROM unnest(CAST(? AS bigint[]), CAST(? AS text[])) AS said (doc, line)
    JOIN search_index USING (doc) WHERE words = search_vector(line)
"""
_STRAY_WORDS: Final = """
    SELECT 1 FROM search_index WHERE NOT EXISTS (
        SELECT 1 FROM search_docs JOIN rooms ON rooms.id = search_docs.room
        WHERE search_docs.doc = search_index.doc
    ) LIMIT 1
"""


def verify(url: str, tell: Progress = quiet) -> Iterator[str]:
    """
    Give one line for each thing that is wrong with the database *url*; none: all is well.

    Raises `CannotDo` where it cannot be reached.
    """
    try:
        # However long one of its statements takes.
        with reading_engine(url, statement_ms=0).connect() as connection, connection.begin():
            yield from findings(connection, tell)
    except DBAPIError as error:
        raise CannotDo(f"{named(url)}: {why(error, url)}") from None


def findings(connection: Connection, tell: Progress = quiet) -> Iterator[str]:
    """As `verify`, by a *connection* that is in a transaction and sees one moment."""
    if (found := revision(connection)) != newest_revision():
        yield (
            f"the schema is {found or 'not there'}, not {newest_revision()}: start the server once "
            "to make it the newest"
        )
        return
    rows = raw(connection).streaming()
    guard = Guard("the database", (DBAPIError,), connection.begin_nested)
    for check in (_references, _schema):
        yield from guard.each(partial(check, rows))
    yield from check_rows(rows, guard)
    yield from check_logs(rows, guard, tell)
    yield from guard.each(lambda: islice(problems(rows, Vectors), MOST_OF_A_KIND))
    yield from guard.each(partial(_bytes, rows))


def _references(rows: Any) -> Iterator[str]:
    for table in metadata.sorted_tables:
        for reference in table.foreign_key_constraints:
            for key in rows.execute(_without(table, reference), (MOST_OF_A_KIND,)):
                parent = reference.referred_table.name
                yield f"table {table.name}: row {key} refers to nothing in {parent}"


def _without(table: Table, reference: ForeignKeyConstraint) -> str:
    """Return what finds rows of *table* whose *reference* leads nowhere."""
    pairs = [(one.parent.name, one.column.name) for one in reference.elements]
    same = " AND ".join(f'there."{theirs}" = here."{mine}"' for mine, theirs in pairs)
    given = " AND ".join(f'here."{mine}" IS NOT NULL' for mine, _ in pairs)
    key = ", ".join(f'here."{column.name}"' for column in table.primary_key)
    return (
        f"SELECT {key} FROM {table.name} AS here WHERE {given} AND NOT EXISTS"  # noqa: S608 - names of our tables
        f" (SELECT 1 FROM {reference.referred_table.name} AS there WHERE {same}) LIMIT ?"
    )


def _schema(rows: Any) -> Iterator[str]:
    for table in metadata.tables.values():
        made = {(name, _kind(type_)) for name, type_ in rows.execute(_COLUMNS, (table.name,))}
        if made != _columns(table):
            yield f"the columns of table {table.name} are not those that the schema gives it"


def _columns(table: Table) -> set[tuple[str, str]]:
    return {(one.name, _kind(one.type.compile(_DIALECT).lower())) for one in table.columns}


def _kind(type_: str) -> str:
    # Of either width: SQLite, for which all of it is written, has one.
    return "bigint" if type_ == "integer" else type_


def _bytes(rows: Any) -> Iterator[str]:
    for (digest,) in rows.execute(_BYTES):
        found = rows.execute(_SIZE, (digest,)).fetchone()
        if found is None:
            yield f"the bytes {digest.hex()} of an attachment are missing"
        elif _digest_of(rows, digest, found[0]) != digest:
            yield f"the bytes {digest.hex()} of an attachment are damaged"


def _digest_of(rows: Any, digest: bytes, size: int) -> bytes:
    made = sha256()
    for start in range(0, size, PIECE_BYTES):
        piece = rows.execute(_PIECE, (digest, start)).fetchone()
        made.update(b"" if piece is None else piece[0])
    return made.digest()


class Vectors:
    """Compares the words of messages with those that the index has of them."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def has(self, _room: int, lines: Iterable[tuple[int, str]]) -> bool:
        """Return whether the index has of each document the words of its line, and no other."""
        waiting = iter(lines)
        while some := list(islice(waiting, _AT_ONCE)):
            docs, texts = [doc for doc, _ in some], [text for _, text in some]
            (same,) = self._rows.execute(_SAME_WORDS, (docs, texts)).fetchone()
            if same != len(some):
                return False
        return True

    def more(self) -> bool:
        """Return whether there are words of no message of any room."""
        return self._rows.execute(_STRAY_WORDS).fetchone() is not None
