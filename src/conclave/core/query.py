"""
What people type into a search box, and what it asks for.

Any text is a query: what is no operator, no date and no trait is a word. So there is no
error to answer, and nothing to escape. It does not know how a text is cut into words:
that is the index's business.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from msgspec.structs import replace

from conclave.model import Query, Term

# What a message can have besides words, under every name people give it.
TRAITS: Final = {
    name: trait
    for trait, names in {
        "link": ("link", "links", "url"),
        "mention": ("mention", "mentions"),
        "reply": ("reply", "replies"),
        "thread": ("thread", "threads"),
        "reaction": ("reaction", "reactions"),
        "pin": ("pin", "pins", "pinned"),
        "attachment": ("attachment", "attachments", "file", "files"),
    }.items()
    for name in names
}
# More than anybody types; what comes after them is not looked at.
MAX_TERMS: Final = 64

_PIECE: Final = re.compile(
    r"""(?P<minus>-?)
        (?: (?P<name> from | in | has | before | after ) [:：] )?
        (?: ["“”„] (?P<quoted> [^"“”„]* ) ["“”„]? | (?P<bare> [^\s"“”„]+ ) )""",
    re.VERBOSE | re.IGNORECASE,
)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", re.ASCII)


class _Piece(NamedTuple):
    name: str
    value: str
    without: bool
    quoted: bool
    # As it was typed.
    text: str


def parse(text: str) -> Query:
    """
    Return what *text* asks for; never raises.

    The last word may go on unless something follows it, a space for instance: who is
    still typing finds «world» by `wor`. Days are those of UTC.
    """
    query = Query()
    pieces = list(_pieces(text))
    for piece in pieces:
        query = _add(query, piece)
    if pieces and text.endswith(pieces[-1].text) and _goes_on(pieces[-1], query):
        query = replace(query, words=(*query.words[:-1], replace(query.words[-1], begins=True)))
    return query


def _pieces(text: str) -> Iterator[_Piece]:
    for count, found in enumerate(_PIECE.finditer(text)):
        if count == MAX_TERMS:
            return
        quoted = found["quoted"]
        yield _Piece(
            name=(found["name"] or "").lower(),
            value=found["bare"] if quoted is None else quoted,
            without=bool(found["minus"]),
            quoted=quoted is not None,
            text=found[0],
        )


def _goes_on(last: _Piece, query: Query) -> bool:
    """Return whether the last piece is a word that may not be finished."""
    if last.quoted or last.name or last.without:
        return False
    return bool(query.words)


def _add(query: Query, piece: _Piece) -> Query:
    term = Term(text=piece.value, without=piece.without)
    match piece.name:
        case "from":
            return replace(query, people=(*query.people, _without_sign(term, "@")))
        case "in":
            return replace(query, rooms=(*query.rooms, _without_sign(term, "#")))
        case "has" if trait := TRAITS.get(piece.value.lower()):
            return replace(query, traits=(*query.traits, replace(term, text=trait)))
        case "before" | "after" if (moment := _moment(piece.value)) is not None:
            return _bounded(query, moment, before=(piece.name == "before") != piece.without)
        case _:
            return replace(query, words=(*query.words, _word(piece)))


def _without_sign(term: Term, sign: str) -> Term:
    """Return *term* as a name: people write `from:@ann` and `in:#hall`."""
    return replace(term, text=term.text.removeprefix(sign))


def _word(piece: _Piece) -> Term:
    # `before:noon` is what it looks like: two words.
    text = f"{piece.name} {piece.value}" if piece.name else piece.value
    begins = not piece.quoted and text.endswith("*")
    return Term(text=text, begins=begins, without=piece.without)


def _bounded(query: Query, moment: int, *, before: bool) -> Query:
    return narrowed(query, before=moment) if before else narrowed(query, after=moment)


def narrowed(query: Query, *, before: int | None = None, after: int | None = None) -> Query:
    """Return *query* for what was said at or after *after* and before *before*, too."""
    earliest = [moment for moment in (query.after, after) if moment is not None]
    latest = [moment for moment in (query.before, before) if moment is not None]
    return replace(query, after=max(earliest, default=None), before=min(latest, default=None))


def _moment(value: str) -> int | None:
    """Return when the day, month or year *value* begins, or None if it is none."""
    found = _DATE.fullmatch(value)
    if found is None:
        return None
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1000
    except ValueError:
        return None
