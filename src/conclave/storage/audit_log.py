"""
Writes the audit log beside everything else, and forgets what is too old.

What is noted waits in memory for a quarter of a second, so that many notes are one
transaction and none holds up a message. A crash loses that much; what must not be lost is
recorded in the transaction of the act itself, by `conclave.storage.audit.record`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog
from sqlalchemy import Connection

from conclave.core.floods import Counted, Tries
from conclave.model import STRANGER, Action, AuditLine, AuditQuery, Note, details
from conclave.model.meters import OTHER, Tally
from conclave.protocol.errors import Reject
from conclave.storage import audit
from conclave.storage.lines import now_ms
from conclave.storage.log import Log
from conclave.storage.sqlstore import SqlStore

_log = structlog.get_logger("conclave.storage")

# Seconds between two looks.
WRITE_EVERY: Final = 0.25
FORGET_EVERY: Final = 600.0
# Where the disk refuses for long, the newest notes are what gets lost.
MOST_WAITING: Final = 10_000
_AT_ONCE: Final = 200
_FORGET_ROWS: Final = 500
_REST_S: Final = 0.05
_DAY_MS: Final = 86_400_000


class AuditLog:
    """A `ports.Audit`; call `write` and `forget` again and again, and `write` at the end."""

    def __init__(
        self,
        store: SqlStore,
        *,
        keep_days: int = 0,
        failures: Tally | None = None,
        wall: Callable[[], int] = now_ms,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._keep_days = keep_days
        # Sign-ins that failed, by how they were tried; each of them, also those not told apart.
        self._failures = Tally() if failures is None else failures
        self._wall = wall
        self._monotonic = monotonic
        self._waiting: deque[tuple[int, Note]] = deque()
        self._lost = 0
        self._tries = Tries()
        self._writing = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """How many notes are not on disk yet."""
        return len(self._waiting)

    def keep(self, days: int) -> None:
        """Keep lines for so many *days* from now on; 0: for ever."""
        self._keep_days = days

    def note(self, note: Note) -> None:
        if note.action == Action.SESSION_FAILED:
            self._failures.add(str(note.details.get("how", "")) or OTHER)
            self._count()
            if not self._tries.tell(note.address or "", self._monotonic()):
                return
        self._keep(note)

    async def lines(self, query: AuditQuery) -> list[AuditLine]:
        await self.write()
        return await self._store.read(lambda connection: audit.find_lines(connection, query))

    async def write(self, *, last: bool = False) -> None:
        """
        Write what waits; *last*: and what was only counted.

        What the store refuses waits for the next time.
        """
        self._count(whatever=last)
        async with self._writing:
            with suppress(Reject):
                while self._waiting:
                    await self._write_some()

    async def _write_some(self) -> None:
        some = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
        try:
            await self._store.write(_recording(some), pages=len(some) // 8 + 1)
        except Reject:
            # Not when this is cancelled: what was handed over is written all the same.
            self._waiting.extendleft(reversed(some))
            raise
        if self._lost:
            _log.error("audit_lines_lost", lines=self._lost)
            self._lost = 0

    async def forget(self) -> None:
        """Forget lines that are older than is to be kept."""
        if not self._keep_days:
            return
        before = self._wall() - self._keep_days * _DAY_MS

        def job(connection: Connection, _: Log) -> int:
            return audit.forget_before(connection, before, _FORGET_ROWS)

        gone = _FORGET_ROWS
        while gone == _FORGET_ROWS:
            gone = await self._store.write(job, pages=_FORGET_ROWS // 8)
            await asyncio.sleep(_REST_S)

    def _keep(self, note: Note) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._lost += 1
            return
        self._waiting.append((self._wall(), note))

    def _count(self, *, whatever: bool = False) -> None:
        for counted in self._tries.ended(self._monotonic(), whatever=whatever):
            self._keep(_summary(counted))


def _recording(notes: list[tuple[int, Note]]) -> Callable[[Connection, Log], None]:
    return lambda connection, _: audit.record_each(connection, notes)


def _summary(counted: Counted) -> Note:
    said = details({"why": "many", "times": counted.times, "addresses": counted.addresses})
    return Note(action=Action.SESSION_FAILED, actor=STRANGER, address=counted.address, details=said)
