"""
What others wrote, as it may be shown on a terminal.

A message may hold sequences that move the cursor, clear the screen, write to the clipboard
or turn the direction of what follows. Nothing of that reaches the terminal: each such
character is shown as its number, in the words of Python (`\\x1b`, `\\u202e`).
"""

import json
import unicodedata
from typing import Any, Final

# Control, format, surrogate, line and paragraph separator.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Joins emoji; it moves nothing.
_JOINER: Final = "\u200d"
# A further line of one text begins so: it cannot be taken for another message.
_INDENT: Final = "\n    "


def printable(text: str) -> str:
    """Return *text* on one line, without anything a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def printable_lines(text: str) -> str:
    """Return *text* with its own lines, each but the first indented."""
    return _INDENT.join(printable(line) for line in text.split("\n"))


def printable_json(value: Any) -> str:
    """Return *value* as one line of JSON, all of it ASCII that can be seen."""
    return json.dumps(value, separators=(",", ":")).replace("\x7f", "\\u007f")


def _shown(character: str) -> str:
    if character == _JOINER or unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode()
