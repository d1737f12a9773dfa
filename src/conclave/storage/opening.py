"""
Open a database for the one process that may: locked, of the right schema, with its epoch.

What is wrong with it is said in one line for the operator, as `CannotOpen`.
"""

from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import DatabaseError

from conclave.storage.backup import remove_unfinished
from conclave.storage.datadir import DataDirectory
from conclave.storage.driver import reading_engine, writing_engine
from conclave.storage.errors import CannotOpen, reason
from conclave.storage.restore import renew_epoch
from conclave.storage.schema import prepare
from conclave.storage.tables import meta

_log = structlog.get_logger("conclave.storage")


class OpenFile(NamedTuple):
    """A database that is locked for us and of the right schema."""

    directory: DataDirectory
    writing: Engine
    reading: Engine
    epoch: str


def open_file(data: Path) -> OpenFile:
    directory = DataDirectory(data)
    try:
        lost = directory.wal_is_lost
        prepare(directory.database)
        remove_unfinished(directory.database)
        if lost:
            _begin_anew(directory.database)
        writing = writing_engine(directory.database)
        epoch = _read_epoch(writing, directory.database)
        return OpenFile(directory, writing, reading_engine(directory.database), epoch)
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
