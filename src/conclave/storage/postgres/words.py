"""
The full-text index in PostgreSQL: the words of a message are one `tsvector`.

They are the very words that FTS5 is given, each with the number of its room, so the same
operators find the same messages. As there, it may propose too much and never too little:
what is shown was found in the text as it is now.
"""

from collections.abc import Iterable
from typing import Any, Final

from conclave.storage.search_match import Phrase

# What `search_vector` and `search_index` are is said by `schema`.
_PUT: Final = "INSERT INTO search_index (doc, words) VALUES (?, search_vector(?))"
_TAKE: Final = "DELETE FROM search_index WHERE doc = ?"
_PROPOSE: Final = (
    "SELECT doc FROM search_index WHERE words @@ CAST(? AS tsquery) AND doc >= ? AND doc < ?"
    " ORDER BY doc DESC LIMIT ?"
)
# A few milliseconds of work at a time.
_CLEAR: Final = (
    "DELETE FROM search_index WHERE doc IN (SELECT doc FROM search_index LIMIT 500)",
    "DELETE FROM search_docs WHERE doc IN (SELECT doc FROM search_docs LIMIT 500)",
    "DELETE FROM search_rooms",
)
_HOLD: Final = "SELECT 1 FROM rooms WHERE id = ? FOR NO KEY UPDATE"


class Tsvector:
    """The index as `search_index` asks for it; see there."""

    @staticmethod
    def name() -> str:
        return "tsvector"

    @staticmethod
    def put(cursor: Any, doc: int, line: str) -> None:
        cursor.execute(_PUT, (doc, line))

    @staticmethod
    def take(cursor: Any, doc: int, line: str) -> None:  # noqa: ARG004 - it knows them
        cursor.execute(_TAKE, (doc,))

    @staticmethod
    def hold(cursor: Any, room: int) -> None:
        """Let nobody change messages of the room until they are in."""
        cursor.execute(_HOLD, (room,))

    @staticmethod
    def flush(cursor: Any) -> None:
        """Nothing: what a statement writes is written when it returns."""

    @staticmethod
    def clear(cursor: Any) -> bool:
        return any(cursor.execute(statement).rowcount > 0 for statement in _CLEAR)

    @staticmethod
    def rebuild(cursor: Any) -> None:
        # What `clear` has left; the schema has made it.
        cursor.execute("DELETE FROM search_index")

    @staticmethod
    def merge(cursor: Any) -> bool:  # noqa: ARG004 - the server does that by itself
        return False

    @staticmethod
    def propose(cursor: Any, asked: str, docs: range, n: int) -> list[int]:
        found = cursor.execute(_PROPOSE, (asked, docs.start, docs.stop, n))
        return [doc for (doc,) in found]

    # ── the language it is asked in ────────────────────────────────────────────────────

    @staticmethod
    def word(word: str) -> str:
        escaped = word.replace("\\", "\\\\").replace("'", "''")
        return f"'{escaped}'"

    @classmethod
    def must(cls, room: int, one: Phrase) -> str:
        # Not that they follow each other: of a long text only the first places are known.
        *firsts, last = [cls.word(f"{room}_{word}") for word in one.words]
        return " & ".join([*firsts, f"{last}:*" if one.begins else last])

    @classmethod
    def must_not(cls, room: int, one: Phrase) -> str:
        # Here that they follow each other: a text with the words apart is wanted.
        *firsts, last = [cls.word(f"{room}_{word}") for word in one.words]
        return " <-> ".join([*firsts, f"{last}:*" if one.begins else last])

    @staticmethod
    def both(all_of: Iterable[str], none_of: Iterable[str]) -> str:
        asked = " & ".join([*(f"({one})" for one in all_of), *(f"!({one})" for one in none_of)])
        return f"({asked})"

    @staticmethod
    def any_of(expressions: Iterable[str]) -> str:
        return f"({' | '.join(expressions)})"
