"""
Guests whose time is over: their account goes, and what they wrote stays under their name.

A guest has one session and no password, so nobody comes back to an account whose session is
over. Nobody else ever gets its id: see `conclave.core.names`. To take away what they wrote
is not done here, but by `conclave.storage.erase`.
"""

from typing import Final

from sqlalchemy import Connection

from conclave.model import SERVER, Action, Entry, Identity, Note, Person, Role
from conclave.storage.audit import record
from conclave.storage.driver import raw
from conclave.storage.forgetting import forget_direct, forget_in_rooms
from conclave.storage.links import forget_links
from conclave.storage.log import Log
from conclave.storage.membership import end, removed

# Who has just been made gets a session in a moment.
GRACE_MS: Final = 600_000

# Accounts that people made or were invited to have another id, or a password. Who has reported
# something stays until that is closed: it would go along.
_OVER: Final = """
    SELECT u.id, u.display_name FROM users u
    WHERE u.role = 'guest' AND substr(u.id, 1, 6) = 'guest-' AND length(u.id) = 16
        AND instr('0123456789abcdef', substr(u.id, 7, 1)) > 0
        AND u.created_at <= :now - :grace AND (:id IS NULL OR u.id = :id)
        AND NOT EXISTS (SELECT 1 FROM passwords WHERE user = u.id)
        AND NOT EXISTS (SELECT 1 FROM tokens WHERE user = u.id AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > :now))
        AND NOT EXISTS (SELECT 1 FROM reports WHERE user = u.id AND closed_at IS NULL)
    ORDER BY u.created_at, u.id LIMIT :limit
"""
_ROOMS: Final = """
    SELECT rooms.id, rooms.name FROM members JOIN rooms ON rooms.id = room WHERE user = ?
"""


def guests_whose_time_is_over(connection: Connection, now: int, limit: int) -> list[str]:
    """Return the ids of up to *limit* guests to whom nobody can come back, the oldest first."""
    return [id_ for id_, _ in _over(connection, now, None, limit)]


def remove_guest(connection: Connection, log: Log, user: str, now: int) -> list[Entry]:
    """Remove *user* if their time is over still; return what was written to logs of rooms."""
    found = _over(connection, now, user, 1)
    if not found:
        return []
    execute = raw(connection).execute
    who = Identity(user=user, name=found[0][1], role=Role.GUEST)
    written: list[Entry] = []
    for id_, room in execute(_ROOMS, (user,)).fetchall():
        draft = removed(room, who, Person(id=user, name=who.name))
        written += end(connection, log, id_, draft)
    forget_direct(connection, user)
    forget_in_rooms(connection, user, user)
    forget_links(connection, user, user)
    execute("DELETE FROM subscriptions WHERE user = ?", (user,))
    execute("DELETE FROM tokens WHERE user = ?", (user,))
    execute("DELETE FROM users WHERE id = ?", (user,))
    record(connection, Note(action=Action.USER_REMOVED, actor=SERVER, target=user), now=now)
    return written


def _over(
    connection: Connection,
    now: int,
    id: str | None,  # noqa: A002 - a user's id
    limit: int,
) -> list[tuple[str, str]]:
    asked = {"now": now, "grace": GRACE_MS, "id": id, "limit": limit}
    rows: list[tuple[str, str]] = raw(connection).execute(_OVER, asked).fetchall()
    return rows
