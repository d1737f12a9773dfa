"""
Bring a database file to the schema of this version, or refuse it in one line.

A new file is built beside its place and moved there complete, so a file of no bytes is
damage and never a beginning. An older one is copied first and changed in one
transaction; a newer one is refused. Nobody else may have the file open: hold the lock.
Most starts find what they need: Alembic, a tenth of all memory then, is loaded on need.
"""

import os
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import DatabaseError

from conclave.storage.datadir import sync_directory
from conclave.storage.driver import driver, migrating_engine
from conclave.storage.errors import CannotOpen, reason

_log = structlog.get_logger("conclave.storage")

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def prepare(path: Path, migrations: tuple[Path, ...] = (MIGRATIONS,)) -> None:
    """Make sure that *path* is a database of the newest schema. Raises `CannotOpen`."""
    try:
        _refuse_links(path)
        if not path.exists():
            refuse_remains(path)
            _create(path, migrations)
            return
        _refuse_empty(path)
        _refuse_cut(path)
        _upgrade_if_older(path, migrations)
    except DatabaseError as error:
        raise CannotOpen(f"cannot use the database {path}: {reason(error)}") from error
    except OSError as error:
        raise CannotOpen(f"cannot use the database {path}: {error.strerror}") from error
    path.chmod(0o600)


def newest_revision() -> str:
    """Return the name of the schema that this version makes."""
    return _newest((MIGRATIONS,))


def _newest(migrations: tuple[Path, ...]) -> str:
    # v0010_attachments.py makes 0010; that they are one chain is seen when they are run.
    files = (file.name for folder in migrations for file in folder.glob("v[0-9]*.py"))
    return max(file[1:].partition("_")[0] for file in files)


def _create(path: Path, migrations: tuple[Path, ...]) -> None:
    from conclave.storage.upgrading import Chain

    chain = Chain(migrations)
    unfinished = path.with_name(path.name + ".new")
    for leftover in path.parent.glob(unfinished.name + "*"):
        leftover.unlink()
    # SQLite gives its other files the mode of the first one.
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    chain.run(unfinished)
    unfinished.rename(path)
    sync_directory(path.parent)


def _refuse_links(path: Path) -> None:
    # The lock is of this directory: another one's server could have the same file open.
    if path.is_symlink():
        raise CannotOpen(
            f"the database {path} is a symbolic link: name the directory of the file itself "
            "with --data"
        )


def refuse_remains(path: Path) -> None:
    """
    Begin nothing anew where a database was: its WAL would be taken for the new one's.

    Raises `CannotOpen`.
    """
    # A restore that was cut off has set the remains aside, and nothing in their place.
    for aside in sorted(path.parent.glob(f"{path.name}.before-restore-*")):
        raise CannotOpen(
            f"the database {path} is gone, and {aside.name} is there: a restore was cut off; "
            "restore again, or move that away to begin anew"
        )
    if (wal := path.with_name(path.name + "-wal")).exists():
        raise CannotOpen(
            f"the database {path} is gone, and {wal.name} is still there: put it back or restore "
            "a backup, or move that away to begin anew"
        )


def _refuse_empty(path: Path) -> None:
    if path.stat().st_size == 0:
        raise CannotOpen(
            f"the database {path} is empty: it was damaged; restore a backup, or move it away "
            "to begin anew"
        )


def _refuse_cut(path: Path) -> None:
    """
    Refuse a file that is shorter than its header says.

    SQLite would notice when it comes to a page that is not there. While there is a WAL the
    header may be ahead of the file.
    """
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        return
    with path.open("rb") as file:
        header = file.read(100)
    # https://www.sqlite.org/fileformat2.html#the_database_header
    size, is_known = int.from_bytes(header[16:18]), header[24:28] == header[92:96]
    pages = int.from_bytes(header[28:32])
    if is_known and path.stat().st_size < pages * (65_536 if size == 1 else size):
        raise CannotOpen(
            f"the database {path} is cut: less than its {pages} pages are there; restore a backup"
        )


def _upgrade_if_older(path: Path, migrations: tuple[Path, ...]) -> None:
    current, newest = _revision(path), _newest(migrations)
    if current == newest:
        return
    if current is None:
        raise CannotOpen(f"{path} is not a database of Conclave")
    from conclave.storage.upgrading import Chain

    chain = Chain(migrations)
    if current not in chain.revisions:
        raise CannotOpen(
            f"the database {path} has the schema {current}, newer than this version knows "
            f"({newest}): use the newer Conclave, or restore the copy made before its upgrade"
        )
    copy = _copy(path, f"{path.name}.before-{newest}")
    _log.info("schema_upgrade", was=current, becomes=newest, copy=str(copy))
    chain.run(path)


def _revision(path: Path) -> str | None:
    with migrating_engine(path).connect() as connection:
        execute = connection.exec_driver_sql
        if not execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").first():
            return None
        return execute("SELECT version_num FROM alembic_version").scalar()


def _copy(path: Path, name: str) -> Path:
    """Copy the database with what is still in its WAL, in place of an earlier such copy."""
    copy = path.with_name(name)
    unfinished = path.with_name(name + ".new")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(driver().connect(path)) as source, closing(driver().connect(unfinished)) as target:
        source.backup(target)
    unfinished.rename(copy)
    sync_directory(path.parent)
    return copy
