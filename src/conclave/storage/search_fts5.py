"""
The full-text index in SQLite: a table of FTS5 that keeps words and no text.

What of a message is put in, and when, is said by `search_index`. The expressions are made
of words that were cut by `search_words` and of nothing that was typed, so there is no
syntax to upset.
"""

from collections.abc import Iterable
from typing import Any, Final

import structlog

from conclave.storage.driver import driver, sqlite_version
from conclave.storage.search_match import Phrase

_log = structlog.get_logger("conclave.storage")

# With it words are gone when they are taken out, and not when they happen to be merged.
_SECURE: Final = (3, 42)
_CREATE: Final = (
    "CREATE VIRTUAL TABLE search_index USING"
    " fts5(words, content = '', columnsize = 0, tokenize = \"ascii tokenchars '_'\")"
)
_PUT: Final = "INSERT INTO search_index (rowid, words) VALUES (?, ?)"
_TAKE: Final = "INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', ?, ?)"
_PROPOSE: Final = """
    SELECT rowid FROM search_index WHERE search_index MATCH ? AND rowid >= ? AND rowid < ?
    ORDER BY rowid DESC LIMIT ?
"""
# What an old index has, a few milliseconds of work at a time. Its own tables are emptied
# from below: whoever needs an index of this version does not look at it any more.
_CLEAR: Final = (
    "DELETE FROM search_rooms",
    (
        "DELETE FROM search_index_data WHERE id IN"
        " (SELECT id FROM search_index_data WHERE id > 10 LIMIT 200)"
    ),
    (
        "DELETE FROM search_index_idx WHERE (segid, term) IN"
        " (SELECT segid, term FROM search_index_idx LIMIT 1000)"
    ),
    "DELETE FROM search_docs WHERE doc IN (SELECT doc FROM search_docs LIMIT 500)",
)
# How FTS5 begins (fts5_index.c: the averages, the structure, the version of the format).
# Else one that is damaged, or of a newer SQLite, could not even be dropped.
_AS_NEW: Final = (
    "INSERT OR REPLACE INTO search_index_data VALUES (1, x''), (10, x'00000000000000')",
    "UPDATE search_index_config SET v = 4 WHERE k = 'version'",
)
_THERE: Final = "SELECT 1 FROM sqlite_schema WHERE name = 'search_index_data'"
_MERGE: Final = "INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)"
# Pages: a few milliseconds.
_MERGED: Final = 48


class Fts5:
    """The index as `search_index` asks for it."""

    @staticmethod
    def name() -> str:
        """Return what an index must have been made by, to be used."""
        return "secure" if forgets() else "plain"

    @staticmethod
    def put(cursor: Any, doc: int, line: str) -> None:
        cursor.execute(_PUT, (doc, line))

    @staticmethod
    def take(cursor: Any, doc: int, line: str) -> None:
        """Take a message out; *line* must be what was put in."""
        cursor.execute(_TAKE, (doc, line))

    @staticmethod
    def hold(cursor: Any, room: int) -> None:
        """Let nobody change messages of the room meanwhile: here only one writes at all."""

    @staticmethod
    def flush(cursor: Any) -> None:
        """
        Let the index write now what it would write at the commit.

        So damage is met here, where it can be undone: a commit that fails ends the whole store.
        """
        cursor.execute("SAVEPOINT flushing")
        cursor.execute("RELEASE flushing")

    @staticmethod
    def clear(cursor: Any) -> bool:
        """Take a part of what there is out; return whether there was any."""
        if cursor.execute(_THERE).fetchone() is None:
            return False
        return any(cursor.execute(statement).rowcount > 0 for statement in _CLEAR)

    @staticmethod
    def rebuild(cursor: Any) -> None:
        """Make an empty one in the place of whatever is there."""
        if cursor.execute(_THERE).fetchone() is not None:
            for statement in _AS_NEW:
                cursor.execute(statement)
        cursor.execute("DROP TABLE IF EXISTS search_index")
        cursor.execute(_CREATE)
        # Two parts are enough to be merged when there is time: each costs every search a look.
        cursor.execute("INSERT INTO search_index (search_index, rank) VALUES ('usermerge', 2)")
        if forgets():
            cursor.execute(
                "INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1)"
            )
        else:
            _log.warning(
                "search_keeps_words",
                advice="with a SQLite before 3.42 words of deleted messages stay in the index",
            )

    @staticmethod
    def merge(cursor: Any) -> bool:
        before = cursor.connection.total_changes
        cursor.execute(_MERGE, (_MERGED,))
        # The command itself counts as one (https://www.sqlite.org/fts5.html#the_merge_command).
        return int(cursor.connection.total_changes - before) > 1

    @staticmethod
    def propose(cursor: Any, asked: str, docs: range, n: int) -> list[int]:
        """Return the *n* newest numbers among *docs* that have what is *asked*."""
        found = cursor.execute(_PROPOSE, (asked, docs.start, docs.stop, n))
        return [doc for (doc,) in found]

    # ── the language it is asked in ────────────────────────────────────────────────────

    @staticmethod
    def word(word: str) -> str:
        return f'"{word}"'

    @staticmethod
    def must(room: int, one: Phrase) -> str:
        """Return what asks for a phrase in *room*."""
        asked = " + ".join(f'"{room}_{word}"' for word in one.words)
        return f"{asked} *" if one.begins else asked

    # What asks for one that is to be missing.
    must_not = must

    @classmethod
    def both(cls, all_of: Iterable[str], none_of: Iterable[str]) -> str:
        """Return what asks for all of the one, and none of the other."""
        asked, no = " AND ".join(all_of), list(none_of)
        return f"(({asked}) NOT {cls.any_of(no)})" if no else f"({asked})"

    @staticmethod
    def any_of(expressions: Iterable[str]) -> str:
        return f"({' OR '.join(expressions)})"


def forgets() -> bool:
    """Return whether this SQLite takes words out of the file at once."""
    return sqlite_version(driver()) >= _SECURE
