"""
Delete whole rooms: nobody sees one from that moment on, and its log is erased behind that.

Its name is free again when nothing of it is left. What remains for good is a row with its
number alone, so that no other room ever gets it; and for 90 days that the request was made.
"""

import secrets
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from conclave.model import Act, Draft, Identity
from conclave.protocol.errors import Code, Reject
from conclave.storage.attached import let_go
from conclave.storage.compact import note_erasure
from conclave.storage.driver import raw
from conclave.storage.lines import pend
from conclave.storage.log import Log
from conclave.storage.purge import Keep, Purge
from conclave.storage.rights import check_in
from conclave.storage.rooms import member_ids
from conclave.storage.sqlstore import SqlStore

DELETE: Final = "room:delete"

_OF_ROOM: Final = (
    "members", "sanctions", "reports", "links", "dead_letters", "hook_places", "incoming_hooks",
    "outgoing_hooks", "command_hooks",
)  # fmt: skip
_ROWS: Final = 500
# The rows that nothing is left of have nobody who made them.
_UNFINISHED: Final = (
    "SELECT id, last_seq, first_seq <= last_seq FROM rooms"
    " WHERE deleted_at IS NOT NULL AND created_by <> ''"
)
_NOTE: Final = """
    INSERT INTO requests (room, user, client_id, digest, seq, message_id, timestamp)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (room, user, client_id) DO UPDATE SET
    digest = excluded.digest, seq = excluded.seq, message_id = excluded.message_id,
    timestamp = excluded.timestamp
"""
_DONE_BEFORE: Final = """
    SELECT 1 FROM rooms JOIN requests ON requests.room = rooms.id
    WHERE deleted_at IS NOT NULL AND user = ? AND client_id = ? AND digest = ?
"""


def delete_room(
    connection: Connection, _log: Log, room: str, by: Identity, client_id: str | None, now: int
) -> list[str] | None:
    """Let nobody see *room* any more; return who was in it, None if this was done before."""
    execute = raw(connection).execute
    digest = _digest(room, by, client_id)
    try:
        where, _ = check_in(execute, room, by, Act.DELETE_ROOM, now)
    except Reject as no:
        asked = (by.user, client_id, digest)
        if no.code == Code.NO_SUCH_ROOM and execute(_DONE_BEFORE, asked).fetchone():
            return None
        raise
    people = member_ids(connection, room)
    _hide(execute, where.id, now)
    # Those of messages go with these.
    let_go(raw(connection).cursor(), "room = ? AND seq IS NULL", (where.id,))
    note_erasure(raw(connection).cursor())
    if digest is not None:
        row = (where.id, by.user, client_id, digest, 0, "", now)
        execute(_NOTE, row)
    return people


def _digest(room: str, by: Identity, client_id: str | None) -> bytes | None:
    asked = {"room": room}
    draft = Draft(
        room=room, user=by.user, name=by.name, type=DELETE, extra=asked, client_id=client_id
    )
    return pend(draft).digest


def _hide(execute: Any, room: int, now: int) -> None:
    execute(
        "UPDATE rooms SET deleted_at = ?, direct_key = NULL, title = '', topic = '' WHERE id = ?",
        (now, room),
    )
    # How often its entry was tried by webhooks of all rooms does not count for the next one.
    execute("UPDATE outgoing_hooks SET tries = 0 WHERE room IS NULL AND tries > 0")
    for table in _OF_ROOM:
        execute(f"DELETE FROM {table} WHERE room = ?", (room,))  # noqa: S608 - words of this module


class Deletions:
    """Erases the logs of the rooms of *store* that are deleted, in slices."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._purge = Purge(store, Keep())

    async def run(self) -> None:
        """Erase all that there is to erase; an interrupted one goes on with the next call."""
        for room, last, some in await self._store.read(_unfinished):
            if some:
                await self._purge.forget(room, last)
            while await self._store.write(partial(_forget_requests, room=room)):
                pass
            await self._store.write(partial(_finish, room=room))
            self._store.empty_wal()


def _unfinished(connection: Connection) -> list[tuple[int, int, bool]]:
    rows = raw(connection).execute(_UNFINISHED).fetchall()
    return [(room, last, bool(some)) for room, last, some in rows]


def _forget_requests(connection: Connection, _log: Log, room: int) -> bool:
    """Forget some of what was asked in the room; return whether there may be more."""
    query = (
        "DELETE FROM requests WHERE (room, user, client_id) IN"
        " (SELECT room, user, client_id FROM requests WHERE room = ? AND seq > 0 LIMIT ?)"
    )
    return bool(raw(connection).execute(query, (room, _ROWS)).rowcount)


def _finish(connection: Connection, _log: Log, room: int) -> None:
    """Leave the number alone: the name is free."""
    name = f"deleted-{secrets.token_hex(16)}"
    raw(connection).execute(
        "UPDATE rooms SET name = ?, folded = ?, created_by = '', created_at = 0 WHERE id = ?",
        (name, name, room),
    )
