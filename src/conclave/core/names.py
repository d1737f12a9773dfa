"""
What accounts and people may be called.

An account's name is ASCII, so that none looks like another; what people see, the display
name, may be written in any script. Whether a name is taken is for the store to say.
"""

import re
import unicodedata
from itertools import groupby
from typing import Final

from conclave.core.text import MAX_NAME, clean_line, fold, is_name
from conclave.model import SYSTEM
from conclave.protocol.errors import Code, Reject

MAX_ABOUT: Final = 280
# Of any language after composing; more climb into the lines above.
_MOST_MARKS: Final = 4
# Bidi controls turn around what stands beside them (Unicode TR36 section 2.10); joiners and
# variation selectors are part of emoji, and stay.
_BIDI: Final = dict.fromkeys(
    [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
# What stands in logs in place of who was erased, and what guests are called: whoever had such
# a name would be the author of what another wrote.
_PSEUDONYM: Final = re.compile(r"deleted-[0-9a-f]{16}")
_GUEST: Final = re.compile(r"guest-[0-9a-f]{10}")
_HOOK: Final = re.compile(r"hook-[0-9a-f]{10}")


def canonical_name(name: str) -> str:
    """
    Return the one spelling of an account's name.

    Raises `bad_request` for what is none, `name_taken` for what only the server is called.

    Case does not count. Nothing else is repaired: a name with a look-alike from another
    script is refused, not taken for the one it looks like.
    """
    canonical = name.lower() if name.isascii() else ""
    if not _NAME.fullmatch(canonical):
        raise Reject(
            Code.BAD_REQUEST,
            "A name has 2 to 32 of a-z 0-9 . _ - and begins with a letter or digit",
        )
    if canonical == SYSTEM.user:
        raise Reject(Code.NAME_TAKEN, f"Nobody may be called {SYSTEM.user}")
    if is_given(canonical):
        raise Reject(Code.NAME_TAKEN, "Names like this one are given by the server")
    return canonical


def is_given(id: str) -> bool:  # noqa: A002 - a user's id
    """Return whether this is an id that only the server gives: of guests, hooks, the erased."""
    return is_pseudonym(id) or any(kind.fullmatch(id) for kind in (_GUEST, _HOOK))


def is_pseudonym(id: str) -> bool:  # noqa: A002 - a user's id
    """Return whether this stands for somebody who was erased: nobody comes in as that."""
    return _PSEUDONYM.fullmatch(id) is not None


def clean_display_name(text: str) -> str:
    """Return *text* as people may be called, else raise `bad_request` or `name_taken`."""
    # Before it is normalised, which takes quadratic time.
    name = clean_line(text) if len(text) <= 4 * MAX_NAME else ""
    if not is_name(name) or _tallest(name) > _MOST_MARKS:
        raise Reject(Code.BAD_REQUEST, f"A display name has 1 to {MAX_NAME} visible characters")
    if fold(name) == SYSTEM.name:
        raise Reject(Code.NAME_TAKEN, f"Nobody may be called {SYSTEM.name}")
    return name


def clean_about(text: str) -> str:
    """Return a line about oneself, in which nothing turns others around; raises `too_long`."""
    line = clean_line(text.translate(_BIDI)) if len(text) <= 4 * MAX_ABOUT else text
    if len(line) > MAX_ABOUT:
        raise Reject(Code.TOO_LONG, f"A line about oneself has at most {MAX_ABOUT} characters")
    return line


def _tallest(text: str) -> int:
    """Return how many marks stand on one letter at most."""
    marks = (unicodedata.category(char) in ("Mn", "Me") for char in text)
    return max((sum(run) for _, run in groupby(marks)), default=0)
