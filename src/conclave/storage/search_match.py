"""
Whether a text has what a search asks for, and the part of it that shows so.

The index only proposes: what a reader is shown was found in the text as it is now.
Nothing here touches a database.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from conclave.model import Piece, Term
from conclave.storage.search_words import Kind, Word, words

# Characters of a snippet, and how many of them stand before the first hit.
SNIPPET: Final = 200
_LEAD: Final = 50
# A single letter begins too many words.
_BEGINS_FROM: Final = 2
# Joins what stands around it into one sign, as flags and families of emoji.
_JOINER: Final = "\u200d"

Span = tuple[int, int]


class Phrase(NamedTuple):
    """Words that stand next to each other; the last one may be the beginning of one."""

    words: tuple[str, ...]
    begins: bool = False


def phrase(term: Term) -> Phrase | None:
    """Return what *term* asks of a text, or None if it has no words."""
    found = words(term.text)
    if not found:
        return None
    last = found[-1]
    begins = term.begins and last.kind is not Kind.SYMBOL and len(last.text) >= _BEGINS_FROM
    if last.kind is Kind.TAIL:
        if len(found) > 1 and found[-2].kind is Kind.PAIR and found[-2].end == last.end:
            # The pairs say it all, and the text may go on where the query ends.
            del found[-1]
        else:
            begins = True
    return Phrase(tuple(word.text for word in found), begins)


def spans(wanted: Iterable[Phrase], there: Sequence[Word]) -> list[Span] | None:
    """Return where *wanted* are among the words *there*; None if one of them is not."""
    found: list[Span] = []
    for one in wanted:
        places = list(_places(one, there))
        if not places:
            return None
        found += places
    return _merged(found)


def has_any(unwanted: Iterable[Phrase], there: Sequence[Word]) -> bool:
    return any(next(_places(one, there), None) for one in unwanted)


def _places(wanted: Phrase, there: Sequence[Word]) -> Iterator[Span]:
    *firsts, last = wanted.words
    size = len(wanted.words)
    for at in range(len(there) - size + 1):
        end = there[at + size - 1]
        if (end.text == last or (wanted.begins and end.text.startswith(last))) and all(
            there[at + n].text == word for n, word in enumerate(firsts)
        ):
            if end.kind is Kind.PAIR and len(last) == 1:
                # Half of a pair: it ends where the next one begins.
                yield there[at].start, there[at + size].start
            else:
                yield there[at].start, end.end


def _merged(found: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def snippet(text: str, hits: Sequence[Span]) -> list[Piece]:
    """Return the part of *text* around its first hit, on one line, cut at words if it can be."""
    first = hits[0][0] if hits else 0
    start = _cut(text, max(0, min(first - _LEAD, len(text) - SNIPPET)), first)
    end = min(start + SNIPPET, len(text))
    end = _cut_end(text, end, first)
    pieces = [] if start == 0 else [Piece("…", hit=False)]
    at = start
    for hit_start, hit_end in hits:
        if hit_start >= end:
            break
        pieces += _piece(text[at:hit_start], hit=False)
        at = min(hit_end, end)
        pieces += _piece(text[hit_start:at], hit=True)
    pieces += _piece(text[at:end] + ("" if end == len(text) else "…"), hit=False)
    return pieces


def _piece(text: str, *, hit: bool) -> list[Piece]:
    shown = re.sub(r"\s+", " ", text)
    return [Piece(shown, hit)] if shown else []


def _cut(text: str, at: int, before: int) -> int:
    """Return a good place to begin, at or after *at* and not after *before*."""
    if at == 0:
        return 0
    space = re.compile(r"\s+\S").search(text, at, before + 1)
    if space is not None:
        return space.end() - 1
    while at < before and _joined(text, at):
        at += 1
    return at


def _cut_end(text: str, at: int, after: int) -> int:
    """Return a good place to end, at or before *at*, and after *after* where it can be."""
    if at == len(text):
        return at
    space = max(text.rfind(" ", after, at), text.rfind("\n", after, at))
    if space > at - _LEAD:
        return space
    while at > after + 1 and _joined(text, at):
        at -= 1
    return at


def _joined(text: str, at: int) -> bool:
    """Return whether what stands *at* belongs to what stands before it."""
    return (
        unicodedata.category(text[at])[0] == "M"
        or text[at] == _JOINER
        or text[at - 1] == _JOINER
        or unicodedata.category(text[at]) == "Sk"
    )
