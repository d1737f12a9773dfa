"""
Copy a database while it is written to.

A copy is of one moment: it is read in one transaction, a few pages at a time, so that
whoever writes goes on. It appears under its name complete, checked and synced, or not at
all. How one is put back is said by `restore`.
"""

import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from conclave.model import OPERATOR, Action, Note
from conclave.storage.audit import record_at_rest
from conclave.storage.blobs import blobs_beside, blobs_in
from conclave.storage.datadir import DATABASE, OWN, SIDE_FILES, DataDirectory, sync_directory
from conclave.storage.driver import driver
from conclave.storage.errors import CannotDo
from conclave.storage.files import carry, keep_only
from conclave.storage.lines import now_ms

# Called again and again with what is done and of how much; what it raises ends the work.
Progress = Callable[[int, int], None]

# Pages of 4 KiB between two pauses, and the pause: at most some 100 MB/s.
_PAGES_AT_ONCE: Final = 256
_PAUSE_S: Final = 0.01
# Synced as it grows: a sync of all at the end would hold up everybody else's.
_SYNC_EVERY: Final = 8
# SQLite's virtual machine steps between two looks at whether to go on.
_STEPS: Final = 1_000_000


def quiet(_done: int, _of: int) -> None:
    """Tell nobody how far it is."""


def back_up(
    database: Path,
    target: Path,
    *,
    force: bool = False,
    files: bool = True,
    tell: Progress = quiet,
) -> None:
    """
    Copy *database* to *target*, which is complete and checked when this returns.

    The *files* of attachments come into a folder beside it. Others may go on writing. Raises
    `CannotDo`; then, as after an exception of *tell*, there is no new file, and an old *target*
    is as it was.
    """
    refuse_target(target, database.parent, force=force)
    with unfinished(target) as growing:
        copy_to(database, growing, tell)
        check(growing, tell)
        if files:
            carry(growing, blobs_in(database.parent), blobs_beside(target))
        finish(growing, target)
        if files:
            # Not before: an old one would be without its files if this came to nothing.
            keep_only(target, blobs_beside(target))


def refuse_target(target: Path, data: Path, *, force: bool) -> None:
    """Raise `CannotDo` if a new file may not be *target*: *data* is the data directory."""
    if target.exists() and not force:
        raise CannotDo(f"{target} is there: choose another name, or give --force")
    if target.is_dir() or target.is_symlink():
        raise CannotDo(f"{target} is no plain file: choose another name")
    if target.name in OWN and target.parent.exists() and target.parent.samefile(data):
        raise CannotDo(f"{target} is a name of the database itself: choose another one")


def copy_database(data: Path, target: Path, *, force: bool = False, tell: Progress = quiet) -> None:
    """`back_up` the database of the directory *data*, which no server uses now."""
    with held(data) as directory:
        back_up(directory.database, target, force=force, tell=tell)
        made = Note(action=Action.DATA_BACKED_UP, actor=OPERATOR, details={"name": target.name})
        record_at_rest(directory.database, made, now_ms())


@contextmanager
def held(data: Path) -> Iterator[DataDirectory]:
    """Keep servers out of the directory *data*, which must have a database."""
    if not os.path.lexists(data / DATABASE):
        raise CannotDo(f"there is no database in {data}: name the directory with --data")
    with closing_directory(data) as directory:
        yield directory


@contextmanager
def closing_directory(data: Path) -> Iterator[DataDirectory]:
    directory = DataDirectory(data)
    try:
        yield directory
    finally:
        directory.release()


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """Give a new file beside *target*, the owner's only, that is gone at the end."""
    name = target.name.lstrip(".")
    growing = target.with_name(f".{name}.{secrets.token_hex(4)}.new")
    try:
        os.close(os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield growing
    except OSError as error:
        raise CannotDo(f"cannot write {target}: {error.strerror}") from error
    except driver().Error as error:
        raise CannotDo(f"cannot make {target}: {error}") from error
    finally:
        for name in (growing.name, *(growing.name + end for end in SIDE_FILES)):
            growing.with_name(name).unlink(missing_ok=True)


def remove_unfinished(database: Path) -> None:
    """Remove copies of *database* that somebody who was killed has left beside it."""
    for ending in (".new", ".copy"):
        for left in database.parent.glob(f".{database.name}.*{ending}*"):
            left.unlink(missing_ok=True)


def copy_to(database: Path, growing: Path, tell: Progress) -> None:
    """Copy one moment of *database* into the empty file *growing*."""
    fd = os.open(growing, os.O_RDWR)
    try:
        with (
            closing(reading(database)) as source,
            closing(driver().connect(growing, isolation_level=None)) as copy,
        ):
            copy.execute("PRAGMA synchronous = OFF")
            # The transaction makes it one moment: without it each commit of somebody else
            # would make the copy begin anew, and a busy server's would never end.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM meta").fetchone()
            source.backup(copy, pages=_PAGES_AT_ONCE, progress=_paced(fd, tell))
            source.execute("ROLLBACK")
            # One file, whole without a second one beside it.
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()
        os.fsync(fd)
    finally:
        os.close(fd)


def reading(database: Path) -> Any:
    """Return a connection of the driver's own that cannot write to *database*."""
    connection = driver().connect(database, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 0").fetchone()
    return connection


def _paced(fd: int, tell: Progress) -> Callable[[int, int, int], None]:
    steps = 0

    def progress(_status: int, remaining: int, total: int) -> None:
        nonlocal steps
        steps += 1
        if steps % _SYNC_EVERY == 0:
            os.fdatasync(fd)
        tell(total - remaining, total)
        time.sleep(_PAUSE_S)

    return progress


def check(path: Path, tell: Progress = quiet) -> None:
    """Raise `CannotDo` if SQLite finds *path* damaged; it may take a minute for gigabytes."""
    with closing(driver().connect(path, isolation_level=None)) as connection:
        with interruptible(connection, tell):
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        strays = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok" or strays is not None:
        raise CannotDo(f"the copy is damaged, and so is what it was made of: {found}")


@contextmanager
def interruptible(connection: Any, tell: Progress) -> Iterator[None]:
    """Call *tell* during long statements; what it raises ends the statement and is raised."""
    raised: list[BaseException] = []

    def look() -> int:
        try:
            tell(0, 0)
        except BaseException as error:  # noqa: BLE001 - carried around SQLite, and raised
            raised.append(error)
            return 1
        return 0

    connection.set_progress_handler(look, _STEPS)
    try:
        yield
    except (driver().Error, sqlite3.Error):
        if raised:
            raise raised[0] from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


def finish(growing: Path, target: Path) -> None:
    """Let the complete file *growing* be *target*, durably."""
    growing.rename(target)
    sync_directory(target.parent)
