"""
Put a copy of a database in the place of the one that is used.

It comes complete and checked, or all is as it was; the former database stays beside it.
A restored one gets a new epoch: clients that know what came after it begin anew.
"""

import os
import secrets
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from conclave.model import OPERATOR, Action, Note
from conclave.storage.audit import record_at_rest
from conclave.storage.backup import (
    Progress,
    check,
    closing_directory,
    finish,
    quiet,
    unfinished,
)
from conclave.storage.blobs import blobs_beside, blobs_in
from conclave.storage.datadir import SIDE_FILES, sync_directory
from conclave.storage.driver import driver
from conclave.storage.errors import CannotDo, CannotOpen
from conclave.storage.files import carry
from conclave.storage.lines import now_ms
from conclave.storage.schema import prepare


def restore(
    data: Path,
    backup: Path,
    *,
    examine: Callable[[Path], None] = check,
    tell: Progress = quiet,
) -> Path | None:
    """
    Put a copy of *backup* in place of the database in *data*; no server may use that.

    It is brought to this version's schema, *examine* may refuse it by raising, and it gets
    a new epoch. Return where the former database is now, or the WAL that was left of one,
    None if there was neither. Raises `CannotDo` and `CannotOpen`; then, as at any moment
    before the end, all is as it was.
    """
    if not backup.is_file():
        raise CannotDo(f"{backup} is no file: name a file that `conclave backup` made")
    with closing_directory(data) as directory, unfinished(directory.database) as growing:
        _take(backup, growing, tell)
        _bring_up(growing, backup)
        examine(growing)
        renew_epoch(growing)
        restored = Note(action=Action.DATA_RESTORED, actor=OPERATOR, details={"name": backup.name})
        record_at_rest(growing, restored, now_ms())
        # What the former database has stays too, until a server begins.
        carry(growing, blobs_beside(backup), blobs_in(data))
        former = _set_aside(directory.database)
        finish(growing, directory.database)
        directory.replaced()
        return former


def _take(backup: Path, growing: Path, tell: Progress) -> None:
    size = backup.stat().st_size
    if not size:
        raise CannotDo(f"{backup} is empty: it is no backup")
    try:
        with backup.open("rb") as source, growing.open("wb") as copy:
            while part := source.read(1 << 20):
                copy.write(part)
                tell(copy.tell(), size)
            copy.flush()
            os.fsync(copy.fileno())
    except OSError as error:
        raise CannotDo(f"cannot copy {backup}: {error.strerror}") from error


def _bring_up(growing: Path, backup: Path) -> None:
    try:
        prepare(growing)
    except CannotOpen as error:
        said = str(error).replace(str(growing), str(backup))
        raise CannotDo(f"the backup is of no use: {said}") from error
    finally:
        for copy in growing.parent.glob(growing.name + ".before-*"):
            copy.unlink()


def renew_epoch(path: Path) -> str:
    """Give the database *path*, which nobody else has open, a new epoch; return it."""
    epoch = secrets.token_hex(8)
    with closing(driver().connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (epoch,))
    return epoch


def _set_aside(database: Path) -> Path | None:
    """
    Give the database a second name, and let nothing stay that would be taken for the new one's.

    The WAL of a former database beside a new one would be read as the new one's own.
    """
    if not os.path.lexists(database):
        return _set_remains_aside(database)
    aside = _name_aside(database)
    os.link(database, aside, follow_symlinks=False)
    wal, aside_wal = (path.with_name(path.name + "-wal") for path in (database, aside))
    if wal.exists():
        # Before SQLite sees it, which removes the WAL of what it takes for no database.
        os.link(wal, aside_wal)
    # Where it can be read, its last changes move from the WAL into it.
    with suppress(driver().Error), closing(driver().connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    for end in SIDE_FILES:
        database.with_name(database.name + end).unlink(missing_ok=True)
    if aside_wal.exists() and not aside_wal.stat().st_size:
        aside_wal.unlink()
    sync_directory(database.parent)
    return aside


def _set_remains_aside(database: Path) -> Path | None:
    """Do the same where the database itself is gone: what was said last may be in its WAL."""
    wal = database.with_name(database.name + "-wal")
    aside = None
    if wal.exists() and wal.stat().st_size:
        former = _name_aside(database)
        aside = wal.rename(former.with_name(former.name + "-wal"))
    for end in SIDE_FILES:
        database.with_name(database.name + end).unlink(missing_ok=True)
    sync_directory(database.parent)
    return aside


def _name_aside(database: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = database.with_name(f"{database.name}.before-restore-{stamp}")
    taken = any(os.path.lexists(f"{aside}{end}") for end in ("", "-wal"))
    return aside.with_name(f"{aside.name}-{secrets.token_hex(2)}") if taken else aside
