"""
The SQL of appends: made by SQLAlchemy once, and given to the driver as it is.

Who gives which parameters, and when, is said by `log`.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BindParameter,
    Dialect,
    bindparam,
    case,
    insert,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import Select

from conclave.protocol.state import MESSAGE
from conclave.storage.tables import entries, mentions, requests, rooms

# Where these stand in a row of `entries`.
_NAMES: Final = [column.name for column in entries.c]
_TYPE: Final = _NAMES.index("type")
_EXTRA: Final = _NAMES.index("extra")


class Rows(NamedTuple):
    """What is to be inserted together, for each of `Statements.inserts`."""

    entries: list[tuple[object, ...]]
    plain: list[tuple[object, ...]]
    requests: list[tuple[object, ...]]
    mentions: list[tuple[object, ...]]

    def add(self, row: tuple[object, ...]) -> None:
        """Add the whole *row* of an entry, to where it is inserted at the least cost."""
        if row[_TYPE] == MESSAGE and row[_EXTRA] is None:
            self.plain.append((*row[:_TYPE], *row[_TYPE + 1 : _EXTRA], *row[_EXTRA + 1 :]))
        else:
            self.entries.append(row)


class Statements:
    """The SQL of the hot path, compiled for one dialect; the parameters go by position."""

    def __init__(self, dialect: Dialect) -> None:
        def sql(statement: Select[Any] | UpdateBase) -> str:
            return str(statement.compile(dialect=dialect))

        room: BindParameter[int] = bindparam("room")
        user: BindParameter[str] = bindparam("user")
        self.request = sql(
            select(requests.c.digest, requests.c.seq, requests.c.message_id, requests.c.timestamp)
            .where(requests.c.room == room, requests.c.user == user)
            .where(requests.c.client_id == bindparam("client_id"))
        )
        self.number = sql(_take_numbers())
        self.stamp = sql(
            select(entries.c.id, entries.c.timestamp)
            .where(entries.c.room == room)
            .where(entries.c.seq == bindparam("seq", type_=entries.c.seq.type))
        )
        self.made = sql(insert(requests))
        # In the order of `Rows`.
        self.inserts = (
            sql(insert(entries)),
            sql(_insert_plain()),
            self.made,
            sql(insert(mentions)),
        )


def _insert_plain() -> UpdateBase:
    """
    Insert a message that refers to nothing, as most are. Parameters: all but `type` and `extra`.

    What stands in the statement is neither bound nor copied for each row.
    """
    said = {"type": literal_column(f"'{MESSAGE}'"), "extra": null()}
    bound: dict[str, Any] = {column.name: bindparam(column.name) for column in entries.c}
    return insert(entries).values({**bound, **said})


def _take_numbers() -> UpdateBase:
    """
    Take n numbers of a room. Parameters: n, messages, now, now, room.

    Its row is the sequence, so a transaction that is undone leaves no hole.
    """
    latest = rooms.c.last_time
    now: BindParameter[int] = bindparam("now")
    return (
        update(rooms)
        .ordered_values(
            (rooms.c.last_seq, rooms.c.last_seq + bindparam("n")),
            (rooms.c.last_count, rooms.c.last_count + bindparam("messages")),
            (rooms.c.last_time, case((latest < now, now), else_=latest)),
        )
        .where(rooms.c.id == bindparam("room"))
        .returning(rooms.c.last_seq, rooms.c.last_count, rooms.c.last_time)
    )
