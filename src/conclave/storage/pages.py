"""
Read the logs of rooms: pages of messages, pages of entries, and where rooms end.

A page and the numbers beside it come from one read transaction. It is never partial:
either all there is to its end, or `more`, or an explicit reset.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection, Select, bindparam, select

from conclave.model import Entry, Limits, Page, Position, Receipt
from conclave.protocol.errors import Reject
from conclave.protocol.state import EDITED
from conclave.storage.lines import Pending, Row, to_entry, wire_size
from conclave.storage.log import made_before
from conclave.storage.opened import OpenRoom
from conclave.storage.selecting import COLUMNS, GIVEN, IN_ROOM, ROWS, Which, some_of
from conclave.storage.shared import shared
from conclave.storage.states import as_now
from conclave.storage.tables import entries, requests, rooms

_PAGE: Final = Limits().page
PAGE_BYTES: Final = Limits().page_bytes

# Made once: to build a statement takes longer than to run it.
_seq: Final = entries.c.seq
_WHEN: Final = select(entries.c.timestamp).where(IN_ROOM, _seq == GIVEN)
_EVERYTHING: Final = select(*COLUMNS).where(IN_ROOM, _seq > GIVEN).order_by(_seq).limit(ROWS)


class Most(NamedTuple):
    """How much a page may hold: so many rows, and about so many bytes. One entry it always has."""

    rows: int
    size: int = PAGE_BYTES

    @property
    def halves(self) -> "tuple[Most, Most]":
        half = max(self.rows // 2, 1)
        return Most(half, self.size // 2), Most(max(self.rows - half, 1), self.size // 2)

    @property
    def messages(self) -> "Most":
        """What of it messages may fill, which come in smaller pages than entries."""
        return Most(min(self.rows, _PAGE), self.size)


def last_messages(connection: Connection, room: OpenRoom, which: Which, most: Most) -> Page:
    """Return the last messages; `more` says that there are earlier ones."""
    found, more = _back(connection, room, which, room.last_seq, most)
    return room.page(found, upto=room.last_seq, more=more)


def messages_before(
    connection: Connection, room: OpenRoom, which: Which, seq: int, most: Most
) -> Page:
    """Return messages before *seq*; `more` says that there are earlier ones."""
    found, more = _back(connection, room, which, seq - 1, most)
    return room.page(found, upto=min(max(seq - 1, 0), room.last_seq), more=more)


def messages_after(
    connection: Connection, room: OpenRoom, which: Which, seq: int, most: Most
) -> Page:
    """Return messages after *seq*; `more` says that there are later ones."""
    found, more = _forward(connection, room, which, seq, most)
    upto = found[-1].seq if more else room.last_seq
    return room.page(found, upto=upto, more=more)


def messages_around(
    connection: Connection, room: OpenRoom, which: Which, seq: int, most: Most
) -> Page:
    """Return messages on both sides of *seq*, its own included; `more` of either side."""
    # Each side may fill half a page, so that the two together fit into one.
    back, on = most.halves
    before, earlier = _back(connection, room, which, seq, back)
    after, later = _forward(connection, room, which, seq, on)
    if most.rows == 1 and before:
        # There was room for one, and one is always found on each side.
        after, later = [], later or bool(after)
    found = before + after
    upto = found[-1].seq if later and found else room.last_seq
    return room.page(found, upto=upto, more=earlier or later)


def number_at(connection: Connection, room: OpenRoom, at: int) -> int:
    """
    Return the number of the first entry that is not earlier than *at*; of the last if all are.

    Numbers follow time as far as the server's clock does, and so halving finds it, without an
    index that every message would have to be written into.
    """
    low, high = room.first_seq, room.last_seq
    while low < high:
        middle = (low + high) // 2
        found = connection.execute(_WHEN, {"room": room.id, "seq": middle}).scalar()
        if found is not None and found < at:
            low = middle + 1
        else:
            high = middle
    return low


def entries_since(connection: Connection, room: OpenRoom, since: Position, most: Most) -> Page:
    """
    Return every entry after *since*, or a reset where that cannot be complete.

    A reset has the last messages, and no `more`: the reader's position is the end.
    """
    if _is_void(connection, room, since):
        found, _ = _back(connection, room, Which(), room.last_seq, most.messages)
        return room.page(found, upto=room.last_seq, reset=True)
    return entries_after(connection, room, since.seq, most)


def entries_after(connection: Connection, room: OpenRoom, seq: int, most: Most) -> Page:
    """Return every entry after *seq* that there still is."""
    seq = max(seq, room.first_seq - 1)
    asked = (room.id, room.first_seq, seq, most)
    found, more = shared(connection, asked, lambda: _everything(connection, room, seq, most))
    return room.page(found, upto=found[-1].seq if more else room.last_seq, more=more)


def _everything(
    connection: Connection, room: OpenRoom, seq: int, most: Most
) -> tuple[list[Entry], bool]:
    values = {"room": room.id, "seq": seq, "rows": most.rows + 1}
    with some_of(connection, _EVERYTHING, values) as parts:
        whole = (
            seen_from(room.first_seq, to_entry(room.name, Row(*row)))
            for some in parts
            for row in some
        )
        return _fill(whole, most)


def seen_from(first: int, entry: Entry) -> Entry:
    """Return *entry* without the text of a message from before *first*, where the room begins."""
    if entry.type == EDITED and entry.extra["target"] < first:
        return replace(entry, text="")
    return entry


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


# Made once: SQLAlchemy keeps a statement with the values that it saw first, and the names of all
# rooms that were open would lie for ever between what goes.
_HEADS: Final = select(rooms.c.name, rooms.c.last_seq).where(
    rooms.c.name.in_(bindparam("names", expanding=True)), rooms.c.deleted_at.is_(None)
)


def heads(connection: Connection, names: Collection[str]) -> dict[str, int]:
    rows = connection.execute(_HEADS, {"names": list(names)})
    return {row.name: row.last_seq for row in rows}


def _is_void(connection: Connection, room: OpenRoom, since: Position) -> bool:
    """Return whether the log does not go on from *since*: it is of another history, or purged."""
    if since.epoch != room.epoch or not room.first_seq - 1 <= since.seq <= room.last_seq:
        return True
    if since.id is None or since.seq < room.first_seq:
        return False
    query = select(entries.c.id).where(entries.c.room == room.id, _seq == since.seq)
    return connection.execute(query).scalar() != since.id


def _back(
    connection: Connection,
    room: OpenRoom,
    which: Which,
    upto: int,
    most: Most,
) -> tuple[list[Entry], bool]:
    values = {"room": room.id, "seq": upto, "root": which.thread, "first": room.first_seq}
    found, more = _take(connection, which.back, room, values, most)
    return found[::-1], more


def _forward(
    connection: Connection,
    room: OpenRoom,
    which: Which,
    seq: int,
    most: Most,
) -> tuple[list[Entry], bool]:
    # One lower bound, twice: of two the database would take either.
    first = max(room.first_seq, seq + 1)
    values = {"room": room.id, "seq": first - 1, "root": which.thread, "first": first}
    return _take(connection, which.on, room, values, most)


def _take(
    connection: Connection,
    query: Select[Any],
    room: OpenRoom,
    values: dict[str, int | None],
    most: Most,
) -> tuple[list[Entry], bool]:
    """Return the first messages that fit into *most*, one at least, and whether any did not."""
    # One more than asked tells whether there is more.
    with some_of(connection, query, {**values, "rows": most.rows + 1}) as parts:
        found = (entry for some in parts for entry in _now(connection, room, some))
        return _fill(found, most)


def _now(connection: Connection, room: OpenRoom, rows: Sequence[Any]) -> list[Entry]:
    written = [to_entry(room.name, Row(*row)) for row in rows]
    return as_now(connection, room.id, written, room.reader)


def _fill(found: Iterable[Entry], most: Most) -> tuple[list[Entry], bool]:
    page: list[Entry] = []
    size = most.size
    for entry in found:
        size -= wire_size(entry)
        if page and (size < 0 or len(page) >= most.rows):
            return page, True
        page.append(entry)
    return page, False
