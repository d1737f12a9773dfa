"""
The full-text index: what of a message is in it, and when that gets in and out.

Every word carries the number of its room: `12_hello`. So a search in a room reads what is
of this room and nothing else: no other room makes it slower, or can be felt through it.
The index keeps no text. To take a message out one must know the very words that were put
in: `search_docs` says which entry's text they are of, so whoever erases that text calls
`forget` first, in the same transaction. Then no trace of them stays in the file.

How the database keeps words is said by `search_fts5`, or by the cursor of another database.
All of it runs in the writer's thread, with the driver's cursor.
"""

import re
from collections.abc import Collection, Iterable
from hashlib import blake2b
from typing import Any, Final

import structlog

from conclave.storage.errors import sqlite_code
from conclave.storage.search_fts5 import Fts5
from conclave.storage.search_words import VERSION, words

_log = structlog.get_logger("conclave.storage")

# Parts of a millisecond: messages of one moment get numbers next to each other.
TIME_BITS: Final = 6
# What a message has besides words, as bits of `search_docs.traits`.
TRAITS: Final = {
    "link": 1,
    "mention": 2,
    "reply": 4,
    "thread": 8,
    "reaction": 16,
    "pin": 32,
    "attachment": 64,
}
# From entry.extra: the key to the trait.
_EXTRAS: Final = {
    "mentions": "mention",
    "reply_to": "reply",
    "thread": "thread",
    "attachments": "attachment",
}
_LINK: Final = re.compile(r"\bhttps?://|\bwww\.", re.IGNORECASE)
# SQLITE_CORRUPT: of FTS5 it means its own tables.
_DAMAGED: Final = 11
_KEY: Final = "search"

_OF: Final = "SELECT doc, text_seq, traits FROM search_docs WHERE room = ? AND seq = ?"
_INDEXED: Final = "SELECT user, text FROM entries WHERE room = ? AND seq = ?"


class IndexDamaged(Exception):
    """The index cannot be used: it must be made anew. The logs are as they were."""


def is_damage(error: BaseException) -> bool:
    """Return whether *error* may be of the index alone: if the file is broken, all else says so."""
    return isinstance(error, IndexDamaged) or sqlite_code(error) == _DAMAGED


def kept_by(cursor: Any) -> Any:
    """Return how the database of *cursor* keeps the words: `Fts5`, or what is like it."""
    return getattr(cursor, "index", Fts5)


def version(cursor: Any) -> str:
    """Return what an index must have been made with, to be used."""
    return f"{VERSION}/{kept_by(cursor).name()}"


def is_current(cursor: Any) -> bool:
    found = cursor.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return found is not None and found[0] == version(cursor)


def void(cursor: Any) -> None:
    """Let the index be made anew, soon."""
    cursor.execute("DELETE FROM meta WHERE key = ?", (_KEY,))


def clear(cursor: Any) -> bool:
    """
    Take a part of what there is out of an index that is void; return whether there was any.

    To drop a large one in one go would hold up whoever writes for seconds.
    """
    return bool(kept_by(cursor).clear(cursor))


def rebuild(cursor: Any) -> None:
    """Empty the index; following the logs fills it again."""
    kept_by(cursor).rebuild(cursor)
    cursor.execute("DELETE FROM search_docs")
    cursor.execute("DELETE FROM search_rooms")
    cursor.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (_KEY, version(cursor)),
    )


def merge(cursor: Any) -> bool:
    """Merge a few parts of the index into one; return whether there was anything to do."""
    return bool(kept_by(cursor).merge(cursor))


def first_doc(timestamp: int) -> int:
    """Return the first number a message of this time can have."""
    return timestamp << TIME_BITS


def line(room: int, user: str, text: str, traits: int) -> str:
    """Return what the index is given for a message: all its words, with the room's number."""
    has = [f"{room}__{name}" for name, bit in TRAITS.items() if traits & bit]
    said = [f"{room}_{word.text}" for word in words(text)]
    return " ".join([every(room), by(room, user), *has, *said])


def every(room: int) -> str:
    """Return the word that all messages of *room* have."""
    return f"{room}__"


def by(room: int, user: str) -> str:
    """Return the word that the messages of *user* have."""
    return f"{room}__u{blake2b(user.encode(), digest_size=5).hexdigest()}"


def traits_of(text: str, extra: dict[str, Any], *, pinned: bool, reacted: bool) -> int:
    names = [trait for key, trait in _EXTRAS.items() if extra.get(key)]
    found = sum(TRAITS[name] for name in names)
    found |= TRAITS["link"] if _LINK.search(text) else 0
    found |= TRAITS["pin"] if pinned else 0
    return found | (TRAITS["reaction"] if reacted else 0)


def put(cursor: Any, doc: int, room: int, seq: int, *, text_seq: int, traits: int) -> None:
    """Put a message in, with the text of the entry *text_seq*."""
    user, text = _indexed(cursor, room, seq, text_seq)
    cursor.execute(
        "INSERT INTO search_docs VALUES (?, ?, ?, ?, ?)", (doc, room, seq, text_seq, traits)
    )
    kept_by(cursor).put(cursor, doc, line(room, user, text, traits))


def take(cursor: Any, room: int, seq: int) -> int | None:
    """Take a message out; return the number it had, or None if it was not in."""
    found = cursor.execute(_OF, (room, seq)).fetchone()
    if found is None:
        return None
    doc, text_seq, traits = found
    user, text = _indexed(cursor, room, seq, text_seq)
    kept_by(cursor).take(cursor, doc, line(room, user, text, traits))
    cursor.execute("DELETE FROM search_docs WHERE doc = ?", (doc,))
    return int(doc)


def _indexed(cursor: Any, room: int, seq: int, text_seq: int) -> tuple[str, str]:
    """Return the author of a message and the text that the index has of it."""
    row = cursor.execute(_INDEXED, (room, text_seq)).fetchone()
    if row is None:
        raise IndexDamaged(f"the text of message {seq} of room {room} is gone")
    return str(row[0]), str(row[1])


def forget(cursor: Any, room: int, seqs: Iterable[int]) -> None:
    """
    Take messages out before their texts are erased, in the same transaction.

    *room* is the room's number. Never fails for the index's sake: one that is damaged is
    made anew, and what is erased will not be in it.
    """
    if not is_current(cursor):
        return
    cursor.execute("SAVEPOINT forgetting")
    try:
        taken = [take(cursor, room, seq) for seq in seqs]
        if any(taken):
            kept_by(cursor).flush(cursor)
    except Exception as error:
        if not is_damage(error):
            raise
        cursor.execute("ROLLBACK TO forgetting")
        _log.error("search_damaged", error=str(error), advice="it is made anew")
        void(cursor)
    cursor.execute("RELEASE forgetting")


def forget_upto(cursor: Any, room: int, seq: int, most: int = 1_000) -> int:
    """
    Take the oldest messages out up to the number *seq*, at most so many; return how many.

    For a purge: repeat until it returns less than *most*.
    """
    query = "SELECT seq FROM search_docs WHERE room = ? AND seq <= ? ORDER BY seq LIMIT ?"
    if not is_current(cursor):
        return 0
    seqs: Collection[int] = [row[0] for row in cursor.execute(query, (room, seq, most))]
    forget(cursor, room, seqs)
    return len(seqs)
