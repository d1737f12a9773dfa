"""
Take out of the file what erasing leaves in it.

Deleted rows are overwritten, but SQLite leaves copies of rows in the gaps of pages when it
moves them to make room. Only writing the whole file anew takes those out. So whoever
erases notes it, in the same transaction, and the file is written anew when it disturbs
least: what runs here holds up everything else that is written.
"""

import os
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from conclave.storage.backup import Progress, check, finish, held, interruptible, quiet, unfinished
from conclave.storage.driver import driver, raw
from conclave.storage.lines import now_ms

_KEY: Final = "erased"
# Files up to this size are written anew at once: it takes about a second.
SMALL_BYTES: Final = 64 * 2**20
# SQLite does it in memory, which larger ones would exhaust.
LARGEST_BYTES: Final = 2**30


def note_erasure(cursor: Any) -> None:
    """Remember, in this transaction, that something was erased from the file."""
    if not getattr(cursor, "leaves_gaps", True):
        return
    cursor.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (_KEY, str(now_ms())),
    )


def erased_at(connection: Connection) -> int | None:
    """Return when something was erased last that may still be in the file; None: nothing."""
    query = "SELECT value FROM meta WHERE key = ?"
    found = raw(connection).execute(query, (_KEY,)).fetchone()
    return None if found is None else int(found[0])


def rewrite_file(connection: Connection) -> None:
    """Write the whole file anew, outside of any transaction; the WAL must be emptied then."""
    execute = raw(connection).execute
    execute("VACUUM").close()
    execute("DELETE FROM meta WHERE key = ?", (_KEY,)).close()


def compact(data: Path, tell: Progress = quiet) -> tuple[int, int]:
    """
    Write the database of *data* anew, of any size; no server may use it.

    Return its sizes before and after. Raises `CannotDo` and `CannotOpen`; then, as at any
    moment before the end, it is as it was.
    """
    with held(data) as directory:
        database = directory.database
        with unfinished(database) as growing:
            growing.unlink()
            with closing(driver().connect(database, isolation_level=None)) as connection:
                # Now, so that nothing is left in the WAL that would be taken for the new file's.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                with interruptible(connection, tell):
                    connection.execute("VACUUM INTO ?", (str(growing),)).close()
            before = database.stat().st_size
            _forget_note(growing)
            check(growing, tell)
            finish(growing, database)
        return before, database.stat().st_size


def _forget_note(path: Path) -> None:
    path.chmod(0o600)
    with closing(driver().connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM meta WHERE key = ?", (_KEY,)).close()
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
