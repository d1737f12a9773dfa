"""
What can go wrong below the rules, and what the numbers of a database's errors mean for a writer.

SQLite's are numbers, PostgreSQL's five letters.
"""

from typing import Final

from sqlalchemy.exc import DBAPIError

from conclave.protocol.errors import Code, Reject
from conclave.settings import CannotStart

# Primary result codes, https://www.sqlite.org/rescode.html
_BUSY: Final = frozenset({5, 6})  # BUSY, LOCKED: another process holds the file
_FULL: Final = frozenset({7, 9, 13})  # NOMEM, INTERRUPT, FULL: may pass
_BROKEN: Final = frozenset({8, 10, 11, 14, 26})  # READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_AGAIN: Final = frozenset({"40001", "40P01"})  # could not be serialized, deadlock
_LATE: Final = frozenset({"55P03", "57014"})  # waited too long for a lock, took too long
_READS_ONLY: Final = "25006"
# Classes: connection, resources, limits, operators, system, internal, and no code at all.
_ENDING: Final = frozenset({"08", "40", "53", "54", "57", "58", "XX", ""})


class CannotOpen(CannotStart):
    """The data directory cannot be used; the text is one line for the operator."""


class CannotDo(Exception):
    """What the operator asked for cannot be done; the text is one line and names the fix."""


class StorageDamaged(Reject):
    """
    What was read is not what was written: a checksum does not match.

    To a client it is `unavailable`; the wrong text is never given to anybody.
    """

    def __init__(self, where: str) -> None:
        super().__init__(Code.UNAVAILABLE, "The server cannot read this now")
        self.where = where

    def __str__(self) -> str:
        return f"{self.where} is damaged: its checksum does not match"


def sqlite_code(error: BaseException) -> int:
    """Return the primary result code of a driver's error, bare or wrapped; 0 if it is none."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return int(getattr(cause, "sqlite_errorcode", 0)) & 0xFF


def sql_state(error: BaseException) -> str | None:
    """
    Return PostgreSQL's code of an error, bare or wrapped; None if it is none of its own.

    It is empty for what the server has not said: the connection is lost.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    state: str | None = getattr(cause, "sqlstate", "none")
    return None if state == "none" else state or ""


def ends_the_batch(error: BaseException) -> bool:
    """Return whether *error* is of the database and not of the one job that met it."""
    if (state := sql_state(error)) is not None:
        return state == _READS_ONLY or (state not in _LATE and state[:2] in _ENDING)
    return sqlite_code(error) in _BUSY | _FULL | _BROKEN


def may_be_tried_again(error: BaseException) -> bool:
    """Return whether the same transaction may go well now, others having gone first."""
    return sql_state(error) in _AGAIN


def is_late(error: BaseException) -> bool:
    """Return whether the database ended a statement that took or waited too long."""
    return sql_state(error) in _LATE


def is_broken(error: BaseException) -> bool:
    """
    Return whether nothing may be written any more.

    After a failed sync the kernel may have dropped the pages and call the next sync
    good («fsyncgate»), so trying again could acknowledge what is on no disk.
    """
    return sqlite_code(error) in _BROKEN


def reason(error: BaseException) -> str:
    """Return the driver's own words, without the statement and its values."""
    return str(error.orig) if isinstance(error, DBAPIError) else str(error)


def refusal(error: BaseException) -> Reject:
    """Return what a caller hears of *error*."""
    busy = sqlite_code(error) in _BUSY or is_late(error) or may_be_tried_again(error)
    return Reject(Code.BUSY if busy else Code.UNAVAILABLE)
