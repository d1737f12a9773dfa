"""
Let rooms forget what is older than they keep: the oldest entries, and nothing else.

It goes on in small slices among everything else that is written, each one whole: a room's
`first_seq` moves up, and how many messages there were before it is kept, so that unread
counts stay right. What requests made is known for 90 days in any case.
"""

import asyncio
import time
from functools import partial
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import Connection

from conclave.protocol.errors import Code, Reject
from conclave.storage.attached import let_go
from conclave.storage.changes import emptied, rewrite
from conclave.storage.compact import note_erasure
from conclave.storage.driver import raw
from conclave.storage.lines import now_ms
from conclave.storage.log import Log
from conclave.storage.people import fold
from conclave.storage.search_follow import REACHED
from conclave.storage.search_index import clear, forget_upto, is_current, rebuild, void
from conclave.storage.sqlstore import SqlStore

_log = structlog.get_logger("conclave.storage")

# A slice should hold up the writer for no longer than this.
_SLICE_S: Final = 0.01
_FIRST_ROWS: Final = 100
_MOST_ROWS: Final = 500
# For each moment the writer is held up, this many for everybody else.
_REST: Final = 4
_LEAST_REST_S: Final = 0.03
# Pages that a slice dirties: rows for each, and those of a slice of the index.
_ROWS_PER_PAGE: Final = 8
_PAGES_CLEARED: Final = 200
# Messages that are taken out of the index one by one, whatever else is in it.
_FEW: Final = 5_000
_DAY_MS: Final = 86_400_000
_KNOW_REQUESTS_MS: Final = 90 * _DAY_MS
_REQUESTS_AT_ONCE: Final = 500
_MOST_DAYS: Final = 36_500
_MOST_MESSAGES: Final = 1_000_000_000


class Keep(NamedTuple):
    """How long messages are kept, in days, and how many of them; 0: all."""

    days: int = 0
    messages: int = 0


