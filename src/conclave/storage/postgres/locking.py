"""
The lock of a database: of the one node that has it alone, or shared by several.

It ends with its connection, so there are no stale ones; where that breaks, as when the server is
started anew, it is taken again by whoever had it.
"""

import threading
import time
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from conclave.storage.driver import raw
from conclave.storage.errors import CannotOpen
from conclave.storage.postgres.connecting import named, reading_engine, why
from conclave.storage.postgres.ways import Way

# Any number, the same on all nodes, and no other lock's.
_LOCK: Final = 0x0C0DE_1
# The server lets go of it a moment after a node has.
_WITHIN_S: Final = 1.0
_AGAIN_S: Final = 0.05
_TAKE: Final = "SELECT pg_try_advisory_lock(?)"
_SHARE: Final = "SELECT pg_try_advisory_lock_shared(?)"


class DatabaseLock:
    """
    Make it with `take`. Nodes that are not *alone* share it.

    What a node that is alone tells its clients another does not hear.
    """

    def __init__(self, url: str, way: Way, *, alone: bool) -> None:
        self._url = url
        self._engine = reading_engine(url, way=way)
        self._query = _TAKE if alone else _SHARE
        self._connection: Connection | None = None
        self._mutex = threading.Lock()

    @classmethod
    def take(cls, url: str, way: Way, *, alone: bool) -> "DatabaseLock":
        """Take it; one that has just ended is waited for. Raises `CannotOpen`."""
        lock = cls(url, way, alone=alone)
        try:
            until = time.monotonic() + _WITHIN_S
            while not (taken := lock._takes()) and time.monotonic() < until:
                time.sleep(_AGAIN_S)
        except DBAPIError as error:
            lock.release()
            raise CannotOpen(f"cannot use the database {named(url)}: {why(error, url)}") from None
        if not taken:
            lock.release()
            raise lock._is_another_s()
        return lock

    def hold(self) -> None:
        """
        Take it again if it was lost; call it now and then.

        Raises `CannotOpen` where another node has it by now. While the database cannot be
        reached nobody can take it: that is others' to tell.
        """
        with self._mutex:
            # The first may find that the connection has ended.
            for _ in range(2):
                try:
                    taken = self._takes()
                except DBAPIError:
                    self._drop()
                    continue
                if not taken:
                    raise self._is_another_s()
                return

    def release(self) -> None:
        """Let another process have it."""
        with self._mutex:
            self._drop()

    def _takes(self) -> bool:
        if self._connection is None:
            self._connection = self._engine.connect()
        with self._connection.begin():
            # Again and again is as good as once: all of it ends with the connection.
            return bool(raw(self._connection).execute(self._query, (_LOCK,)).fetchone()[0])

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):
                connection.invalidate()
                connection.close()

    def _is_another_s(self) -> CannotOpen:
        return CannotOpen(
            f"the database {named(self._url)} is in use by another server: stop that one"
        )
