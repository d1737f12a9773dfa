"""
By what a transaction is known again, when nobody can say whether it was committed.

That the server has committed a transaction of its number is not enough: after a crash it gives
numbers which it had not written down yet to others. So what it wrote is looked for.
"""

import secrets
from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy import Connection

from conclave.model import Receipt
from conclave.storage.batch import Result
from conclave.storage.driver import raw

# Of the last forty jobs of all nodes, which come one after the other. What wrote nothing
# leaves nothing.
_MARK: Final = """
    INSERT INTO meta (key, value)
    SELECT 'jobs', CAST(? AS text) WHERE pg_current_xact_id_if_assigned() IS NOT NULL
    ON CONFLICT (key) DO UPDATE SET value = right(meta.value || excluded.value, 520)
"""
_MARKED: Final = "SELECT 1 FROM meta WHERE key = 'jobs' AND strpos(value, CAST(? AS text)) > 0"
_ENTRY: Final = """
    SELECT entries.id FROM rooms LEFT JOIN entries ON entries.room = rooms.id AND seq = ?2
    WHERE rooms.name = ?1
"""


class Written(NamedTuple):
    """What came of a batch, and the mark its transaction left, if it is one of jobs."""

    results: list[Result]
    mark: str = ""


# Says whether what was written is there, in a later transaction; None: nobody can say.
Stands = Callable[[Connection, Written], bool | None]


def left_mark(connection: Connection) -> str:
    """Leave a mark in the transaction of *connection*, which nobody else runs beside."""
    mark = f"{secrets.token_hex(6)} "
    raw(connection).execute(_MARK, (mark,))
    return mark


def stands(connection: Connection, written: Written) -> bool | None:
    """See `Stands`."""
    execute = raw(connection).execute
    if written.mark:
        # Or many others have left theirs since.
        return True if execute(_MARKED, (written.mark,)).fetchone() else None
    stored = [one.value for one in written.results if _is_new(one.value)]
    if not stored:
        return True
    # All of them, or none: it was one transaction.
    last: Receipt = stored[-1]
    found = execute(_ENTRY, (last.room, last.seq)).fetchone()
    return None if found is None else found[0] == last.id


def _is_new(value: object) -> bool:
    return isinstance(value, Receipt) and value.entry is not None
