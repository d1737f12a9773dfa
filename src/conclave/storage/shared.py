"""
What many ask for at one moment of the store is read once.

Who come back together, after a restart or a broken cable, have missed the same.
"""

from collections.abc import Callable, Hashable
from typing import Any, Final, NamedTuple, TypeVar, cast

from sqlalchemy import Connection

from conclave.storage.driver import raw

T = TypeVar("T")

_NAME: Final = "conclave.shared"
# Answers that a connection keeps: each may be a page.
_MOST: Final = 4


class _Kept(NamedTuple):
    version: int
    answers: dict[Hashable, Any]


def shared(connection: Connection, key: Hashable, read: Callable[[], T]) -> T:
    """
    Return what *read* returns, or returned for this *key* while nobody has written since.

    Whoever gets it must leave it as it is. Only SQLite's connections can say whether anything was
    written (https://www.sqlite.org/pragma.html#pragma_data_version): others read each time.
    """
    if connection.dialect.name != "sqlite":
        return read()
    version = raw(connection).execute("PRAGMA data_version").fetchone()[0]
    kept = cast("_Kept | None", connection.info.get(_NAME))
    if kept is None or kept.version != version:
        kept = connection.info[_NAME] = _Kept(version, {})
    if key not in kept.answers:
        if len(kept.answers) == _MOST:
            kept.answers.clear()
        kept.answers[key] = read()
    answer: T = kept.answers[key]
    return answer
