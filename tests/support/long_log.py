"""A room with a long past, written in seconds: what the store would have written, in one go."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from conclave.model import Entry
from conclave.storage.driver import driver
from conclave.storage.lines import to_row, ulid

_INSERT = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ROOM = "SELECT id, last_seq, last_count, last_time FROM rooms WHERE name = ?"
_HEAD = "UPDATE rooms SET last_seq = ?, last_count = ?, last_time = ? WHERE id = ?"


def grow(database: Path, room: str, messages: int) -> None:
    """Add so many messages to *room* of a database that nobody has open, of any schema."""
    with closing(driver().connect(database, isolation_level=None)) as connection:
        number, seq, count, time = connection.execute(_ROOM, (room,)).fetchone()
        connection.execute("BEGIN")
        connection.executemany(_INSERT, _rows(number, room, seq, count, time, messages))
        connection.execute(_HEAD, (seq + messages, count + messages, time, number))
        connection.execute("COMMIT")


def _rows(
    number: int, room: str, seq: int, count: int, time: int, messages: int
) -> Iterator[tuple[object, ...]]:
    for n in range(1, messages + 1):
        entry = Entry(
            room=room,
            seq=seq + n,
            id=ulid(time),
            type="message",
            user="system",
            name="system",
            timestamp=time,
            text=f"said long ago, as number {n}, by nobody in particular",
        )
        yield to_row(number, entry, count + n)
