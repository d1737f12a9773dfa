"""
Keeps the WAL short: moves it into the file when it has grown, and empties it after an erasure.

Belongs to the writer's thread, but for `empty_soon`. It raises what it cannot judge; who
wrote into the WAL, and who waits for that, it does not know.
"""

import math
import time
from typing import Final

import structlog
from sqlalchemy import Connection

from conclave.storage.driver import raw
from conclave.storage.errors import ends_the_batch, is_broken

_log = structlog.get_logger("conclave.storage")

# How much is committed between two checkpoints, in pages of 4 KiB: about 8 MiB of WAL.
_CHECKPOINT_PAGES: Final = 2_000
# A commit dirties some inner pages; then each job one of its own at worst, as request ids
# are random.
_PAGES_PER_COMMIT: Final = 4
_WAL_ALARM_PAGES: Final = 65_536
# An erased text may stand in the WAL for this long, and for as long again as somebody reads.
_EMPTY_AFTER_S: Final = 0.5
_EMPTY_WITHIN_MS: Final = 50


class Wal:
    __slots__ = ("_empty_at", "_pages", "broken")

    def __init__(self) -> None:
        self._pages = 0
        # When it must be emptied, on the clock that never jumps; infinite: at leisure.
        self._empty_at = math.inf
        # What a checkpoint said that makes the disk not worth trusting: nothing may be written.
        self.broken: Exception | None = None

    def empty_soon(self) -> bool:
        """It holds a text that was erased; return whether that is new: then wake the thread."""
        if self._empty_at != math.inf:
            return False
        self._empty_at = time.monotonic() + _EMPTY_AFTER_S
        return True

    def patience(self) -> float | None:
        """Return how long to wait for work, in seconds; None: for ever."""
        if self._empty_at == math.inf:
            return None
        return max(self._empty_at - time.monotonic(), 0.0)

    def grew(self, pages: int) -> None:
        """A commit has dirtied about so many pages of its own."""
        self._pages += _PAGES_PER_COMMIT + pages

    def move_soon(self) -> None:
        """
        Move it into the file at the next look: it is then written anew from its beginning.

        Where a disk is full, that is space.
        """
        self._pages = _CHECKPOINT_PAGES

    def empty_if_due(self, connection: Connection) -> None:
        if time.monotonic() < self._empty_at:
            return
        # Nobody who writes shall wait for somebody who reads.
        execute = raw(connection).execute
        (patience,) = execute("PRAGMA busy_timeout").fetchone()
        execute(f"PRAGMA busy_timeout = {_EMPTY_WITHIN_MS}")
        left = self.checkpoint(connection, "TRUNCATE")
        execute(f"PRAGMA busy_timeout = {patience}")
        self._empty_at = time.monotonic() + _EMPTY_AFTER_S if left else math.inf

    def checkpoint_if_due(self, connection: Connection) -> None:
        if self._pages < _CHECKPOINT_PAGES:
            return
        self._pages = 0
        in_wal = self.checkpoint(connection, "PASSIVE")
        if in_wal > _WAL_ALARM_PAGES:
            _log.warning("checkpoint_held_back", wal_pages=in_wal)

    def checkpoint(self, connection: Connection, mode: str) -> int:
        """Move what is committed into the file; return how long it was, in pages."""
        try:
            row = raw(connection).execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        except Exception as error:
            if not ends_the_batch(error):
                raise
            if is_broken(error):
                self.broken = error
            return 1
        return int(row[1])