class Purge:
    """Purges the rooms of *store*; *server* is what rooms keep that say nothing themselves."""

    def __init__(self, store: SqlStore, server: Keep) -> None:
        self._store = store
        self._server = server
        self._rows = _FIRST_ROWS

    def renew(self, server: Keep) -> None:
        """Let rooms that say nothing themselves keep what *server* says from now on."""
        self._server = server

    async def run(self) -> None:
        """Forget all that is due now."""
        for room in await self._store.read(_all_rooms):
            await self._purge(room)
            await self._forget_requests(room)

    async def _purge(self, room: int) -> None:
        server, now = self._server, now_ms()
        upto = await self._store.read(lambda connection: due(connection, room, server, now))
        if upto is not None:
            await self.forget(room, upto)

    async def forget(self, room: int, upto: int) -> None:
        """Forget all entries of *room*, by its number, up to *upto*."""
        if await self._store.read(lambda connection: _is_most(connection, room, upto)):
            await self._index_the_rest(room, upto)
        while True:
            slice_ = partial(_slice, room=room, upto=upto, rows=self._rows)
            left, took = await self._store.write(slice_, pages=self._rows // _ROWS_PER_PAGE)
            if not left:
                _log.info("purged", room=room, upto=upto)
                self._store.empty_wal()
                return
            fitting = int(self._rows * _SLICE_S / max(took, 0.001))
            self._rows = max(_FIRST_ROWS, min(fitting, 2 * self._rows, _MOST_ROWS))
            await asyncio.sleep(max(_REST * took, _LEAST_REST_S))

    async def _index_the_rest(self, room: int, upto: int) -> None:
        """
        Let the index of words be made anew, of what is left.

        That is sooner done than to take out each word of so many messages. It is emptied in
        slices, too, before it is dropped.
        """
        await self._store.write(lambda connection, _: void(raw(connection).cursor()))
        left = True
        while left:
            left = await self._store.write(_clear, pages=_PAGES_CLEARED)
            await asyncio.sleep(_LEAST_REST_S)
        await self._store.write(partial(_index_from, room=room, upto=upto))

    async def _forget_requests(self, room: int) -> None:
        before = now_ms() - _KNOW_REQUESTS_MS
        while keys := await self._store.read(
            lambda connection: _old_requests(connection, room, before)
        ):
            await self._store.write(partial(_delete_requests, room=room, keys=keys))
            await asyncio.sleep(_SLICE_S)


def _all_rooms(connection: Connection) -> list[int]:
    return [row[0] for row in raw(connection).execute("SELECT id FROM rooms WHERE last_seq > 0")]


# ── what is due ────────────────────────────────────────────────────────────────────────


def due(connection: Connection, room: int, server: Keep, now: int) -> int | None:
    """Return the number up to which *room* may forget, or None if there is nothing."""
    execute = raw(connection).execute
    query = (
        "SELECT first_seq, last_seq, last_count, keep_days, keep_count"
        " FROM rooms WHERE id = ? AND deleted_at IS NULL"
    )
    found = execute(query, (room,)).fetchone()
    if found is None:
        return None
    first, last, count, days, messages = found
    days = server.days if days is None else days
    messages = server.messages if messages is None else messages
    upto = first - 1
    if days:
        upto = max(upto, _before(execute, room, first, last, "timestamp", now - days * _DAY_MS))
    if messages:
        upto = max(upto, _before(execute, room, first, last, "count", count - messages + 1))
    return upto if upto >= first else None


def _before(execute: Any, room: int, first: int, last: int, column: str, value: int) -> int:
    """
    Return the last number whose *column* is below *value*, which only ever grows in a log.

    A count stands for the messages up to an entry: what is below comes before the message
    that has that count.
    """
    query = f"SELECT {column} FROM entries WHERE room = ? AND seq = ?"  # noqa: S608 - our words
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        (found,) = execute(query, (room, middle)).fetchone() or (value,)
        low, high = (middle + 1, high) if found < value else (low, middle)
    return low - 1


def _is_most(connection: Connection, room: int, upto: int) -> bool:
    """Return whether what goes is more than a third of what the index of words has."""
    execute = raw(connection).execute
    query = "SELECT count(*) FROM search_docs WHERE room = ? AND seq <= ?"
    (going,) = execute(query, (room, upto)).fetchone()
    (all_,) = execute("SELECT count(*) FROM search_docs").fetchone()
    return bool(going > _FEW and going * 3 > all_)


# ── in the writer ──────────────────────────────────────────────────────────────────────


def _clear(connection: Connection, _: Log) -> bool:
    """Empty a part of the index; return whether there is more, and nobody has begun it anew."""
    cursor = raw(connection).cursor()
    return not is_current(cursor) and clear(cursor)


def _index_from(connection: Connection, _: Log, room: int, upto: int) -> None:
    """Begin the index of words anew, in *room* after *upto*."""
    cursor = raw(connection).cursor()
    rebuild(cursor)
    cursor.execute(REACHED, (room, upto, 0))


def _slice(connection: Connection, _: Log, room: int, upto: int, rows: int) -> tuple[bool, float]:
    """
    Forget the first *rows* entries of *room*, none after *upto*.

    Return whether some are left, and how many seconds it took.
    """
    began = time.monotonic()
    cursor = raw(connection).cursor()
    first: int
    (first,) = cursor.execute("SELECT first_seq FROM rooms WHERE id = ?", (room,)).fetchone()
    last = min(upto, first + rows - 1)
    if last < first:
        return False, 0.0
    query = "SELECT count FROM entries WHERE room = ? AND seq = ?"
    (count,) = cursor.execute(query, (room, last)).fetchone()
    forget_upto(cursor, room, last, rows)
    note_erasure(cursor)
    _empty_edits(cursor, room, first, last)
    let_go(cursor, "room = ? AND seq <= ?", (room, last))
    for table in ("revised", "reactions", "mentions", "entries"):
        cursor.execute(f"DELETE FROM {table} WHERE room = ? AND seq <= ?", (room, last))  # noqa: S608 - words of this module
    cursor.execute(
        "UPDATE rooms SET first_seq = ?, purged_count = ? WHERE id = ?", (last + 1, count, room)
    )
    return last < upto, time.monotonic() - began


def _empty_edits(cursor: Any, room: int, first: int, last: int) -> None:
    """Erase the later texts of messages that go: nobody could delete those any more."""
    query = (
        "SELECT entries.seq, rooms.name FROM entries INDEXED BY entries_edits"
        " JOIN rooms ON rooms.id = entries.room"
        " WHERE entries.room = ? AND entries.type = 'message:edited'"
        " AND json_extract(entries.extra, '$.target') BETWEEN ? AND ? AND entries.seq > ?"
    )
    for seq, name in cursor.execute(query, (room, first, last, last)).fetchall():
        rewrite(cursor, room, name, seq, emptied)


def _old_requests(connection: Connection, room: int, before: int) -> list[tuple[str, str]]:
    """Return the keys of requests that need not be known any more."""
    query = (
        "SELECT user, client_id FROM requests JOIN rooms ON rooms.id = requests.room"
        " WHERE room = ? AND seq < first_seq AND timestamp < ? LIMIT ?"
    )
    rows = raw(connection).execute(query, (room, before, _REQUESTS_AT_ONCE))
    return [(user, client_id) for user, client_id in rows]


def _delete_requests(
    connection: Connection, _: Log, room: int, keys: list[tuple[str, str]]
) -> None:
    raw(connection).executemany(
        "DELETE FROM requests WHERE room = ? AND user = ? AND client_id = ?",
        [(room, *key) for key in keys],
    )


# ── what a room keeps ──────────────────────────────────────────────────────────────────


class RoomKeeps(NamedTuple):
    """What one room keeps; None: as the server does."""

    room: str
    days: int | None
    messages: int | None


def room_keeps(connection: Connection, room: str) -> RoomKeeps:
    """Return what *room*, named in any case, keeps; raises `no_such_room`."""
    query = "SELECT name, keep_days, keep_count FROM rooms WHERE folded = ?"
    found = raw(connection).execute(query, (fold(room),)).fetchone()
    if found is None:
        raise Reject(Code.NO_SUCH_ROOM)
    return RoomKeeps(*found)


def keep(connection: Connection, room: str, days: int | None, messages: int | None) -> RoomKeeps:
    """Let *room* keep so much from now on, and return it; None: as the server does."""
    for name, value, most in (("days", days, _MOST_DAYS), ("messages", messages, _MOST_MESSAGES)):
        if value is not None and not 0 <= value <= most:
            raise Reject(Code.BAD_REQUEST, f"{name} is {value}: give 0 (all) to {most}")
    raw(connection).execute(
        "UPDATE rooms SET keep_days = ?, keep_count = ? WHERE name = ?",
        (days, messages, room_keeps(connection, room).room),
    )
    return room_keeps(connection, room)
