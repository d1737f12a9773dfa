"""
What a room has behind a number, from one statement: so a node finds what others have stored.

Each message that comes alone is looked for by every other node in whose people's sight the room is,
and with a database across a network a statement is a way there and back.
"""

from typing import Any, Final

from sqlalchemy import Connection

from conclave.model import Entry, Page
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.lines import Row, to_entry, wire_size
from conclave.storage.pages import PAGE_BYTES, seen_from

# Numbers have no holes: so many of them are so many rows, and no more is read to be left away.
_AFTER: Final = """
    SELECT r.first_seq, r.last_seq, newest.id,
        e.seq, e.id, e.type, e.user, e.name, e.timestamp, e.text, e.extra, e.count, e.client_id,
        e.checksum
    FROM rooms r
    LEFT JOIN entries newest ON newest.room = r.id AND newest.seq = r.last_seq
    LEFT JOIN entries e ON e.room = r.id AND e.seq > max(CAST(?1 AS BIGINT), r.first_seq - 1)
        AND e.seq <= max(CAST(?1 AS BIGINT), r.first_seq - 1) + CAST(?2 AS BIGINT)
    WHERE r.name = ?3 AND r.deleted_at IS NULL ORDER BY e.seq
"""
# Of such a row: where the entry begins.
_STANDS: Final = 3


def entries_behind(connection: Connection, epoch: str, room: str, seq: int, most: int) -> Page:
    """Return every entry after *seq* that there still is, *most* of them; see `Page.more`."""
    rows = raw(connection).execute(_AFTER, (seq, most, room)).fetchall()
    if not rows:
        raise Reject(Code.NO_SUCH_ROOM)
    first, last, last_id = rows[0][:_STANDS]
    found = _fill(room, first, rows)
    upto = found[-1].seq if found else last
    return Page(
        room=room,
        entries=found,
        epoch=epoch,
        first_seq=first,
        last_seq=last,
        upto=upto,
        more=upto < last,
        upto_id=last_id if upto == last else None,
    )


def _fill(room: str, first: int, rows: list[Any]) -> list[Entry]:
    """Return the entries that *rows* are, as many as fit into a page, and one at least."""
    page: list[Entry] = []
    size = PAGE_BYTES
    for row in rows:
        # Where nothing follows there is one row, with no entry in it.
        if row[_STANDS] is None:
            break
        entry = seen_from(first, to_entry(room, Row(*row[_STANDS:])))
        size -= wire_size(entry)
        if page and size < 0:
            break
        page.append(entry)
    return page
