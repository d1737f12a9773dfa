"""
Open a database of PostgreSQL for a node, with the directory of what it keeps beside.

What is wrong with either is said in one line for the operator, as `CannotOpen`.
"""

import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from conclave.storage.datadir import DataDirectory
from conclave.storage.driver import raw
from conclave.storage.errors import CannotOpen
from conclave.storage.postgres.connecting import named, reading_engine, why
from conclave.storage.postgres.schema import prepare

# Any number, the same on all nodes, and no other lock's.
_LOCK: Final = 0x0C0DE_1
# The server lets go of it a moment after a node has.
_WITHIN_S: Final = 1.0
_AGAIN_S: Final = 0.05
_TAKE: Final = "SELECT pg_try_advisory_lock(?)"
_SHARE: Final = "SELECT pg_try_advisory_lock_shared(?)"


class Opened(NamedTuple):
    """A directory that is locked for us, and a database of the right schema."""

    directory: DataDirectory
    epoch: str
    version: str
    # Holds the lock of the only node, or of one of several.
    lock: Connection
    # Whether several may have it.
    shared: bool

    def release(self) -> None:
        """Let another process have both."""
        with suppress(DBAPIError):
            self.lock.close()
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
        return Opened(directory, ready.epoch, ready.version, _lock(url, alone=alone), not alone)
    except BaseException:
        directory.release()
        raise


def _lock(url: str, *, alone: bool) -> Connection:
    """
    Take the lock of the only node, or share it with others that are not *alone* either.

    What a node that is alone tells its clients another does not hear.

    It ends with its connection, so there are no stale ones; one that has just ended is waited for.
    """
    try:
        connection = reading_engine(url).connect()
        until = time.monotonic() + _WITHIN_S
        while not (taken := _take(connection, alone=alone)) and time.monotonic() < until:
            time.sleep(_AGAIN_S)
    except DBAPIError as error:
        raise CannotOpen(f"cannot use the database {named(url)}: {why(error, url)}") from None
    if not taken:
        connection.close()
        raise CannotOpen(f"the database {named(url)} is in use by another server: stop that one")
    return connection


def _take(connection: Connection, *, alone: bool) -> bool:
    with connection.begin():
        query = _TAKE if alone else _SHARE
        return bool(raw(connection).execute(query, (_LOCK,)).fetchone()[0])
