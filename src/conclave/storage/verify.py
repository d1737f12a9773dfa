"""
Check a file of SQLite against its own promises, line by line; nothing is changed.

What SQLite can tell (its structure, references), what the log says of itself (numbers,
counts, times, ids, checksums), and what is kept beside it (marks of messages, members,
requests, the index of words) against what reading the log gives. Not found: a changed bit
in what nothing else tells: the name or the time of a user, a token or a room, a token's
digest, a title that the log never said, what a member has read, how far the index is.
"""

import os
from collections.abc import Iterator
from contextlib import closing, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite

from conclave.storage.backup import Progress, interruptible, quiet, reading
from conclave.storage.driver import driver
from conclave.storage.errors import CannotDo
from conclave.storage.rowcheck import MOST_OF_A_KIND, Guard, check_logs, check_rows
from conclave.storage.schema import newest_revision
from conclave.storage.search_check import problems
from conclave.storage.tables import metadata

_DIALECT: Final = sqlite.dialect()


def verify(database: Path, tell: Progress = quiet) -> Iterator[str]:
    """
    Give one line for each thing that is wrong with *database*; none: all is well.

    The same file must not be written to meanwhile: check a copy of a running server's.
    """
    if (unusable := unfit(database)) is not None:
        yield unusable
        return
    with closing(reading(database)) as connection:
        # A text that is no UTF-8 is damage, which its checksum tells.
        connection.text_factory = _lenient
        # What SQLite says of a damaged schema may quote bytes of it that are no text.
        guard = Guard("the file", (driver().Error, UnicodeDecodeError), nullcontext)
        yield from guard.each(lambda: _structure(connection, tell))
        yield from guard.each(lambda: _schema(connection))
        yield from check_rows(connection, guard)
        yield from check_logs(connection, guard, tell)
        yield from guard.each(lambda: _index(connection))


def examine(database: Path, tell: Progress = quiet) -> None:
    """Raise `CannotDo` with the first thing that `verify` finds."""
    for finding in verify(database, tell):
        raise CannotDo(f"what it holds is damaged: {finding}")


def unfit(database: Path) -> str | None:
    """Return why *database* cannot even be looked at."""
    if database.is_symlink():
        return f"{database} is a symbolic link, which may be another server's database"
    if not os.path.lexists(database):
        return f"there is no {database}"
    if not database.is_file():
        return f"{database} is no file"
    if not os.access(database, os.R_OK):
        return f"{database} may not be read by this user"
    return f"{database} is empty" if not database.stat().st_size else None


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _structure(connection: Any, tell: Progress) -> Iterator[str]:
    with interruptible(connection, tell):
        found = connection.execute(f"PRAGMA integrity_check({MOST_OF_A_KIND})").fetchall()
    yield from (f"structure: {line}" for (line,) in found if line != "ok")
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"table {table}: row {row or '?'} refers to nothing in {parent}"


def _schema(connection: Any) -> Iterator[str]:
    (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("?",)
    if found != newest_revision():
        yield (
            f"the schema is {found}, not {newest_revision()}: what follows may be of no worth; "
            "start the server once to upgrade it"
        )
        return
    for table in metadata.tables.values():
        made = connection.execute(f'PRAGMA table_info("{table.name}")').fetchall()
        if {(name, kind) for _, name, kind, *_ in made} != _columns(table):
            yield f"the columns of table {table.name} are not those that the schema gives it"


def _columns(table: Table) -> set[tuple[str, str]]:
    return {(column.name, column.type.compile(_DIALECT)) for column in table.columns}


def _index(connection: Any) -> Iterator[str]:
    # It makes a table of its own, which is temporary.
    connection.execute("PRAGMA query_only = OFF").close()
    yield from islice(problems(connection), MOST_OF_A_KIND)
