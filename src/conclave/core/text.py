"""
What people write, made fit once on entry: normalised, without what no eye sees.

Rejects instead of repairing where a repair would change what a name means.
"""

import re
import unicodedata
from itertools import groupby
from typing import Final

from conclave.model import Limits
from conclave.protocol.errors import Code, Reject

MAX_NAME: Final = 64

# Combining marks in a row, on any letter of any language: a handful. Normalising sorts them
# in quadratic time: 32,000 stop the node for a second (Unicode TR15 section 13 allows 30).
MAX_MARKS: Final = 1_024
# One composed character has at most four code points before NFC: beyond it no text fits.
_SHRINKS: Final = 4

# Controls, formats, line separators, private use and unassigned: no agreed look.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})

# Bidi controls and invisible characters that let one name look like another
# (Unicode TR36 section 2.10, TR39 section 3.1).
_HIDDEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
# One emoji of a family, with everybody's skin, has eleven code points.
MAX_EMOJI: Final = 16
_SYMBOLS: Final = frozenset({"So", "Sk", "Sm"})
_KEYCAP: Final = "\u20e3"
# What joins symbols to one emoji (Unicode TR51 section 1.4): joiner, variation selector,
# keycap with what stands under it, and the letters of a flag's tag.
_JOINERS: Final = frozenset("\u200d\ufe0f#*0123456789" + _KEYCAP) | frozenset(
    chr(code) for code in range(0xE0020, 0xE0080)
)
_CONTROL: Final = {
    code: None for code in [*range(0x20), *range(0x7F, 0xA0)] if code not in (0x09, 0x0A)
}


def fold(name: str) -> str:
    """Return the form under which names are compared (Unicode TR15, TR21)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def is_name(name: str) -> bool:
    """Return whether *name* may name a room: see `docs/protocol.md`, «Transport»."""
    return (
        0 < len(name) <= MAX_NAME
        and name == name.strip()
        and unicodedata.is_normalized("NFC", name)
        and not _HIDDEN.search(name)
        and not any(unicodedata.category(char) in _UNSEEN for char in name)
    )


def clean_name(name: str) -> str:
    """Return *name* if it may name a room, else raise `bad_request`."""
    if not is_name(name):
        raise Reject(
            Code.BAD_REQUEST,
            f"A room's name has 1 to {MAX_NAME} visible characters, no space at its ends",
        )
    return name


def clean_text(text: str, limits: Limits, *, may_be_empty: bool = False) -> str:
    """Return *text* normalised (NFC) and without controls but line break and tab."""
    if len(text) > _SHRINKS * limits.text_chars:
        raise _too_long(limits)
    if text.isascii() and text.isprintable():
        # Most of what is said: it has no controls, and nothing to compose.
        return _measured(text, limits, may_be_empty)
    return _measured(_normal(text.replace("\r\n", "\n")), limits, may_be_empty)


def _measured(text: str, limits: Limits, may_be_empty: bool) -> str:
    if not text or text.isspace():
        if may_be_empty:
            return ""
        raise Reject(Code.BAD_REQUEST, "The message is empty")
    size = len(text) if text.isascii() else len(text.encode())
    if len(text) > limits.text_chars or size > limits.text_bytes:
        raise _too_long(limits)
    return text


def _too_long(limits: Limits) -> Reject:
    return Reject(Code.TOO_LONG, f"A message has at most {limits.text_chars:,} characters")


def _normal(text: str) -> str:
    # Controls go first: between a letter and its accent they keep the two from composing.
    text = text.translate(_CONTROL)
    if text.isascii():
        return text
    if _longest_stack(text) > MAX_MARKS:
        raise Reject(Code.BAD_REQUEST, "Too many marks on one character")
    return unicodedata.normalize("NFC", text)


def _longest_stack(text: str) -> int:
    """Return how many combining marks stand in a row at most."""
    if len(text) <= MAX_MARKS:
        return 0
    marks = (bool(unicodedata.combining(char)) for char in text)
    return max((sum(run) for _, run in groupby(marks)), default=0)


def clean_line(text: str) -> str:
    """Return a title or topic: one line, normalised, without controls."""
    return " ".join(_normal(text).split())


def clean_emoji(text: str) -> str:
    """Return *text* if it is one emoji or a few symbols, else raise `bad_request`."""
    text = unicodedata.normalize("NFC", text)
    kinds = [unicodedata.category(char) for char in text]
    if not (
        0 < len(text) <= MAX_EMOJI
        and any(kind in _SYMBOLS or char == _KEYCAP for char, kind in zip(text, kinds, strict=True))
        and all(
            kind in _SYMBOLS or char in _JOINERS for char, kind in zip(text, kinds, strict=True)
        )
    ):
        raise Reject(Code.BAD_REQUEST, "A reaction is an emoji")
    return text
