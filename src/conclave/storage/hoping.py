"""
Append what waits as if nothing could be wrong with it, and be careful where something is.

A savepoint costs each page that is changed a copy, so there is none here: what fails is undone with
its whole transaction, and nothing is answered. Whoever asks does it again as `batch` says, each
so that it harms no other.
"""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection

from conclave.storage.batch import AppendRun, Item, Result, results_of
from conclave.storage.errors import ends_the_batch

D = TypeVar("D")
R = TypeVar("R")

# So many transactions are written with care after one that failed: who lets them fail on purpose,
# as with a request that comes again and again, has that done twice for one in so many.
CAREFUL: Final = 32


class _Undone(Exception):
    """What was begun is to be undone."""


class Hoping(Generic[D, R]):
    """Writes appends, for as long as that goes well; belongs to one thread."""

    def __init__(self, append_run: AppendRun[D, R]) -> None:
        self._append_run = append_run
        self._careful = 0

    def write(self, connection: Connection, batch: Sequence[Item]) -> list[Result] | None:
        """
        Return what came of *batch*, which is committed, or None if nothing was done.

        Raises what is of the file, and what the commit does: nobody knows then what is stored.
        """
        if self._careful:
            self._careful -= 1
            return None
        if any(item.job is not None for item in batch):
            return None
        try:
            with connection.begin():
                return results_of(batch, self._values(connection, batch))
        except _Undone:
            self._careful = CAREFUL
            return None

    def _values(self, connection: Connection, batch: Sequence[Item]) -> Sequence[R | Exception]:
        try:
            return self._append_run(connection, [item.draft for item in batch])
        except Exception as error:
            if ends_the_batch(error):
                raise
            raise _Undone from error
