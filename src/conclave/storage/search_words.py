"""
The words of a text, as the index knows them and as a query must ask for them.

Case, accents and compatibility forms are folded away. What is written without spaces
between words (Chinese, Japanese, Korean, Thai, …) is cut into overlapping pairs of
characters, and the last character alone: a query of two or more is then a row of pairs,
one of a single character the beginning of one. Who changes what comes out changes
`VERSION`: the index is made anew.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

# The tables of Unicode are Python's, and change with it.
VERSION: Final = f"1/{unicodedata.unidata_version}"
# Longer words are known by their beginning.
MAX_WORD: Final = 40


class Kind(IntEnum):
    NONE = 0
    WORD = 1
    # Two characters of a script without spaces; the last one of a run stands alone.
    PAIR = 2
    TAIL = 3
    SYMBOL = 4
    # Belongs to the character before it.
    MARK = 5


class Word(NamedTuple):
    """A word, and where it stands in the text it was read from."""

    text: str
    start: int
    end: int
    kind: Kind


class _Char(NamedTuple):
    """A folded character, and the place of the characters it was made of."""

    text: str
    start: int
    end: int
    kind: Kind


_CHUNK: Final = re.compile(r"[0-9A-Za-z\x80-\U0010ffff]+")
# First and last code point of blocks whose scripts put no spaces between words.
_UNSPACED: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul jamo
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x1AAF),  # Tai Le, New Tai Lue, Buginese, Tai Tham
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3031, 0x31FF),  # kana, bopomofo, Hangul compatibility jamo
    (0x3400, 0x4DBF),
    (0x4E00, 0xA4CF),  # Han, Yi
    (0xA960, 0xA9FF),  # Hangul jamo, Javanese, Myanmar
    (0xAA60, 0xAA7F),
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
_STARTS: Final = [first for first, _ in _UNSPACED]
# Accents of Latin, Greek and Cyrillic, points of Hebrew, signs of Arabic, variation
# selectors: people leave them out. Marks of other scripts are letters there.
_DROPPED: Final = (
    (0x0300, 0x036F),
    (0x0591, 0x05C7),
    (0x0640, 0x0640),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
)
# Letters that Unicode does not take apart but people do.
_LIKE: Final = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
        "ı": "i",
        "ĸ": "k",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
    | {chr(code): None for first, last in _DROPPED for code in range(first, last + 1)}
)
# Written as a character of its own, and yet the accent of the one before it.
_HALF_WIDTH_MARKS: Final = frozenset("\uff9e\uff9f")


def words(text: str) -> list[Word]:
    """Return the words of *text* in their order; those of pairs overlap."""
    found: list[Word] = []
    # No character of ASCII but letters and digits is of a word.
    for chunk in _CHUNK.finditer(text):
        part = chunk[0]
        if part.isascii():
            found.append(Word(part[:MAX_WORD].lower(), *chunk.span(), Kind.WORD))
        else:
            found.extend(_words_of(part, chunk.start()))
    return found


def _words_of(text: str, at: int) -> Iterator[Word]:
    run: list[_Char] = []
    for char in _chars(text, at):
        if run and not _goes_on(run, char):
            yield from _cut(run)
            run = []
        if char.kind is not Kind.NONE:
            run.append(char)
    if run:
        yield from _cut(run)


def _goes_on(run: list[_Char], char: _Char) -> bool:
    if char.kind is Kind.MARK:
        return True
    return char.kind is run[0].kind and char.kind is not Kind.SYMBOL


def _cut(run: list[_Char]) -> Iterator[Word]:
    if run[0].kind is not Kind.PAIR:
        yield _joined(run, run[0].kind)
        return
    for pair in pairwise(run):
        yield _joined(pair, Kind.PAIR)
    yield _joined(run[-1:], Kind.TAIL)


def _joined(run: "list[_Char] | tuple[_Char, ...]", kind: Kind) -> Word:
    text = "".join(char.text for char in run)
    return Word(text[:MAX_WORD], run[0].start, run[-1].end, kind)


def _chars(text: str, at: int) -> Iterator[_Char]:
    """Fold *text*, which stands *at* that place, a character with its marks at a time."""
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _joins(text[end]):
            end += 1
        for folded, kind in _folded(text[start:end]):
            yield _Char(folded, at + start, at + end, kind)
        start = end


@lru_cache(maxsize=8_192)
def _joins(char: str) -> bool:
    return char in _HALF_WIDTH_MARKS or (
        not char.isascii() and unicodedata.category(char)[0] == "M"
    )


@lru_cache(maxsize=8_192)
def _folded(char: str) -> tuple[tuple[str, Kind], ...]:
    folded = unicodedata.normalize("NFKD", char).casefold()
    folded = unicodedata.normalize("NFKD", folded).translate(_LIKE)
    return tuple((one, _kind(one)) for one in unicodedata.normalize("NFKC", folded))


def _kind(char: str) -> Kind:
    code = ord(char)
    category = unicodedata.category(char)
    if category[0] not in "LNM":
        return Kind.SYMBOL if category == "So" else Kind.NONE
    block = bisect_right(_STARTS, code) - 1
    if block >= 0 and code <= _UNSPACED[block][1]:
        return Kind.PAIR
    return Kind.MARK if category[0] == "M" else Kind.WORD
