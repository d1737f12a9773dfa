"""
A connection of psycopg that speaks as the driver of SQLite does.

So the functions of the storage, which are plain code over `raw(connection)`, serve both.
What a statement raises is a `DBAPIError` here, as from SQLAlchemy itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count, islice
from typing import Any, Final

import psycopg
from sqlalchemy.exc import OperationalError

from conclave.storage.postgres.sql import Statement, translated
from conclave.storage.postgres.words import Tsvector
from conclave.storage.rights import ROOM

# Whoever asks for a room in order to write has its row until the end: everybody else who
# writes to this room waits, and to no other.
_LOCKED: Final = {ROOM: f"{ROOM} FOR NO KEY UPDATE"}
# Rows that one statement inserts.
_ROWS_AT_ONCE: Final = 500

Values = Sequence[Any] | Mapping[str, Any]


@contextmanager
def _as_sqlalchemy_says(connection: "psycopg.Connection[Any]") -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        # Without the statement and its values: those are what people say.
        lost = connection.closed
        raise OperationalError(None, None, error, connection_invalidated=lost) from error


class Gathered:
    """What was sent by one connection, and is not waited for: see `Spoken.gathering`."""

    def __init__(self) -> None:
        self.pipeline: psycopg.Pipeline | None = None
        # Statements that were sent, and how many of them have been answered.
        self.sent = self.answered = 0

    def settle(self, number: int) -> None:
        """Wait for the answer of the statement of this *number*, and of all before it."""
        if self.pipeline is not None and number > self.answered:
            self.answered = self.sent
            self.pipeline.sync()


class Cursor:
    """What `sqlite3.Cursor` is to the storage; its rows are there once it has executed."""

    # See `search_index`.
    index = Tsvector
    # See `compact`: what is deleted is vacuumed by the server.
    leaves_gaps = False

    def __init__(
        self,
        connection: "psycopg.Connection[Any]",
        *,
        writes: bool,
        gathered: Gathered | None = None,
    ) -> None:
        self._connection = connection
        self._writes = writes
        self._gathered = gathered or Gathered()
        self._number = 0
        self._cursor = self._planned = connection.cursor()
        self._plain: psycopg.ClientCursor[Any] | None = None

    def execute(self, statement: str, values: Values = ()) -> "Cursor":
        if self._writes:
            statement = _LOCKED.get(statement, statement)
        said = translated(statement)
        return self._run(said.text, said.values(values), plain=said.untyped)

    def executemany(self, statement: str, values: Iterable[Values]) -> "Cursor":
        said = translated(statement)
        if said.row:
            return self._insert(said, iter(values))
        for one in values:
            self._run(said.text, said.values(one), plain=said.untyped)
        return self

    def _insert(self, said: Statement, rows: Iterator[Values]) -> "Cursor":
        """Insert many rows by few statements: each is a way there and back."""
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            text = said.head + ", ".join([said.row] * len(some))
            values = [value for row in some for value in said.values(row)]
            self._run(text, values, plain=len(some) > 1)
        return self

    def _run(self, text: str, values: Any, *, plain: bool = False) -> "Cursor":
        """Run *text*, which the server plans once if it is asked often, or each time: *plain*."""
        with _as_sqlalchemy_says(self._connection):
            self._cursor = self._put_in() if plain else self._planned
            self._cursor.execute(text, values)
        self._gathered.sent = self._number = self._gathered.sent + 1
        return self

    def _settle(self) -> None:
        with _as_sqlalchemy_says(self._connection):
            self._gathered.settle(self._number)

    def _put_in(self) -> "psycopg.Cursor[Any]":
        """Return what puts the parameters into the statement, by libpq's own quoting."""
        self._plain = self._plain or psycopg.ClientCursor(self._connection)
        return self._plain

    def fetchone(self) -> Any:
        self._settle()
        return self._cursor.fetchone() if self._cursor.description else None

    def fetchall(self) -> list[Any]:
        self._settle()
        return self._cursor.fetchall() if self._cursor.description else []

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    @property
    def rowcount(self) -> int:
        self._settle()
        return self._cursor.rowcount

    @property
    def said(self) -> str | None:
        """What the server says that it did."""
        self._settle()
        return self._cursor.statusmessage

    def close(self) -> None:
        self._planned.close()
        if self._plain is not None:
            self._plain.close()


class Stream(Cursor):
    """A cursor whose rows come some at a time, in the transaction: there may be many."""

    _numbers = count()

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        super().__init__(connection, writes=False)
        self._name = f"stream{next(self._numbers)}"

    def execute(self, statement: str, values: Values = ()) -> "Stream":
        said = translated(f"DECLARE {self._name} NO SCROLL CURSOR FOR {statement}")
        self._run(said.text, said.values(values), plain=True)
        return self

    def fetchone(self) -> Any:
        """Return the first row, and no other afterwards."""
        self._run(f"FETCH 1 FROM {self._name}", (), plain=True)
        found = super().fetchone()
        self._run(f"CLOSE {self._name}", (), plain=True)
        return found

    def fetchall(self) -> list[Any]:
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        while True:
            self._run(f"FETCH {_ROWS_AT_ONCE} FROM {self._name}", (), plain=True)
            some = super().fetchall()
            if not some:
                # Of a long export there would be thousands.
                self._run(f"CLOSE {self._name}", (), plain=True)
                return
            yield from some


class Spoken:
    """What `sqlite3.Connection` is to the storage, over a connection of psycopg."""

    index = Tsvector

    def __init__(self, connection: "psycopg.Connection[Any]", *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self._gathered = Gathered()

    def streaming(self) -> "Spoken":
        """Return one whose rows come some at a time; it only reads, in a transaction."""
        return _Streaming(self._connection, writes=False)

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """
        Send a statement whose answer nobody waits for together with the next: a way there less.

        What it raises is raised by a later one then, or at the end. Begin a transaction in it, and
        commit it last; what has raised is undone.
        """
        self._connection.autocommit = True
        try:
            with (
                _as_sqlalchemy_says(self._connection),
                self._connection.pipeline() as self._gathered.pipeline,
            ):
                yield
        except BaseException:
            self._undo()
            raise
        finally:
            self._gathered.pipeline = None
            if not self._connection.closed:
                self._connection.autocommit = False

    def _undo(self) -> None:
        try:
            self._connection.rollback()
        except psycopg.Error:
            # Whatever it is at, nobody goes on with it.
            self._connection.close()

    @contextmanager
    def by_itself(self) -> Iterator[None]:
        """See `driver.by_itself`; not within a transaction."""
        self._connection.autocommit = True
        try:
            yield
        finally:
            if not self._connection.closed:
                self._connection.autocommit = False

    @property
    def closed(self) -> bool:
        """Whether nothing can be asked by it any more."""
        return self._connection.closed

    def cursor(self) -> Cursor:
        return Cursor(self._connection, writes=self._writes, gathered=self._gathered)

    def execute(self, statement: str, values: Values = ()) -> Cursor:
        return self.cursor().execute(statement, values)

    def executemany(self, statement: str, values: Iterable[Values]) -> Cursor:
        return self.cursor().executemany(statement, values)

    def set_progress_handler(self, _look: object, _steps: int) -> None:
        """Nothing: nobody is called while the server works."""

    def interrupt(self) -> None:
        """Nothing: the server ends a statement that takes too long."""


class _Streaming(Spoken):
    def cursor(self) -> Cursor:
        return Stream(self._connection)
