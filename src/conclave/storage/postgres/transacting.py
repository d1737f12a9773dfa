"""
One transaction of PostgreSQL: tried again where others were in the way, and never in doubt.

A connection may end while the server commits. Then nobody knows whether it did, but the
server itself: it is asked by the transaction's number, over another connection. That one of
this number was committed does not say that it was this one (see `evidence`).
"""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import is_lost, let_go, raw
from conclave.storage.errors import may_be_tried_again, reason
from conclave.storage.postgres.patience import Silent

_log = structlog.get_logger("conclave.storage")

T = TypeVar("T")

_chance = secrets.SystemRandom()

# How often one transaction is tried, and for how long: who sends is told within five seconds.
_TRIES: Final = 6
_WITHIN_S: Final = 4.0
# How often one that met others is tried again.
_MEETINGS: Final = 3
# One that was lost: to find that a server is silent takes three seconds more.
_LOST_WITHIN_S: Final = 1.5
# The longest pause before the second time.
_PAUSE_S: Final = 0.02
_NUMBER: Final = "SELECT pg_current_xact_id_if_assigned()::text"
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"
_NEW_NUMBER: Final = "SELECT pg_current_xact_id()::text"
_STATUS: Final = "SELECT pg_xact_status(CAST(? AS xid8))"


class Transactions:
    """Transactions of one thread, over the one connection it keeps. Belongs to that thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    @property
    def connected(self) -> bool:
        """False if the last one failed since there is no server."""
        return self._connection is not None

    def run(
        self,
        work: Callable[[Connection], T],
        stands: Callable[[Connection, T], bool | None],
        *,
        gathered: bool = False,
    ) -> T:
        """
        Return what *work* returns, once it is committed; *work* may be run several times.

        *gathered*: what it does is sent as `Spoken.gathering` says, so that it must write, and only
        by the driver.

        *stands* looks, in a later transaction, whether what work returned is there; None: that
        cannot be told.

        Raises `DBAPIError`, and then nothing was done; or `Reject` where nobody can say.
        """
        began, once = time.monotonic(), self._at_once if gathered else self._once
        for tried in range(1, _TRIES + 1):
            try:
                return once(work, stands, began + _WITHIN_S)
            except _Undone:
                if _is_last(tried, began, _WITHIN_S):
                    raise Reject(Code.UNAVAILABLE) from None
            except DBAPIError as error:
                lost = self._drop_if_lost()
                within = _LOST_WITHIN_S if lost else _WITHIN_S
                met = may_be_tried_again(error) and tried <= _MEETINGS
                if _is_last(tried, began, within) or not (lost or met):
                    raise
                _log.info("transaction_again", error=reason(error))
            # Not all of those at once who were in each other's way.
            time.sleep(_chance.uniform(0, _PAUSE_S * 2**tried))
        raise AssertionError("unreachable")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _once(
        self,
        work: Callable[[Connection], T],
        stands: Callable[[Connection, T], bool | None],
        until: float,
    ) -> T:
        connection = self._connected()
        transaction = connection.begin()
        try:
            result = work(connection)
            (number,) = raw(connection).execute(_NUMBER).fetchone()
        except BaseException:
            with suppress(DBAPIError):
                transaction.rollback()
            raise
        try:
            transaction.commit()
        except DBAPIError as error:
            if not self._drop_if_lost() or number is None:
                raise
            self._find_out(number, error, lambda connection: stands(connection, result), until)
        return result

    def _at_once(
        self,
        work: Callable[[Connection], T],
        stands: Callable[[Connection, T], bool | None],
        until: float,
    ) -> T:
        connection = self._connected()
        spoken: Any = raw(connection)
        # What was done, and by which number; None: it is not to be committed yet.
        done: tuple[str, T] | None = None
        try:
            with spoken.gathering():
                spoken.execute(_BEGIN)
                # Known before the commit is sent: else nobody could ask what became of it.
                numbered = spoken.execute(_NEW_NUMBER)
                result = work(connection)
                done = numbered.fetchone()[0], result
                ended = spoken.execute("COMMIT")
        except DBAPIError as error:
            if done is None or not self._drop_if_lost():
                raise
            number, result = done
            self._find_out(number, error, lambda connection: stands(connection, result), until)
            return result
        if ended.said != "COMMIT":
            raise RuntimeError("the server has undone what went on after an error")
        return result

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _drop_if_lost(self) -> bool:
        """Return whether there is no connection, any more or yet."""
        connection = self._connection
        if connection is None:
            return True
        if not is_lost(connection):
            return False
        self._connection = None
        with suppress(DBAPIError):
            let_go(connection)
        return True

    def _find_out(
        self,
        number: str,
        error: DBAPIError,
        stands: Callable[[Connection], bool | None],
        until: float,
    ) -> None:
        """
        Return if the transaction with this *number* was committed. Raises `_Undone`.

        It is asked again and again until it is *until*; not if nobody answers: to find that out
        has taken most of the time already.
        """
        _log.warning("commit_in_doubt", error=reason(error))
        while not isinstance(error.orig, Silent):
            status, there = self._outcome(number, stands)
            if status == "aborted" or (status == "committed" and there is False):
                raise _Undone
            if status == "committed" and there:
                return
            if time.monotonic() >= until:
                break
            # The server has not noticed yet, or is not there again.
            time.sleep(_chance.uniform(0, 0.1))
        # The same request id finds out.
        raise Reject(Code.UNAVAILABLE)

    def _outcome(
        self, number: str, stands: Callable[[Connection], bool | None]
    ) -> tuple[str | None, bool | None]:
        """Return what the server says of the transaction *number*, and whether ours stands."""
        try:
            with self._engine.connect() as connection:
                with connection.begin():
                    (status,) = raw(connection).execute(_STATUS, (number,)).fetchone()
                # Later: the moment that the first one saw may be before the commit.
                with connection.begin():
                    return status, stands(connection) if status == "committed" else None
        except DBAPIError:
            return None, None


def _is_last(tried: int, began: float, within: float) -> bool:
    return tried == _TRIES or time.monotonic() - began > within


class _Undone(Exception):
    """The server has undone the transaction: it may be tried again."""
