"""What can go wrong below the rules, and what SQLite's error numbers mean for a writer."""

from typing import Final

from sqlalchemy.exc import DBAPIError

from conclave.protocol.errors import Code, Reject
from conclave.settings import CannotStart

# Primary result codes, https://www.sqlite.org/rescode.html
_BUSY: Final = frozenset({5, 6})  # BUSY, LOCKED: another process holds the file
_FULL: Final = frozenset({7, 9, 13})  # NOMEM, INTERRUPT, FULL: may pass
_BROKEN: Final = frozenset({8, 10, 11, 14, 26})  # READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB


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


def ends_the_batch(error: BaseException) -> bool:
    """Return whether *error* is of the file and not of the one job that met it."""
    return sqlite_code(error) in _BUSY | _FULL | _BROKEN


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
    return Reject(Code.BUSY if sqlite_code(error) in _BUSY else Code.UNAVAILABLE)
