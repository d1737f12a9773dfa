"""
Statements as the storage writes them, in the words of PostgreSQL.

They are written for SQLite and kept to what both know. What is left to say otherwise is
mechanical: how parameters stand, which names are keywords, what only SQLite is told.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

_PARTS: Final = re.compile(
    r"""
    (?P<kept> '(?:[^']|'')*' | "(?:[^"]|"")*" | ::)
    # A column has values of its one type alone there.
    | (?P<hint> \bINDEXED\ BY\ \w+ | \btypeof\(\w+\)\ <>\ 'blob'\ OR\b )
    | \?(?P<number> \d+ )
    | (?P<next> \? )
    | :(?P<name> [a-z_]\w* )
    # The one name of a column that is a keyword there.
    | (?P<user> \buser\b )
    """,
    re.VERBOSE,
)
# Compared with nothing, or chosen without anything beside it.
_UNTYPED: Final = re.compile(r"%(s|\(\w+\)s)(?= IS )|SELECT %|DECLARE ")
# An insert of one row, which may as well be one of many.
_ROW: Final = re.compile(r"(INSERT INTO .* VALUES )(\([^()]*\))", re.DOTALL)


class Statement(NamedTuple):
    """A statement for psycopg, and what its parameters are made of."""

    text: str
    # Which of the parameters stands at each place; empty: they are named, or there is none.
    places: tuple[int, ...]
    # What stands before the row, and the row, if more of it may follow.
    head: str = ""
    row: str = ""
    # Whether a parameter stands where the server cannot know of what type it is.
    untyped: bool = False

    def values(self, given: "Sequence[Any] | Mapping[str, Any]") -> Any:
        """Return *given* as it belongs to `text`."""
        if isinstance(given, Mapping):
            return given
        return [given[place] for place in self.places]


@lru_cache(maxsize=2_048)
def translated(statement: str) -> Statement:
    """Return *statement* in the words of PostgreSQL."""
    places: list[int] = []

    def say(found: re.Match[str]) -> str:
        kind = found.lastgroup
        if kind == "kept":
            return found[0]
        if kind == "hint":
            return ""
        if kind == "user":
            return '"user"'
        if kind == "name":
            return f"%({found['name']})s"
        places.append(int(found["number"]) - 1 if kind == "number" else len(places))
        return "%s"

    text = _PARTS.sub(say, statement.strip().replace("%", "%%"))
    row = _ROW.fullmatch(text)
    head, values = row.groups() if row else ("", "")
    return Statement(text, tuple(places), head, values, bool(_UNTYPED.search(text)))
