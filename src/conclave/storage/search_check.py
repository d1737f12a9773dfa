"""
Compare the search index with the logs, as far as it has followed them.

Every word at every place is counted, from the log and from the index; the sums of both
must be equal for each room. Nothing is changed.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from conclave.storage import search_index

_MASK: Final = 2**64 - 1
_ROOMS: Final = """
    SELECT rooms.id, rooms.name, coalesce(upto, 0) FROM rooms
    LEFT JOIN search_rooms ON search_rooms.room = rooms.id
"""
# Messages the index should have, and those it has; what was changed later may be either way.
_MESSAGES: Final = """
    SELECT message.seq, message.extra, coalesce(edit.seq, message.seq),
        coalesce(edit.text, message.text), revised.deleted_seq, revised.pinned_seq IS NOT NULL,
        EXISTS (SELECT 1 FROM reactions WHERE room = message.room AND seq = message.seq),
        doc, text_seq, traits
    FROM entries AS message
    LEFT JOIN revised ON revised.room = message.room AND revised.seq = message.seq
    LEFT JOIN entries AS edit ON edit.room = message.room AND edit.seq = revised.edited_seq
    LEFT JOIN search_docs ON search_docs.room = message.room AND search_docs.seq = message.seq
    WHERE message.room = ?
        AND (message.type = 'message' OR json_extract(message.extra, '$.searchable') = 1)
"""
_CHANGED_SINCE: Final = """
    SELECT json_extract(extra, '$.target') FROM entries WHERE room = ? AND seq > ?
"""
_STRAYS: Final = """
    SELECT seq FROM search_docs WHERE room = ? AND NOT EXISTS (
        SELECT 1 FROM entries WHERE room = search_docs.room AND seq = search_docs.seq)
"""
_INDEXED: Final = """
    SELECT doc, entries.user, entries.text, traits FROM search_docs
    JOIN entries ON entries.room = search_docs.room AND entries.seq = text_seq
    WHERE search_docs.room = ?
"""
_TERMS: Final = (
    "CREATE VIRTUAL TABLE temp.search_terms USING fts5vocab(main, search_index, instance)"
)

_extras = msgspec.json.Decoder(dict[str, Any])


def problems(connection: Any) -> Iterator[str]:
    """
    Give one line for each thing that is wrong with the index; *connection* is the driver's.

    An index that is of another version has no faults: it is made anew anyway.
    """
    if not search_index.is_current(connection):
        return
    rooms = connection.execute(_ROOMS).fetchall()
    there = _sums_of_index(connection)
    for room, name, upto in rooms:
        for line in _room(connection, room, upto):
            yield f"room {name!r}: search: {line}"
        if there.pop(room, 0) != _sum_of_log(connection, room):
            yield f"room {name!r}: search: the index has other words than the messages"
    if any(there.values()):
        yield "search: the index has words of rooms that do not exist"


def _room(connection: Any, room: int, upto: int) -> Iterator[str]:
    since = {target for (target,) in connection.execute(_CHANGED_SINCE, (room, upto))}
    for seq, extra, text_seq, text, deleted, pinned, reacted, doc, *had in connection.execute(
        _MESSAGES, (room,)
    ):
        if seq in since:
            continue
        known = _extras.decode(extra) if extra else {}
        traits = search_index.traits_of(text, known, pinned=bool(pinned), reacted=bool(reacted))
        if doc is None:
            if deleted is None and seq <= upto:
                yield f"message {seq} is missing"
        elif deleted is not None:
            yield f"message {seq} is deleted and still there"
        elif [text_seq, traits] != had:
            yield f"message {seq} is there as it was before"
    for (seq,) in connection.execute(_STRAYS, (room,)):
        yield f"message {seq} is purged and still there"


def _sum_of_log(connection: Any, room: int) -> int:
    """Return a number that changes with any word of the messages of *room*."""
    total = 0
    for doc, user, text, traits in connection.execute(_INDEXED, (room,)):
        line = search_index.line(room, user, text, traits)
        for offset, term in enumerate(line.split(" ")):
            total += hash((doc, term, offset))
    return total & _MASK


def _sums_of_index(connection: Any) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    connection.execute(_TERMS)
    try:
        for doc, term, offset in connection.execute(
            "SELECT doc, term, offset FROM temp.search_terms"
        ):
            sums[int(term.partition("_")[0])] += hash((doc, term, offset))
    finally:
        connection.execute("DROP TABLE temp.search_terms")
    return {room: total & _MASK for room, total in sums.items()}
