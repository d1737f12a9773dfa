"""
Find messages: the index proposes, newest first; the log says what they are now.

Membership, index and log are read in one transaction. A text that was edited or erased
a moment ago is not found by what it was, whatever the index still has of it.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import structlog
from msgspec.structs import replace
from sqlalchemy import Connection

from conclave.model import Entry, Hit, Hits
from conclave.protocol.errors import Code, Reject
from conclave.storage import search_index
from conclave.storage.driver import raw
from conclave.storage.errors import StorageDamaged
from conclave.storage.lines import Row, to_entry
from conclave.storage.people import fold
from conclave.storage.search_match import Span, snippet
from conclave.storage.search_wanted import LAST, Asked, Wanted, is_nothing, wanted_by

_log = structlog.get_logger("conclave.storage")

MOST_HITS: Final = 50
# Rooms one statement asks for: those with the newest messages come first.
_ROOMS_AT_ONCE: Final = 32
# A message may be numbered as if it were so much later, where very many came at a time.
_DRIFT_MS: Final = 10_000

_MINE: Final = """
    SELECT rooms.id, rooms.name, rooms.folded, rooms.title,
        coalesce(last_doc, 0), rooms.last_seq - coalesce(upto, 0),
        CASE rooms.history WHEN 'joined' THEN members.joined_seq ELSE 0 END
    FROM members JOIN rooms ON rooms.id = members.room
    LEFT JOIN search_rooms ON search_rooms.room = rooms.id
    WHERE members.user = ? ORDER BY coalesce(last_doc, 0) DESC
"""
_ROW: Final = "SELECT seq, id, type, user, name, timestamp, text, extra, count, client_id, checksum"
_MESSAGE: Final = """
    SELECT search_docs.room, search_docs.seq, edited_seq FROM search_docs
    LEFT JOIN revised ON revised.room = search_docs.room AND revised.seq = search_docs.seq
    WHERE doc = ? AND deleted_seq IS NULL
"""
_ENTRY: Final = f"{_ROW} FROM entries WHERE room = ? AND seq = ?"


class Room(NamedTuple):
    """A room of the reader, and how far the index knows it."""

    id: int
    name: str
    folded: str
    title: str
    last_doc: int
    behind: int
    # The first number that the reader may read.
    first: int


def search(connection: Connection, asked: Asked, until: float) -> Hits:
    """
    Return a page of what was found. Raises `not_in_room`.

    After *until*, in monotonic seconds, it returns what it has got, with where to go on.
    """
    cursor = raw(connection).cursor()
    mine = [Room(*row) for row in cursor.execute(_MINE, (asked.reader,))]
    rooms = list(_chosen(mine, asked))
    behind = sum(room.behind for room in rooms)
    wanted = wanted_by(cursor, asked)
    if not rooms or is_nothing(asked, wanted) or not search_index.is_current(cursor):
        return Hits(hits=[], behind=behind)
    hits, last = _page(cursor, wanted, rooms, asked, until)
    page = hits[: asked.limit]
    if len(hits) > asked.limit:
        last = hits[asked.limit - 1][0]
    return Hits(hits=[hit for _, hit in page], more=last is not None, cursor=last, behind=behind)


def _chosen(mine: Iterable[Room], asked: Asked) -> Iterator[Room]:
    """Return those rooms of the reader that are asked for, the newest messages' first."""
    yes = {fold(term.text) for term in asked.query.rooms if not term.without}
    no = {fold(term.text) for term in asked.query.rooms if term.without}
    if asked.room is not None:
        mine = [room for room in mine if room.name == asked.room]
        if not mine:
            # The same for a room that is not there: one may not know of it.
            raise Reject(Code.NOT_IN_ROOM)
    for room in mine:
        names = {room.folded, fold(room.title)}
        if not names & no and (not yes or names & yes):
            yield room


def _page(
    cursor: Any, wanted: Wanted, rooms: Sequence[Room], asked: Asked, until: float
) -> tuple[list[tuple[int, Hit]], int | None]:
    """Return hits, one more than asked for if there is one; and where time ran out, if it did."""
    known = {room.id: room for room in rooms}
    hits: list[tuple[int, Hit]] = []
    for doc in _proposed(cursor, wanted, rooms, asked.cursor, asked.limit + 1):
        hit = _hit(cursor, wanted, known, doc)
        if hit is not None:
            hits.append((doc, hit))
            if len(hits) > asked.limit:
                break
        if time.monotonic() > until:
            return hits, doc
    return hits, None


def _proposed(
    cursor: Any, wanted: Wanted, rooms: Sequence[Room], below: int | None, n: int
) -> Iterator[int]:
    """Return the numbers of messages that the index proposes, from the newest on."""
    first = search_index.first_doc(min(wanted.after, LAST >> search_index.TIME_BITS))
    last = min(LAST, search_index.first_doc(wanted.before + _DRIFT_MS))
    below = last if below is None else min(below, last)
    known = [room for room in rooms if room.last_doc >= first]
    while docs := _newest(cursor, wanted, known, range(first, below), n):
        yield from docs
        below = docs[-1]


def _newest(cursor: Any, wanted: Wanted, rooms: Sequence[Room], docs: range, n: int) -> list[int]:
    """Return the *n* newest numbers among *docs*; *rooms* are ordered by their newest."""
    found: list[int] = []
    rest, index = iter(rooms), search_index.kept_by(cursor)
    while some := list(islice(rest, _ROOMS_AT_ONCE)):
        if len(found) == n and found[-1] > some[0].last_doc:
            break
        asked = index.any_of(wanted.expression(room.id, index) for room in some)
        found = sorted([*found, *index.propose(cursor, asked, docs, n)], reverse=True)[:n]
    return found


def _hit(cursor: Any, wanted: Wanted, known: dict[int, Room], doc: int) -> Hit | None:
    """Return the message with this number, if it is what is wanted as it is now."""
    row = cursor.execute(_MESSAGE, (doc,)).fetchone()
    if row is None:
        return None
    room, seq, edited = row
    if seq < known[room].first:
        return None
    name = known[room].name
    try:
        message = _entry(cursor, room, name, seq)
        text = message.text if edited is None else _entry(cursor, room, name, edited).text
    except StorageDamaged as damage:
        # The rest can be found all the same.
        _log.critical("entry_damaged", where=damage.where)
        return None
    now = replace(message, text=text)
    found = wanted.matches(now)
    return None if found is None else _shown(now, found)


def _shown(entry: Entry, found: list[Span]) -> Hit:
    return Hit(
        room=entry.room,
        seq=entry.seq,
        user=entry.user,
        name=entry.name,
        timestamp=entry.timestamp,
        snippet=snippet(entry.text, found),
    )


def _entry(cursor: Any, room: int, name: str, seq: int) -> Entry:
    return to_entry(name, Row(*cursor.execute(_ENTRY, (room, seq)).fetchone()))
