"""
Python's values as PostgreSQL has them, so that what comes back is what SQLite would give.

A text of PostgreSQL has no U+0000, and one of a chat may: it goes by another name, which
is the last code point of all and a letter after it.
"""

from typing import Any, Final

import psycopg
from psycopg.adapt import AdaptersMap, Dumper, Loader
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper, StrDumperUnknown, TextLoader

_ESCAPE: Final = "\U0010ffff"
_NUL: Final = _ESCAPE + "0"
_ITSELF: Final = _ESCAPE + "1"


def escaped(text: str) -> str:
    return text.replace(_ESCAPE, _ITSELF).replace("\0", _NUL)


def restored(text: str) -> str:
    return text.replace(_NUL, "\0").replace(_ITSELF, _ESCAPE)


class _Text(StrDumperUnknown):
    def dump(self, obj: str) -> Any:
        return super().dump(escaped(obj) if "\0" in obj or _ESCAPE in obj else obj)


class _TypedText(StrDumper):
    def dump(self, obj: str) -> Any:
        return super().dump(escaped(obj) if "\0" in obj or _ESCAPE in obj else obj)


class _RestoredText(TextLoader):
    def load(self, data: Any) -> Any:
        text = str(super().load(data))
        return restored(text) if _ESCAPE in text else text


class _Flag(Dumper):
    """Flags are numbers in the tables, as SQLite has them."""

    oid = psycopg.adapters.types["int4"].oid

    def dump(self, obj: bool) -> bytes:
        return b"1" if obj else b"0"

    def quote(self, obj: bool) -> bytes:
        return self.dump(obj)


class _Whole(Loader):
    """Sums of whole numbers are whole."""

    def load(self, data: Any) -> Any:
        text = bytes(data).decode()
        return float(text) if "." in text else int(text)


def adapters() -> AdaptersMap:
    """Return how values go to PostgreSQL and come from there."""
    made = AdaptersMap(psycopg.adapters)
    made.register_dumper(bool, _Flag)
    # Always of one type: a statement is planned once, and not once for each size of a number.
    made.register_dumper(int, Int8Dumper)
    made.register_dumper(str, _TypedText)
    made.register_dumper(str, _Text)
    for name in ("text", "varchar"):
        made.register_loader(name, _RestoredText)
    made.register_loader("numeric", _Whole)
    return made
