"""Whom people ignore, as queries and as jobs for the writer."""

from typing import Final

from sqlalchemy import Connection

from conclave.model import Identity, Person
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.log import Log
from conclave.storage.people import vouch_user

# More than anybody wants to remember, and little enough to tell in one answer.
MOST_IGNORED: Final = 1_000

_LIST: Final = """
    SELECT users.id, users.display_name FROM ignores JOIN users ON users.id = ignored
    WHERE user = ? ORDER BY users.id
"""


def ignore(connection: Connection, _log: Log, who: Identity, user: str, now: int) -> bool:
    """Let *who* hear of *user* no more; return whether they did before."""
    execute = raw(connection).execute
    vouch_user(connection, who, now)
    if execute("SELECT 1 FROM users WHERE id = ?", (user,)).fetchone() is None:
        raise Reject(Code.NO_SUCH_USER)
    if user == who.user:
        raise Reject(Code.FORBIDDEN, "Nobody ignores themselves")
    (already,) = execute("SELECT count(*) FROM ignores WHERE user = ?", (who.user,)).fetchone()
    if already >= MOST_IGNORED:
        raise Reject(Code.FORBIDDEN, "You ignore as many people as one may")
    made = execute("INSERT OR IGNORE INTO ignores VALUES (?, ?)", (who.user, user))
    return bool(made.rowcount > 0)


def unignore(connection: Connection, _log: Log, who: Identity, user: str) -> bool:
    """Let *who* hear of *user* again; return whether they did not."""
    query = "DELETE FROM ignores WHERE user = ? AND ignored = ?"
    return bool(raw(connection).execute(query, (who.user, user)).rowcount > 0)


def ignored(connection: Connection, user: str) -> list[Person]:
    """Return whom *user* ignores, by their ids."""
    rows = raw(connection).execute(_LIST, (user,)).fetchall()
    return [Person(id=id_, name=name) for id_, name in rows]
