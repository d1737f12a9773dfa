"""
What somebody missed in many rooms, from one statement: of those who come back, most are many.

It finds what is simple: rooms that the reader is in and may read, known up to a number from
which their log goes on, with little after it. Whatever is not among that is asked for room by
room, with the answers and refusals that belong to it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection

from conclave.core.permissions import decide
from conclave.model import Act, Entry, Page, Position, RoomHistory
from conclave.protocol.state import EDITED
from conclave.storage.driver import raw
from conclave.storage.errors import StorageDamaged
from conclave.storage.lines import Row, to_entry, wire_size
from conclave.storage.rights import (
    BAN,
    OF_MEMBER,
    OF_ROOM,
    Known,
    Where,
    first_of,
    known_as,
    sanctioned,
    where_of,
)

# Rows that one statement reads, of all rooms together.
_MOST_ROWS: Final = 512
# A number that a client made up may be one that no database has.
_LARGEST: Final = 2**53

# Who is muted may read: that is not asked.
_OF_ROOM: Final = f"""
    r.first_seq, r.last_seq, newest.id, here.id, {OF_ROOM}, {OF_MEMBER},
    {sanctioned(BAN, "r.id", "CAST(? AS BIGINT)")}, 0
"""
_OF_ENTRY: Final = """
    e.seq, e.id, e.type, e.user, e.name, e.timestamp, e.text, e.extra, e.count, e.client_id,
    e.checksum
"""
_ROOMS: Final = """
    JOIN rooms r ON r.name = w.name AND r.deleted_at IS NULL
    JOIN members m ON m.room = r.id AND m.user = ?
    JOIN users u ON u.id = m.user
    LEFT JOIN entries newest ON newest.room = r.id AND newest.seq = r.last_seq
    LEFT JOIN entries here ON here.room = r.id AND here.seq = w.seq
"""
_AFTER: Final = "e.room = r.id AND e.seq > w.seq AND e.seq <= w.seq + {rows}"
# Of PostgreSQL so, else it might read the whole log of all rooms to see what of it is wanted.
_ENTRIES: Final = "entries e ON {after}"
_ENTRIES_APART: Final = """
    LATERAL (SELECT * FROM entries e WHERE {after} ORDER BY e.seq LIMIT {rows}) e ON TRUE
"""
# Of such a row: where its numbers end, where the room does, and where the entry begins.
_NUMBERS: Final = 4
_IS_ROOM: Final = 10
_STANDS: Final = 18


class _Found(NamedTuple):
    first_seq: int
    last_seq: int
    # The ids of its last entry and of the one that is known, where there are such.
    last_id: str | None
    id_there: str | None
    where: Where
    known: Known

    @property
    def first(self) -> int:
        """The first number that the reader may read."""
        return max(self.first_seq, first_of(self.where, self.known))


def missed(
    connection: Connection,
    epoch: str,
    user: str,
    known: Mapping[str, Position],
    now: int,
    most_bytes: int,
) -> dict[str, Page]:
    """Return all that *user* missed of those rooms in which it is no more than *most_bytes*."""
    since = {
        name: place
        for name, place in known.items()
        if place.epoch == epoch and 0 <= place.seq <= _LARGEST
    }
    if not since:
        return {}
    statement = _statement(connection.dialect.name, len(since), _MOST_ROWS // len(since))
    # In the order of their places: what is wanted, then the moment and the reader.
    wanted = [value for name, place in since.items() for value in (name, place.seq)]
    by_room: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in raw(connection).execute(statement, (*wanted, now, user)):
        of_room = by_room[tuple(row[:_STANDS])]
        # Where nothing was missed there is one row, with no entry in it.
        if row[_STANDS] is not None:
            of_room.append(Row(*row[_STANDS:]))
    pages = (_page(_found(row), epoch, since, rows, most_bytes) for row, rows in by_room.items())
    return {page.room: page for page in pages if page is not None}


@lru_cache(256)
def _statement(database: str, count: int, rows: int) -> str:
    """Return the statement for so many rooms; numbers alone are put into it."""
    wanted = ", ".join(["(CAST(? AS TEXT), CAST(? AS BIGINT))"] * count)
    apart = _ENTRIES if database == "sqlite" else _ENTRIES_APART
    entries = apart.format(after=_AFTER.format(rows=rows), rows=rows)
    return (
        f"WITH wanted (name, seq) AS (VALUES {wanted})"  # noqa: S608 - of constants and numbers
        f" SELECT {_OF_ROOM}, {_OF_ENTRY} FROM wanted w {_ROOMS} LEFT JOIN {entries}"
    )


def _found(row: Sequence[Any]) -> _Found:
    first, last, newest, here = row[:_NUMBERS]
    where = where_of(row[_NUMBERS:_IS_ROOM])
    return _Found(first, last, newest, here, where, known_as(row[_IS_ROOM:], where))


def _page(
    room: _Found, epoch: str, known: Mapping[str, Position], rows: list[Row], most: int
) -> Page | None:
    """Return all that was missed; None where that is not simply said."""
    since = known[room.where.name]
    entries = _entries(room, rows, most) if _goes_on(room, since) else None
    if entries is None or (entries[-1].seq if entries else since.seq) != room.last_seq:
        return None
    return Page(
        room=room.where.name,
        entries=entries,
        epoch=epoch,
        first_seq=room.first,
        last_seq=room.last_seq,
        upto=room.last_seq,
        joined_seq=room.known.joined_seq,
        hides=room.where.history == RoomHistory.JOINED,
        upto_id=room.last_id,
    )


def _goes_on(room: _Found, since: Position) -> bool:
    """Return whether the reader may read it, and its log goes on from *since*."""
    if decide(Act.READ, room.known.standing).code is not None:
        return False
    if not room.first - 1 <= since.seq <= room.last_seq:
        return False
    return since.id is None or since.seq < room.first or room.id_there == since.id


def _entries(room: _Found, rows: list[Row], most: int) -> list[Entry] | None:
    """Return the entries that *rows* are; None if one is damaged, or they are too many."""
    entries: list[Entry] = []
    for row in sorted(rows):
        try:
            entry = to_entry(room.where.name, row)
        except StorageDamaged:
            return None
        if entry.type == EDITED and entry.extra["target"] < room.first:
            entry = replace(entry, text="")
        most -= wire_size(entry)
        if most < 0:
            return None
        entries.append(entry)
    return entries
