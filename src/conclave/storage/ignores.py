"""Whom people ignore, as queries and as jobs for the writer."""

from typing import Final

from sqlalchemy import Connection

from conclave.model import Identity, Person, Role
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.log import Log
from conclave.storage.people import share_a_room, vouch_user
from conclave.storage.rights import find_known

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
    known = execute("SELECT 1 FROM users WHERE id = ?", (user,)).fetchone() is not None
    if not known or not _may_know(connection, who, user, now):
        raise Reject(Code.NO_SUCH_USER)
    if user == who.user:
        raise Reject(Code.FORBIDDEN, "Nobody ignores themselves")
    (already,) = execute("SELECT count(*) FROM ignores WHERE user = ?", (who.user,)).fetchone()
    if already >= MOST_IGNORED:
        raise Reject(Code.FORBIDDEN, "You ignore as many people as one may")
    made = execute("INSERT INTO ignores VALUES (?, ?) ON CONFLICT DO NOTHING", (who.user, user))
    return bool(made.rowcount > 0)


def _may_know(connection: Connection, who: Identity, user: str, now: int) -> bool:
    # Guests know those they share a room with; by ignoring they would find all the others.
    role = find_known(raw(connection).execute, None, who.user, now, who.role).standing.role
    return role is not Role.GUEST or user == who.user or share_a_room(connection, who.user, user)


def unignore(connection: Connection, _log: Log, who: Identity, user: str) -> bool:
    """Let *who* hear of *user* again; return whether they did not."""
    query = "DELETE FROM ignores WHERE user = ? AND ignored = ?"
    return bool(raw(connection).execute(query, (who.user, user)).rowcount > 0)


def ignored(connection: Connection, user: str) -> list[Person]:
    """Return whom *user* ignores, by their ids."""
    rows = raw(connection).execute(_LIST, (user,)).fetchall()
    return [Person(id=id_, name=name) for id_, name in rows]
