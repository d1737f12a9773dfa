"""
Read the logs of rooms: pages of messages, pages of entries, and where rooms end.

A page and the numbers beside it come from one read transaction. It is never partial:
either all there is to its end, or `more`, or an explicit reset.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    literal_column,
    select,
)
from sqlalchemy.sql.elements import UnaryExpression

from conclave.model import Entry, Limits, Page, Position, Receipt
from conclave.protocol.errors import Code, Reject
from conclave.storage.lines import Pending, Row, to_entry, wire_size
from conclave.storage.log import MESSAGE, made_before
from conclave.storage.tables import entries, requests, rooms

_PAGE_BYTES: Final = Limits().page_bytes
_PAGE: Final = Limits().page
# In the order of `Row`.
_COLUMNS: Final = [column for column in entries.c if column.name != "room"]
_seq: Final = entries.c.seq


_ROWS_AT_ONCE: Final = 64


def _messages(which: ColumnElement[bool], order: UnaryExpression[Any]) -> Select[Any]:
    """
    Select messages by their numbers, and these from the index of messages alone.

    Asked for in one step, SQLite walks the whole log, past a year of reactions. The type
    must stand in the statement itself, for the index is a partial one.
    """
    is_message = entries.c.type == literal_column(f"'{MESSAGE}'")
    numbers = select(_seq).where(_in_room, is_message, which).order_by(order)
    return select(*_COLUMNS).where(_in_room, _seq.in_(numbers.limit(_rows))).order_by(order)


# Made once: to build a statement takes longer than to run it.
_given: BindParameter[int] = bindparam("seq")
_rows: BindParameter[int] = bindparam("rows")
_in_room: Final = entries.c.room == bindparam("room")
_NUMBERS: Final = select(rooms.c.id, rooms.c.first_seq, rooms.c.last_seq).where(
    rooms.c.name == bindparam("name")
)
_EVERYTHING: Final = select(*_COLUMNS).where(_in_room, _seq > _given).order_by(_seq).limit(_rows)
_MESSAGES_ON: Final = _messages(_seq > _given, _seq.asc())
_MESSAGES_BACK: Final = _messages(_seq <= _given, _seq.desc())


class _Room(NamedTuple):
    id: int
    name: str
    epoch: str
    first_seq: int
    last_seq: int

    def page(
        self, found: list[Entry], *, upto: int, more: bool = False, reset: bool = False
    ) -> Page:
        return Page(
            room=self.name,
            entries=found,
            epoch=self.epoch,
            first_seq=self.first_seq,
            last_seq=self.last_seq,
            upto=upto,
            more=more,
            reset=reset,
        )


def last_messages(connection: Connection, epoch: str, room: str, limit: int) -> Page:
    """Return the last messages; `more` says that there are earlier ones."""
    numbers = _room(connection, epoch, room)
    found, more = _back(connection, numbers, numbers.last_seq, limit)
    return numbers.page(found, upto=numbers.last_seq, more=more)


def messages_before(connection: Connection, epoch: str, room: str, seq: int, limit: int) -> Page:
    """Return messages before *seq*; `more` says that there are earlier ones."""
    numbers = _room(connection, epoch, room)
    found, more = _back(connection, numbers, seq - 1, limit)
    return numbers.page(found, upto=min(max(seq - 1, 0), numbers.last_seq), more=more)


def messages_after(connection: Connection, epoch: str, room: str, seq: int, limit: int) -> Page:
    """Return messages after *seq*; `more` says that there are later ones."""
    numbers = _room(connection, epoch, room)
    found, more = _forward(connection, numbers, seq, limit)
    upto = found[-1].seq if more else numbers.last_seq
    return numbers.page(found, upto=upto, more=more)


def messages_around(connection: Connection, epoch: str, room: str, seq: int, limit: int) -> Page:
    """Return messages on both sides of *seq*, its own included; `more` of either side."""
    numbers = _room(connection, epoch, room)
    half = max(limit // 2, 1)
    # Each side may fill half a page, so that the two together fit into one.
    before, earlier = _back(connection, numbers, seq, half, _PAGE_BYTES // 2)
    after, later = _forward(connection, numbers, seq, limit - half, _PAGE_BYTES // 2)
    found = before + after
    upto = found[-1].seq if later and found else numbers.last_seq
    return numbers.page(found, upto=upto, more=earlier or later)


def entries_since(
    connection: Connection, epoch: str, room: str, since: Position, limit: int
) -> Page:
    """
    Return every entry after *since*, or a reset where that cannot be complete.

    A reset has the last messages, and no `more`: the reader's position is the end.
    """
    numbers = _room(connection, epoch, room)
    if _is_void(connection, numbers, since):
        found, _ = _back(connection, numbers, numbers.last_seq, min(limit, _PAGE))
        return numbers.page(found, upto=numbers.last_seq, reset=True)
    return _entries(connection, numbers, since.seq, limit)


def entries_after(connection: Connection, epoch: str, room: str, seq: int, limit: int) -> Page:
    """Return every entry after *seq* that there still is."""
    return _entries(connection, _room(connection, epoch, room), seq, limit)


def stored(connection: Connection, pending: Pending) -> Receipt | None:
    """Return what the same request made before. Raises `id_reused`."""
    draft = pending.draft
    query = (
        select(requests.c.digest, requests.c.seq, requests.c.message_id, requests.c.timestamp)
        .join(rooms)
        .where(rooms.c.name == draft.room, requests.c.user == draft.user)
        .where(requests.c.client_id == draft.client_id)
    )
    made = connection.execute(query).first()
    if made is None:
        return None
    answer = made_before(pending, *made)
    if isinstance(answer, Reject):
        raise answer
    return answer


def heads(connection: Connection, names: Collection[str]) -> dict[str, int]:
    query = select(rooms.c.name, rooms.c.last_seq).where(rooms.c.name.in_(names))
    return {row.name: row.last_seq for row in connection.execute(query)}


def _room(connection: Connection, epoch: str, name: str) -> _Room:
    found = connection.execute(_NUMBERS, {"name": name}).first()
    if found is None:
        raise Reject(Code.NO_SUCH_ROOM)
    return _Room(found.id, name, epoch, found.first_seq, found.last_seq)


def _is_void(connection: Connection, room: _Room, since: Position) -> bool:
    """Return whether the log does not go on from *since*: it is of another history, or purged."""
    if since.epoch != room.epoch or not room.first_seq - 1 <= since.seq <= room.last_seq:
        return True
    if since.id is None or since.seq < room.first_seq:
        return False
    query = select(entries.c.id).where(entries.c.room == room.id, _seq == since.seq)
    return connection.execute(query).scalar() != since.id


def _entries(connection: Connection, room: _Room, seq: int, limit: int) -> Page:
    found, more = _take(connection, _EVERYTHING, room, seq, limit, _PAGE_BYTES)
    return room.page(found, upto=found[-1].seq if more else room.last_seq, more=more)


def _back(
    connection: Connection, room: _Room, upto: int, limit: int, size: int = _PAGE_BYTES
) -> tuple[list[Entry], bool]:
    found, more = _take(connection, _MESSAGES_BACK, room, upto, limit, size)
    return found[::-1], more


def _forward(
    connection: Connection, room: _Room, seq: int, limit: int, size: int = _PAGE_BYTES
) -> tuple[list[Entry], bool]:
    return _take(connection, _MESSAGES_ON, room, seq, limit, size)


def _take(
    connection: Connection, query: Select[Any], room: _Room, seq: int, limit: int, size: int
) -> tuple[list[Entry], bool]:
    """Return the first entries that fit into *size*, one at least, and whether any did not."""
    # One more than asked tells whether there is more.
    values = {"room": room.id, "seq": seq, "rows": limit + 1}
    with connection.execute(query, values) as rows:
        # Not all at once: a page may be full long before its number of rows.
        found = (row for some in rows.partitions(_ROWS_AT_ONCE) for row in some)
        return _fill((to_entry(room.name, Row(*row)) for row in found), limit, size)


def _fill(found: Iterable[Entry], limit: int, size: int) -> tuple[list[Entry], bool]:
    page: list[Entry] = []
    for entry in found:
        size -= wire_size(entry)
        if page and (size < 0 or len(page) >= limit):
            return page, True
        page.append(entry)
    return page, False
