"""
Do in one transaction what waits together, each so that it harms none of the others.

Every job and every run of drafts has a savepoint of its own. When the transaction begins
and ends, and who is told, is said by `writer`.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import Connection

from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.errors import ends_the_batch, is_late, refusal

T = TypeVar("T")
D = TypeVar("D")
R = TypeVar("R")

# Gets drafts that wait one after another; returns a value or an exception for each.
AppendRun = Callable[[Connection, Sequence[D]], Sequence[R | Exception]]


# Is called with the value, or with what refused it.
Done = Callable[[R | None, BaseException | None], None]


class Called(Struct, frozen=True, gc=False):
    """Who waits by a function, which costs less than a future, and of which room it is."""

    done: Done[Any]
    room: str


Waiter = asyncio.Future[Any] | Called


class Item(Struct, frozen=True):
    """
    What waits to be written, and who waits for it.

    The garbage collector knows it: an error that its waiter is given holds the frames through which
    it was raised, and what they have in their hands.
    """

    waiter: Waiter
    # One of the two.
    draft: Any
    job: Callable[[Connection], Any] | None
    pages: int = 1


class Result(Struct, frozen=True):
    """What came of an item; the garbage collector knows it, as it does that."""

    waiter: Waiter
    value: Any
    error: BaseException | None


def write(
    connection: Connection, batch: list[Item], append_run: AppendRun[Any, Any]
) -> Iterator[Result]:
    """
    Do all of *batch* in the transaction of *connection*, in its order.

    What a job or a draft raises is its own result, and undoes it alone; but for what is of
    the file, and so of all of them, which is raised.
    """
    for is_append, items in groupby(batch, key=lambda item: item.job is None):
        if is_append:
            yield from _write_appends(connection, list(items), append_run)
        else:
            for item in items:
                yield _write_job(connection, item)


def _write_appends(
    connection: Connection, items: list[Item], append_run: AppendRun[Any, Any]
) -> list[Result]:
    drafts = [item.draft for item in items]
    try:
        values = _guarded(connection, lambda: append_run(connection, drafts))
    except Exception as error:
        _raise_if_it_ends_the_batch(error)
        if is_late(error):
            # They wait for the same: each would wait as long again.
            raise
        if len(items) == 1:
            return [Result(items[0].waiter, None, error)]
        # One of them is at fault; the others are not to be harmed.
        alone = (_write_appends(connection, [item], append_run) for item in items)
        return [result for results in alone for result in results]
    return results_of(items, values)


def results_of(items: Sequence[Item], values: Sequence[Any]) -> list[Result]:
    """Return what came of appends: a value or an exception for each."""
    return [
        Result(item.waiter, None, value)
        if isinstance(value, Exception)
        else Result(item.waiter, value, None)
        for item, value in zip(items, values, strict=True)
    ]


def _write_job(connection: Connection, item: Item) -> Result:
    job = item.job
    assert job is not None
    try:
        return Result(item.waiter, _guarded(connection, lambda: job(connection)), None)
    except Exception as error:  # noqa: BLE001 - its caller gets it
        _raise_if_it_ends_the_batch(error)
        return Result(item.waiter, None, refusal(error) if is_late(error) else error)


def refused(batch: list[Item]) -> list[Result]:
    """Return that nothing of *batch* was done, or will be."""
    return [Result(item.waiter, None, Reject(Code.UNAVAILABLE)) for item in batch]


def _guarded(connection: Connection, work: Callable[[], T]) -> T:
    """Do *work*; undo it, and nothing else of the transaction, if it raises."""
    execute = raw(connection).execute
    execute("SAVEPOINT job")
    try:
        result = work()
    except BaseException as error:
        if not ends_the_batch(error):
            execute("ROLLBACK TO job")
            execute("RELEASE job")
        raise
    execute("RELEASE job")
    return result


def _raise_if_it_ends_the_batch(error: Exception) -> None:
    if ends_the_batch(error):
        raise error
