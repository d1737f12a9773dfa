"""
What one search wants of a message: for the index, in its language, and for the text itself.

The index may be asked for less than is wanted, never for more.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from conclave.model import Entry, Query, Term
from conclave.storage import search_index
from conclave.storage.people import fold
from conclave.storage.search_index import TRAITS
from conclave.storage.search_match import Phrase, Span, has_any, phrase, spans
from conclave.storage.search_words import words

# Words the index is asked for; the rest is looked for in the text.
_ASKED: Final = 16
# Later than all.
LAST: Final = 2**63 - 1

_CALLED: Final = """
    SELECT id FROM users WHERE id = ? OR canonical = ?
    OR lower(name) = lower(?) OR lower(display_name) = lower(?)
"""


class Asked(NamedTuple):
    """A search, as the store is asked for it."""

    query: Query
    reader: str
    room: str | None = None
    # The author's id.
    author: str | None = None
    limit: int = 20
    # Where the page before ended.
    cursor: int | None = None


class Wanted(NamedTuple):
    """What a message must have, and what it must not have."""

    phrases: tuple[Phrase, ...]
    without: tuple[Phrase, ...]
    # None: anybody's.
    people: frozenset[str] | None
    not_people: frozenset[str]
    traits: tuple[str, ...]
    not_traits: tuple[str, ...]
    before: int
    after: int

    def expression(self, room: int, index: Any) -> str:
        """Return what the *index* is asked for in *room*, in its own language."""
        word = index.word
        must = [word(search_index.every(room))]
        must += [word(f"{room}__{name}") for name in self.traits]
        must += [index.must(room, one) for one in _shortened(self.phrases)]
        if self.people is not None:
            must.append(index.any_of(map(word, _signs(room, self.people))))
        no = [word(f"{room}__{name}") for name in self.not_traits]
        no += [index.must_not(room, one) for one in _whole(self.without)]
        no += map(word, _signs(room, self.not_people))
        # The word that all have is dear where there is another.
        return str(index.both(must[1:] or must, no))

    def matches(self, entry: Entry) -> list[Span] | None:
        """Return where the text as it is now has what is asked for, or None."""
        if not self.after <= entry.timestamp < self.before or entry.user in self.not_people:
            return None
        if self.people is not None and entry.user not in self.people:
            return None
        there = words(entry.text)
        return None if has_any(self.without, there) else spans(self.phrases, there)


def wanted_by(cursor: Any, asked: Asked) -> Wanted:
    """Return what *asked* wants; people are looked up by their names."""
    query = asked.query
    called = partial(_called, cursor, asked.reader)
    people = [called(term) for term in query.people if not term.without]
    everybody = frozenset[str]().union(*people) if people else None
    if asked.author is not None:
        everybody = frozenset({asked.author}) & (everybody or frozenset({asked.author}))
    return Wanted(
        phrases=_phrases(term for term in query.words if not term.without),
        without=_phrases(term for term in query.words if term.without),
        people=everybody,
        not_people=frozenset().union(*(called(term) for term in query.people if term.without)),
        traits=tuple(t.text for t in query.traits if t.text in TRAITS and not t.without),
        not_traits=tuple(t.text for t in query.traits if t.text in TRAITS and t.without),
        before=LAST if query.before is None else query.before,
        after=0 if query.after is None else query.after,
    )


def _called(cursor: Any, reader: str, term: Term) -> frozenset[str]:
    """Return the ids of who is called so, by id or by name; `me` is who asks."""
    if term.text == "me":
        return frozenset({reader})
    name = term.text
    found = cursor.execute(_CALLED, (name, fold(name), name, name))
    return frozenset({name, *(row[0] for row in found)})


def _phrases(terms: Iterable[Term]) -> tuple[Phrase, ...]:
    return tuple(found for term in terms if (found := phrase(term)) is not None)


def is_nothing(asked: Asked, wanted: Wanted) -> bool:
    """Return whether nothing can be found: nobody's, or not a word and nothing that narrows."""
    query = asked.query
    if wanted.people is not None and not wanted.people:
        return True
    if not wanted.phrases and any(not term.without for term in query.words):
        # Only signs: that they narrow nothing would surprise.
        return True
    narrows = (asked.room, asked.author, query.before, query.after)
    terms = (*wanted.phrases, *wanted.without, *query.people, *query.rooms, *query.traits)
    return not terms and all(one is None for one in narrows)


def _shortened(phrases: Iterable[Phrase]) -> Iterator[Phrase]:
    """Return as much of *phrases* as the index is asked for."""
    left = _ASKED
    for one in phrases:
        if left >= len(one.words):
            yield one
        elif left:
            yield Phrase(one.words[:left])
        left = max(0, left - len(one.words))


def _whole(phrases: Iterable[Phrase]) -> Iterator[Phrase]:
    """Return those of *phrases* that the index is asked for: what is to be missing, in whole."""
    left = _ASKED
    for one in phrases:
        left -= len(one.words)
        if left >= 0:
            yield one


def _signs(room: int, people: Iterable[str]) -> list[str]:
    return [search_index.by(room, user) for user in sorted(people)]
