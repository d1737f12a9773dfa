"""
The way to a server: an attempt that hangs holds up nobody who could have a connection.

A network that has swallowed an attempt does not give it back when it is well again: whoever
waits for that attempt waits for nothing. So while one hangs others are begun beside it, and
when one gets through all who wait begin anew. While the server is away there is one attempt
now and then for all who want one, and they share how it ends: many make no storm.
"""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, Final, Generic, Protocol, TypeVar

import psycopg

# Seconds without an answer after which an attempt hangs, and between two attempts from then on.
HANGS_AFTER: Final = 0.75
_LONG_AGO: Final = float("-inf")
# A wait for less would be none.
_LEAST: Final = 0.001


class Closed(Protocol):
    def close(self) -> None:
        """Let go of it."""


C = TypeVar("C", bound=Closed)


class Way:
    """Share one among all who connect to the same server; belongs to no thread."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        # When each of those was begun that is under way, the newest of all, and the newest of
        # those that got through.
        self._pending: list[float] = []
        self._newest = self._open = _LONG_AGO
        # Whether one has failed since.
        self._away = False
        # Who wants one and has none under way.
        self._waiting: set[_Search[Any]] = set()
        # When a connection was last found to bring nothing: others may be no better.
        self.doubted = _LONG_AGO

    def doubt(self) -> None:
        """Say that a connection brought nothing."""
        self.doubted = monotonic()

    def through(self, connect: Callable[[], C], turn_within: float) -> C:
        """
        Return what *connect* does, which is called in threads of its own, perhaps several times.

        How long an attempt may take is its own to say. Raises what the first of them raises that
        fails, or the `psycopg.Error` of somebody else's while the server is away; a
        `psycopg.errors.ConnectionTimeout` where none is begun for *turn_within* seconds. What
        comes later is closed.
        """
        search, until = _Search(connect), monotonic() + turn_within
        with self._change:
            self._waiting.add(search)
            while not search.over:
                now = monotonic()
                if self._may_begin(search, now):
                    self._begin(search, now)
                elif now >= until and not search.begun:
                    search.over = True
                else:
                    self._change.wait(max(self._newest + HANGS_AFTER - now, _LEAST))
            self._waiting.discard(search)
        if search.made is not None:
            return search.made
        raise search.error or psycopg.errors.ConnectionTimeout("the server does not answer")

    def _may_begin(self, search: "_Search[C]", now: float) -> bool:
        if now >= self._newest + HANGS_AFTER:
            return True
        if search.begun:
            return self._open > search.newest
        hang = any(self._open < at < now - HANGS_AFTER for at in self._pending)
        return not hang and not self._away

    def _begin(self, search: "_Search[C]", now: float) -> None:
        search.newest = self._newest = now
        self._pending.append(now)
        self._waiting.discard(search)
        # A daemon: one that hangs keeps no process from ending.
        threading.Thread(
            target=self._attempt, args=(search, now), name="store-connect", daemon=True
        ).start()

    def _attempt(self, search: "_Search[C]", began: float) -> None:
        made, error = None, None
        try:
            made = search.connect()
        except Exception as problem:  # noqa: BLE001 - whoever waits gets it
            error = problem
            if isinstance(error, psycopg.errors.ConnectionTimeout):
                self.doubt()
        with self._change:
            self._pending.remove(began)
            late = search.over
            if not late:
                search.made, search.error, search.over = made, error, True
            self._note(began, error)
            self._change.notify_all()
        if late and made is not None:
            made.close()

    def _note(self, began: float, error: Exception | None) -> None:
        if error is None:
            self._open, self._away = max(self._open, began), False
        elif began > self._open and isinstance(error, psycopg.Error):
            self._away = True
            for search in self._waiting:
                # Each its own: a traceback belongs to one thread.
                search.error, search.over = type(error)(*error.args), True


class _Search(Generic[C]):
    """Who looks for a connection, and what was found."""

    def __init__(self, connect: Callable[[], C]) -> None:
        self.connect = connect
        self.newest = _LONG_AGO
        self.made: C | None = None
        self.error: Exception | None = None
        self.over = False

    @property
    def begun(self) -> bool:
        return self.newest > _LONG_AGO
