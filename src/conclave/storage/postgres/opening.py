"""
Open a database of PostgreSQL for a node, with the directory of what it keeps beside.

What is wrong with either is said in one line for the operator, as `CannotOpen`.
"""

from pathlib import Path
from typing import NamedTuple

from conclave.storage.datadir import DataDirectory
from conclave.storage.errors import CannotOpen
from conclave.storage.postgres.locking import DatabaseLock
from conclave.storage.postgres.schema import prepare
from conclave.storage.postgres.ways import Way


class Opened(NamedTuple):
    """A directory that is locked for us, and a database of the right schema."""

    directory: DataDirectory
    epoch: str
    version: str
    lock: DatabaseLock
    # By which all connect to it.
    way: Way
    # Whether several may have it.
    shared: bool

    def release(self) -> None:
        """Let another process have both."""
        self.lock.release()
        self.directory.release()


def open_database(url: str, home: Path, *, alone: bool, held: int | None = None) -> Opened:
    """Raises `CannotOpen`; also where another has the database, if either is to be *alone*."""
    directory = DataDirectory(home, held)
    try:
        ready = prepare(url)
        if ready.is_new and directory.database.exists():
            raise CannotOpen(
                f"{directory.database} is there, and the database is empty: move what was said "
                f"with `conclave migrate-to`, or that file away to begin anew"
            )
        way = Way()
        lock = DatabaseLock.take(url, way, alone=alone)
        return Opened(directory, ready.epoch, ready.version, lock, way, not alone)
    except BaseException:
        directory.release()
        raise
