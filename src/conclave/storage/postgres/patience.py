"""
Connections that do not wait for a server which is silent.

A network may swallow a connection, a proxy may hold it, a machine may stand still: nobody says
so, and TCP finds it well. Whoever has waited long asks over another connection whether the
server still works for this one.
"""

import math
import select
import time
from collections.abc import Generator
from typing import Any, Final, TypeVar

import psycopg
from psycopg.waiting import READY_R

from conclave.storage.postgres.ways import Way

# Seconds of silence until it is asked, and in which it has to answer then.
PATIENCE: Final = 1.0
ANSWER_WITHIN: Final = 2
_STATE: Final = "SELECT state = 'active' FROM pg_stat_activity WHERE pid = %s"

T = TypeVar("T")


class Silent(psycopg.OperationalError):
    """Nobody answers, by no connection: there is no use in asking at once for anything else."""


class PatientConnection(psycopg.Connection[Any]):
    """
    A connection whose statements take as long as the server works for them, and no longer.

    Raises `psycopg.OperationalError` where it does not, and is closed then; `Silent` where that
    could not even be asked.
    """

    # By which it asks; None: by one that nobody shares.
    way: Way | None = None
    # When it was last known to bring anything.
    heard: float = -math.inf

    def wait(
        self, gen: Generator[Any, Any, T], interval: float = 0.1, timeout: float | None = None
    ) -> T:
        return super().wait(self._watched(gen), interval, timeout)

    def _watched(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        came = False
        try:
            wants = next(gen)
            asked, patience = time.monotonic(), self._patience()
            while True:
                ready = yield wants
                came = came or bool(ready & READY_R)
                # Nothing has come for an interval.
                if not ready and time.monotonic() - asked > patience:
                    self._ask()
                    asked, patience = time.monotonic(), PATIENCE
                wants = gen.send(ready)
        except StopIteration as end:
            # What is only sent, as of a transaction whose statements are gathered, proves nothing.
            if came:
                self.heard = time.monotonic()
            result: T = end.value
            return result

    def _patience(self) -> float:
        """Return none where others have been swallowed since this one brought anything."""
        return 0.0 if self.way is not None and self.way.doubted > self.heard else PATIENCE

    def _ask(self) -> None:
        works = self._works()
        # What has come meanwhile is the answer, or says itself that it is the end.
        if not works and not self._has_come():
            if self.way is not None:
                self.way.doubt()
            self.pgconn.finish()
            error = Silent if works is None else psycopg.OperationalError
            raise error("the server does not answer")

    def _has_come(self) -> bool:
        look = select.poll()
        look.register(self.pgconn.socket, select.POLLIN)
        return bool(look.poll(0))

    def _works(self) -> bool | None:
        """Return whether the server is at a statement of this one; None: it does not say."""
        dsn, password, process = self.info.dsn, self.info.password or None, self.info.backend_pid
        way = self.way or Way()
        try:
            with way.through(lambda: _question(dsn, password), ANSWER_WITHIN) as connection:
                found = connection.execute(_STATE, (process,)).fetchone()
        except psycopg.Error:
            return None
        return found is not None and bool(found[0])


class _Question(psycopg.Connection[Any]):
    """A connection that asks one thing and waits for nothing."""

    def wait(
        self, gen: Generator[Any, Any, T], interval: float = 0.1, timeout: float | None = None
    ) -> T:
        return super().wait(gen, interval, ANSWER_WITHIN if timeout is None else timeout)


def _question(dsn: str, password: str | None) -> _Question:
    return _Question.connect(
        dsn,
        password=password,
        autocommit=True,
        connect_timeout=ANSWER_WITHIN,
        cursor_factory=psycopg.ClientCursor,
    )
