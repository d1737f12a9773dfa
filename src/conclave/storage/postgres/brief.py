"""Short transactions on a few connections of their own, for what needs no storage."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import psycopg
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import TimeoutError as NoneIsFree
from sqlalchemy.pool import QueuePool

from conclave.protocol.errors import Code, Reject
from conclave.storage.errors import refusal
from conclave.storage.postgres.connecting import plain
from conclave.storage.postgres.ways import Way

T = TypeVar("T")

_CONNECTIONS: Final = 4
_WITHIN_S: Final = 5.0


class Brief:
    """Does what it is given in the database *url*, in the caller's thread; see `Way`."""

    def __init__(self, url: str, way: Way | None = None) -> None:
        shared = way or Way()
        self._pool = QueuePool(
            lambda: _driven(url, shared), pool_size=_CONNECTIONS, max_overflow=0, timeout=_WITHIN_S
        )

    def do(self, work: "Callable[[psycopg.Cursor[Any]], T]") -> T:
        """
        Do *work* in a transaction; once more where the connection had ended unnoticed.

        Every refusal of the database is a `Reject`.
        """
        try:
            try:
                return self._once(work)
            except psycopg.OperationalError as error:
                if error.sqlstate is not None and not error.sqlstate.startswith(("08", "57P")):
                    raise
                self._pool.dispose()
                self._pool = self._pool.recreate()
                return self._once(work)
        except psycopg.Error as error:
            raise refusal(error) from error
        except NoneIsFree as error:
            # The database takes long, and all that there are wait for it.
            raise Reject(Code.BUSY) from error

    def _once(self, work: "Callable[[psycopg.Cursor[Any]], T]") -> T:
        held = self._pool.connect()
        try:
            connection = held.dbapi_connection
            assert isinstance(connection, psycopg.Connection)
            with connection.transaction(), connection.cursor(binary=True) as cursor:
                return work(cursor)
        finally:
            held.close()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._pool.dispose()


def _driven(url: str, way: Way) -> DBAPIConnection:
    # What a pool needs of a connection, it has.
    return cast("DBAPIConnection", plain(url, way))
