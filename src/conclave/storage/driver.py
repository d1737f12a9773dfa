"""
Which SQLite this is, and how its connections are set up.

`pysqlite3` brings a SQLite of its own; where it has no wheel the standard `sqlite3`
serves, with a warning: releases before 3.51.3 can damage a WAL that several connections
write and checkpoint (https://www.sqlite.org/wal.html#walresetbug). Here one connection
does both, so the bug needs a second process to bite, and the lock keeps that out.
"""

import importlib
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler, SQLiteDialect
from sqlalchemy.sql.elements import ClauseElement

_log = structlog.get_logger("conclave.storage")

SAFE: Final = (3, 51, 3)
# How long a statement waits for another process that holds the file. Who sends waits for
# the batch before their own, too, and is told within five seconds.
_BUSY_MS: Final = 2_000
# How a transaction begins that only reads.
_READING: Final = "BEGIN"
_WRITER_CACHE_KIB: Final = 32_768
_READER_CACHE_KIB: Final = 8_192


@cache
def driver() -> ModuleType:
    """Return the module that speaks to SQLite; warn once if it is not a safe one."""
    try:
        found = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        found = sqlite3
        _log.warning("sqlite_standard", advice="pysqlite3 is not installed: sqlite3 serves")
    version = sqlite_version(found)
    if version < SAFE:
        _log.warning(
            "sqlite_old",
            version=".".join(map(str, version)),
            advice="before 3.51.3 another process must not open the file while this one runs",
        )
    return found


def sqlite_version(module: ModuleType) -> tuple[int, ...]:
    return tuple(map(int, str(module.sqlite_version).split(".")))


def writing_engine(path: Path) -> Engine:
    """Return an engine whose transactions begin as writers and end on the disk."""
    return _engine(
        path,
        "BEGIN IMMEDIATE",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        # The writer checkpoints itself: SQLite's own hook swallows a failed sync.
        "PRAGMA wal_autocheckpoint = 0",
        # What is deleted is overwritten, in the pages that stay and in those that are free.
        "PRAGMA secure_delete = ON",
        f"PRAGMA cache_size = -{_WRITER_CACHE_KIB}",
    )


def reading_engine(path: Path) -> Engine:
    """Return an engine that cannot write and whose transactions see one moment."""
    return _engine(
        path,
        _READING,
        "PRAGMA query_only = ON",
        "PRAGMA wal_autocheckpoint = 0",
        f"PRAGMA cache_size = -{_READER_CACHE_KIB}",
    )


def migrating_engine(path: Path) -> Engine:
    """
    Return an engine for changing the schema, outside of WAL and with foreign keys off.

    A table that others refer to is changed by making it anew, which enforced foreign keys
    forbid; whoever uses this checks them at the end.
    """
    return _engine(
        path, "BEGIN IMMEDIATE", "PRAGMA foreign_keys = OFF", "PRAGMA synchronous = FULL"
    )


class _Compiler(SQLiteCompiler):
    """
    Writes hints as they are given: `with_hint(entries, "INDEXED BY …")`.

    SQLite prefers the primary key to any partial index, however many rows it then walks.
    """

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:  # noqa: ARG002
        return text


def _engine(path: Path, begin: str, *pragmas: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        module=driver(),
        # Every thread opens the one connection it keeps.
        poolclass=NullPool,
        connect_args={"isolation_level": None, "timeout": _BUSY_MS / 1000},
    )

    engine.dialect.statement_compiler = _Compiler

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        for pragma in pragmas:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # The driver would begin before some statements and not before others.
        spoken = raw(connection)
        if spoken.in_transaction:
            if begin == _READING:
                # Within `one_moment`.
                return
            # What could not be undone when it failed: nobody was told that it is stored.
            spoken.rollback()
        spoken.execute(begin)

    return engine


def for_driver(statement: ClauseElement) -> tuple[str, dict[str, Any]]:
    """Return *statement* as the driver takes it, and those of its values that are known."""
    dialect = SQLiteDialect(paramstyle="named")
    dialect.statement_compiler = _Compiler
    made = statement.compile(dialect=dialect)
    return str(made), {name: value for name, value in made.params.items() if value is not None}


def is_lost(connection: Connection) -> bool:
    """Return whether *connection* has lost its server and can ask nothing any more."""
    if connection.closed or connection.invalidated:
        return True
    return bool(getattr(connection.connection.dbapi_connection, "closed", False))


def let_go(connection: Connection) -> None:
    """Close *connection*, which has lost its server: there is nothing to undo by it any more."""
    if not connection.closed:
        connection.invalidate()
        connection.close()


@contextmanager
def one_moment(connection: Connection) -> Iterator[None]:
    """
    Let all that is read within see one moment of SQLite's file; nothing may be written.

    As `connection.begin()`, which costs as much as five statements.
    """
    spoken = raw(connection)
    spoken.execute(_READING)
    try:
        yield
    finally:
        if connection.in_transaction():
            # A statement of SQLAlchemy's came, and with it what it knows of the transaction.
            connection.rollback()
        spoken.rollback()


def by_itself(connection: Connection) -> AbstractContextManager[Any]:
    """
    Let each statement given to the driver be a transaction of its own.

    With PostgreSQL to begin one and to end it are ways there and back like any other; SQLite's
    statements are that anyway.
    """
    spoken = raw(connection)
    found: AbstractContextManager[Any] = getattr(spoken, "by_itself", nullcontext)()
    return found


def raw(connection: Connection) -> Any:
    """
    Return the driver's own connection below *connection*.

    That of PostgreSQL is asked through one that speaks as SQLite's does.
    """
    own = connection.connection.dbapi_connection
    return getattr(own, "spoken", own)
