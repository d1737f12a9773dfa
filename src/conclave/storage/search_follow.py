"""
Let the search index follow the logs, a slice at a time, behind a watermark for each room.

A slice is a job of the writer like any other: it is short, so that nobody waits long for
an acknowledgement. What it does for a message depends on how the message is now and on
what the index has of it, so doing it twice, or after a crash, changes nothing.
"""

import time
from typing import Any, Final, NamedTuple

import msgspec

from conclave.protocol.state import DELETED, EDITED, MESSAGE, PINNED, REACTED, UNPINNED, UNREACTED
from conclave.storage import search_index

# Rooms one slice looks at.
_ROOMS: Final = 64
# What is read of a log between two looks at the clock, at first and at most. Where each statement
# goes to a server, those who write in the room wait for it, all the longer on a busy machine.
_FIRST_ENTRIES: Final = 4
_MOST_ENTRIES: Final = 64
_CHARS: Final = 8_000
_REVISING: Final = frozenset({EDITED, DELETED, PINNED, UNPINNED, REACTED, UNREACTED})

# Those that are least behind come first: a message in a quiet room is found at once, also
# while a million of another room are on their way.
_BEHIND: Final = """
    SELECT rooms.id, coalesce(upto, 0), coalesce(last_doc, 0), rooms.last_seq
    FROM rooms LEFT JOIN search_rooms ON search_rooms.room = rooms.id
    WHERE rooms.last_seq > coalesce(upto, 0)
    ORDER BY rooms.last_seq - coalesce(upto, 0) LIMIT ?
"""
_NEXT: Final = """
    SELECT seq, type, length(text), json_extract(extra, '$.target'),
        json_extract(extra, '$.searchable')
    FROM entries WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?
"""
_MESSAGE: Final = """
    SELECT message.timestamp, coalesce(edit.seq, message.seq), coalesce(edit.text, message.text),
        message.extra, revised.deleted_seq IS NOT NULL, revised.pinned_seq IS NOT NULL,
        EXISTS (SELECT 1 FROM reactions WHERE room = message.room AND seq = message.seq),
        search_docs.doc, search_docs.text_seq, search_docs.traits
    FROM entries AS message
    LEFT JOIN revised ON revised.room = message.room AND revised.seq = message.seq
    LEFT JOIN entries AS edit ON edit.room = message.room AND edit.seq = revised.edited_seq
    LEFT JOIN search_docs ON search_docs.room = message.room AND search_docs.seq = message.seq
    WHERE message.room = ? AND message.seq = ?
        AND (message.type = 'message' OR json_extract(message.extra, '$.searchable') = 1)
"""
REACHED: Final = """
    INSERT INTO search_rooms VALUES (?, ?, ?)
    ON CONFLICT (room) DO UPDATE SET upto = excluded.upto, last_doc = excluded.last_doc
"""
_LAG: Final = """
    SELECT coalesce(sum(rooms.last_seq - coalesce(upto, 0)), 0)
    FROM rooms LEFT JOIN search_rooms ON search_rooms.room = rooms.id
"""
_FREE: Final = """
    SELECT doc + 1 FROM search_docs AS taken WHERE doc >= ?
    AND NOT EXISTS (SELECT 1 FROM search_docs WHERE doc = taken.doc + 1) ORDER BY doc LIMIT 1
"""

_extras = msgspec.json.Decoder(dict[str, Any])


class Now(NamedTuple):
    """A message as it is now, and what the index has of it."""

    timestamp: int
    text_seq: int
    text: str
    extra: str | None
    deleted: int
    pinned: int
    reacted: int
    doc: int | None
    had_text_seq: int | None
    had_traits: int | None

    @property
    def traits(self) -> int:
        extra = _extras.decode(self.extra) if self.extra else {}
        return search_index.traits_of(
            self.text, extra, pinned=bool(self.pinned), reacted=bool(self.reacted)
        )


def follow(cursor: Any, seconds: float) -> bool:
    """
    Bring the index nearer to the logs, for about so long; return whether there is more.

    Raises `IndexDamaged` where it must be made anew.
    """
    until = time.monotonic() + seconds
    try:
        more = _follow(cursor, until)
        search_index.kept_by(cursor).flush(cursor)
        return more
    except Exception as error:
        if search_index.is_damage(error):
            raise search_index.IndexDamaged(str(error)) from error
        raise


def lag(cursor: Any) -> int:
    """Return how many entries of all rooms the index does not have yet."""
    return int(cursor.execute(_LAG).fetchone()[0])


def _follow(cursor: Any, until: float) -> bool:
    if not search_index.is_current(cursor):
        while search_index.clear(cursor):
            if time.monotonic() >= until:
                return True
        search_index.rebuild(cursor)
    behind = cursor.execute(_BEHIND, (_ROOMS,)).fetchall()
    entries = _FIRST_ENTRIES
    for room, upto, last_doc, last_seq in behind:
        while upto < last_seq:
            upto, last_doc = _read_on(cursor, room, upto, last_doc, last_seq, entries)
            if time.monotonic() >= until:
                return True
            entries = min(2 * entries, _MOST_ENTRIES)
    return len(behind) == _ROOMS


def _read_on(
    cursor: Any, room: int, upto: int, last_doc: int, last_seq: int, entries: int
) -> tuple[int, int]:
    """Take in the next *entries* of a log; return how far it has got."""
    search_index.kept_by(cursor).hold(cursor, room)
    touched: set[int] = set()
    chars = 0
    rows = cursor.execute(_NEXT, (room, upto, entries)).fetchall()
    # Where nothing is left of what was behind, it has been purged.
    upto = upto if rows else last_seq
    for seq, type_, length, target, searchable in rows:
        if chars > _CHARS:
            break
        upto, chars = seq, chars + length
        if type_ == MESSAGE or searchable:
            touched.add(seq)
        elif type_ in _REVISING and target is not None:
            touched.add(target)
    for seq in sorted(touched):
        last_doc = max(last_doc, _refresh(cursor, room, seq, last_doc))
    cursor.execute(REACHED, (room, upto, last_doc))
    return upto, last_doc


def _refresh(cursor: Any, room: int, seq: int, last_doc: int) -> int:
    """Let the index have the message as it is now; return its number there, or 0."""
    row = cursor.execute(_MESSAGE, (room, seq)).fetchone()
    if row is None:  # purged
        return 0
    now = Now(*row)
    wanted = None if now.deleted else (now.text_seq, now.traits)
    if now.doc is not None:
        if wanted == (now.had_text_seq, now.had_traits):
            return now.doc
        if now.deleted:
            # Its text is erased, and nobody has said so before.
            raise search_index.IndexDamaged(f"message {seq} of room {room} was not forgotten")
        search_index.take(cursor, room, seq)
    if wanted is None:
        return 0
    doc = now.doc or _free(cursor, max(search_index.first_doc(now.timestamp), last_doc + 1))
    search_index.put(cursor, doc, room, seq, text_seq=now.text_seq, traits=now.traits)
    return doc


def _free(cursor: Any, doc: int) -> int:
    """Return the first number from *doc* on that no message has."""
    if cursor.execute("SELECT 1 FROM search_docs WHERE doc = ?", (doc,)).fetchone() is None:
        return doc
    return int(cursor.execute(_FREE, (doc,)).fetchone()[0])
