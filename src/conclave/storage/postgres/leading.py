"""
Which of several nodes does what only one may, such as telling webhooks.

It is who holds a lock of the database's, for as long as a connection of its own lasts: where
that breaks, or the node dies, another one has it within seconds. Both may think so for a
moment: what is done by it must bear to be done twice.
"""

import threading
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from conclave.storage.driver import raw
from conclave.storage.postgres.connecting import reading_engine
from conclave.storage.postgres.ways import Way

# Any number, the same on all nodes, and no other lock's.
_LOCK: Final = 0x0C0DE_2
# The server ends the connection of a node that does not ask for so long: one that is cut off
# must not lead for ever.
SILENT_MS: Final = 15_000
_TAKE: Final = "SELECT pg_try_advisory_lock(?)"


class Leading:
    """Its methods wait for the database: call them in a thread, one at a time or not."""

    def __init__(self, url: str, way: Way | None = None) -> None:
        self._engine = reading_engine(url, silent_ms=SILENT_MS, way=way)
        self._connection: Connection | None = None
        self._mutex = threading.Lock()

    def takes(self) -> bool:
        """Return whether it is this node; ask again every few seconds."""
        with self._mutex:
            try:
                if self._connection is None:
                    self._connection = self._engine.connect()
                with self._connection.begin():
                    query = raw(self._connection).execute(_TAKE, (_LOCK,))
                    return bool(query.fetchone()[0])
            except DBAPIError:
                self._let_go()
                return False

    def close(self) -> None:
        """Let another one have it."""
        with self._mutex:
            self._let_go()

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):
                # Back in a pool it would hold what it has.
                connection.invalidate()
                connection.close()
