"""
Which messages a page is of, and the statements that find them by an index.

Of each kind there is one statement back from a number, and one on from it where that is
asked for. What is done with the rows is said by `pages`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    SelectBase,
    bindparam,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.sql.elements import UnaryExpression

from conclave.protocol.state import MESSAGE
from conclave.storage.driver import for_driver, raw
from conclave.storage.tables import entries, revised

# Rows that are fetched together.
_ROWS_AT_ONCE: Final = 64
# In the order of `Row`.
COLUMNS: Final = [column for column in entries.c if column.name != "room"]
_seq: Final = entries.c.seq
GIVEN: BindParameter[int] = bindparam("seq")
ROWS: BindParameter[int] = bindparam("rows")
_root: BindParameter[int] = bindparam("root")
_first: BindParameter[int] = bindparam("first")
IN_ROOM: Final = entries.c.room == bindparam("room")
_seen: Final = _seq >= _first


def _messages(which: ColumnElement[bool], order: UnaryExpression[Any]) -> Select[Any]:
    """
    Select messages by their numbers, and these from the index of messages alone.

    Asked for in one step, SQLite walks the whole log, past a year of reactions. The type
    must stand in the statement itself, for the index is a partial one.
    """
    is_message = entries.c.type == literal_column(f"'{MESSAGE}'")
    numbers = select(_seq).where(IN_ROOM, is_message, which, _seen).order_by(order)
    return _in_full(numbers.limit(ROWS), order)


def _in_thread(which: ColumnElement[bool], order: UnaryExpression[Any]) -> Select[Any]:
    """Select the messages of a thread; the one that began it is its first."""
    # As the index spells it, and told to use it: else SQLite reads the whole room.
    thread: ColumnElement[int] = literal_column("json_extract(extra, '$.thread')")
    is_message = entries.c.type == literal_column(f"'{MESSAGE}'")
    answers = (
        select(_seq)
        .with_hint(entries, "INDEXED BY entries_threads", "sqlite")
        .where(IN_ROOM, is_message, entries.c.extra.is_not(None), thread == _root, which, _seen)
        .order_by(order)
        .limit(ROWS)
    )
    first = select(_seq).where(IN_ROOM, is_message, _seq == _root, which, _seen)
    both = union_all(first, select(answers.subquery().c.seq))
    return _in_full(both, order).limit(ROWS)


def _pinned() -> Select[Any]:
    where = (revised.c.room == bindparam("room"), revised.c.pinned_seq.is_not(None))
    pins = select(revised.c.seq).with_hint(revised, "INDEXED BY revised_pinned", "sqlite")
    numbers = pins.where(*where, revised.c.seq <= GIVEN, revised.c.seq >= _first)
    return _in_full(numbers.order_by(revised.c.seq.desc()).limit(ROWS), _seq.desc())


def _in_full(numbers: SelectBase, order: UnaryExpression[Any]) -> Select[Any]:
    return select(*COLUMNS).where(IN_ROOM, _seq.in_(numbers)).order_by(order)


# Made once: to build a statement takes longer than to run it.
_ON: Final = _messages(_seq > GIVEN, _seq.asc())
_BACK: Final = _messages(_seq <= GIVEN, _seq.desc())
_THREAD_ON: Final = _in_thread(_seq > GIVEN, _seq.asc())
_THREAD_BACK: Final = _in_thread(_seq <= GIVEN, _seq.desc())
_PINNED_BACK: Final = _pinned()


class Which(NamedTuple):
    """Which messages of a room a page is of: all, those of a thread, or those that are pinned."""

    thread: int | None = None
    pinned: bool = False

    @property
    def back(self) -> Select[Any]:
        if self.pinned:
            return _PINNED_BACK
        return _BACK if self.thread is None else _THREAD_BACK

    @property
    def on(self) -> Select[Any]:
        return _ON if self.thread is None else _THREAD_ON


@contextmanager
def some_of(
    connection: Connection, query: Select[Any], values: Mapping[str, int | None]
) -> Iterator[Iterator[Sequence[Any]]]:
    """
    Give the rows of *query*, some at a time: a page may be full long before their end.

    *query* is one of those that are made once. With SQLite its words are given to the driver: a
    row of `entries` needs nothing that SQLAlchemy would do with it.
    """
    if connection.dialect.name != "sqlite":
        with connection.execute(query, values) as rows:
            yield rows.partitions(_ROWS_AT_ONCE)
        return
    words, known = _words(query)
    with closing(raw(connection).execute(words, {**known, **values})) as cursor:
        yield iter(lambda: cursor.fetchmany(_ROWS_AT_ONCE), [])


@cache
def _words(query: Select[Any]) -> tuple[str, dict[str, Any]]:
    return for_driver(query)
