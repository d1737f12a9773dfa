"""
Compare the search index with the logs, as far as it has followed them.

Every word at every place is counted, from the log and from the index; the sums of both
must be equal for each room. Nothing is changed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Protocol

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


class Words(Protocol):
    """The words that an index has; made with the driver's connection."""

    def has(self, room: int, lines: Iterable[tuple[int, str]]) -> bool:
        """Return whether it has of each document of *room* the words of its line, and no other."""

    def more(self) -> bool:
        """Return whether it has words of rooms that were not asked for."""


def problems(connection: Any, words: "Callable[[Any], Words] | None" = None) -> Iterator[str]:
    """
    Give one line for each thing that is wrong with the index; *connection* is the driver's.

    *words*: those of another index than FTS5's. An index that is of another version has no
    faults: it is made anew anyway.
    """
    if not search_index.is_current(connection):
        return
    rooms = connection.execute(_ROOMS).fetchall()
    there = (words or _Fts5Words)(connection)
    for room, name, upto in rooms:
        for line in _room(connection, room, upto):
            yield f"room {name!r}: search: {line}"
        if not there.has(room, _lines(connection, room)):
            yield f"room {name!r}: search: the index has other words than the messages"
    if there.more():
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


def _lines(connection: Any, room: int) -> Iterator[tuple[int, str]]:
    """Give what the index should have of each message of *room*."""
    for doc, user, text, traits in connection.execute(_INDEXED, (room,)):
        yield doc, search_index.line(room, user, text, traits)


class _Fts5Words:
    """Sums of all words at all places: what FTS5 can tell without the texts."""

    def __init__(self, connection: Any) -> None:
        self._sums: dict[int, int] = defaultdict(int)
        connection.execute(_TERMS)
        try:
            for doc, term, offset in connection.execute(
                "SELECT doc, term, offset FROM temp.search_terms"
            ):
                self._sums[int(term.partition("_")[0])] += hash((doc, term, offset))
        finally:
            connection.execute("DROP TABLE temp.search_terms")

    def has(self, room: int, lines: Iterable[tuple[int, str]]) -> bool:
        total = 0
        for doc, line in lines:
            for offset, term in enumerate(line.split(" ")):
                total += hash((doc, term, offset))
        return self._sums.pop(room, 0) & _MASK == total & _MASK

    def more(self) -> bool:
        return any(total & _MASK for total in self._sums.values())
