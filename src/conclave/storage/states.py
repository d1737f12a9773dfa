"""What later entries made of messages: their text, reactions and pins as they are now."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, bindparam, case, func, select

from conclave.model import Entry, Reaction, State
from conclave.protocol.state import NAMED
from conclave.storage.lines import Row, to_entry
from conclave.storage.tables import entries, reactions, revised

_COLUMNS: Final = [column for column in entries.c if column.name != "room"]


def _of(table: Any) -> Any:
    return (table.c.room == bindparam("room"), table.c.seq.in_(bindparam("seqs", expanding=True)))


# A number: not every database has a greatest truth.
_is_mine: Final = case((reactions.c.user == bindparam("reader"), 1), else_=0)


def _sums() -> Select[Any]:
    """
    Select what was reacted with, one row for each of the first people of each emoji.

    All are counted, also those who are not named.
    """
    each = (reactions.c.seq, reactions.c.emoji)
    order = reactions.c.added_seq
    ranked = (
        select(
            *each,
            reactions.c.user,
            func.row_number().over(partition_by=each, order_by=order).label("place"),
            func.count().over(partition_by=each).label("total"),
            func.max(_is_mine).over(partition_by=each).label("me"),
            func.min(order).over(partition_by=each).label("first"),
        )
        .where(*_of(reactions))
        .subquery()
    )
    c = ranked.c
    return select(ranked).where(c.place <= NAMED).order_by(c.seq, c.first, c.place)


_REVISED: Final = select(revised.c.seq, revised.c.edited_seq, revised.c.pinned_seq).where(
    *_of(revised)
)
_EDITS: Final = select(*_COLUMNS).where(*_of(entries))
_SUMS: Final = _sums()


def as_now(
    connection: Connection, room: int, written: Sequence[Entry], reader: str | None
) -> list[Entry]:
    """Return the messages *written* with what became of each, as *reader* sees it."""
    if not written:
        return []
    name = written[0].room
    values = {"room": room, "seqs": [entry.seq for entry in written]}
    changed = {row.seq: row for row in connection.execute(_REVISED, values)}
    edits = _edits(connection, room, name, changed.values())
    sums = _reactions(connection, {**values, "reader": reader})
    return [
        _now(entry, changed.get(entry.seq), edits, sums.get(entry.seq, ())) for entry in written
    ]


def _edits(
    connection: Connection, room: int, name: str, changed: Iterable[Any]
) -> dict[int, Entry]:
    numbers = [row.edited_seq for row in changed if row.edited_seq is not None]
    if not numbers:
        return {}
    rows = connection.execute(_EDITS, {"room": room, "seqs": numbers})
    return {row.seq: to_entry(name, Row(*row)) for row in rows}


def _reactions(connection: Connection, values: dict[str, Any]) -> dict[int, tuple[Reaction, ...]]:
    rows = connection.execute(_SUMS, values).all()
    return {
        seq: tuple(_sum(list(some)) for _, some in groupby(given, key=lambda row: row.emoji))
        for seq, given in groupby(rows, key=lambda row: row.seq)
    }


def _sum(rows: list[Any]) -> Reaction:
    first = rows[0]
    return Reaction(first.emoji, first.total, tuple(row.user for row in rows), bool(first.me))


def _now(entry: Entry, changed: Any, edits: dict[int, Entry], sums: tuple[Reaction, ...]) -> Entry:
    if changed is None and not sums:
        return entry
    edit = edits.get(changed.edited_seq) if changed is not None else None
    state = State(
        edited_at=None if edit is None else edit.timestamp,
        pinned=changed is not None and changed.pinned_seq is not None,
        reactions=sums,
    )
    text = entry.text if edit is None else edit.text
    return msgspec.structs.replace(entry, text=text, state=None if state == State() else state)
