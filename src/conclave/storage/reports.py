"""
Messages that people reported, and what came of it; as queries and as jobs for the writer.

A report shows the message as it is now to who looks after the room, also to an admin who is
no member of it: whoever reports a message shows it.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from conclave.core.permissions import decide
from conclave.model import Act, Identity, Outcome, Report, RoomRole
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.lines import ulid
from conclave.storage.log import Log
from conclave.storage.rights import check_in, find_known, find_where, first_of

_extras: Final = msgspec.json.Decoder(dict[str, Any])
_FIND: Final = """
    SELECT deleted_seq FROM entries
    LEFT JOIN revised ON revised.room = entries.room AND revised.seq = entries.seq
    WHERE entries.room = ? AND entries.seq = ? AND entries.type = 'message'
"""
_ADD: Final = (
    'INSERT INTO reports (id, room, seq, user, reason, "at") VALUES (?, ?, ?, ?, ?, ?)'
    " ON CONFLICT (room, seq, user) DO NOTHING"
)
_SELECT: Final = """
    SELECT r.id, rooms.name, r.seq, coalesce(e.user, ''), coalesce(e.name, ''),
        coalesce(edit.text, e.text, ''), e.extra,
        r.user, r.reason, r."at",
        r.closed_by, r.closed_at, r.outcome
    FROM reports r JOIN rooms ON rooms.id = r.room AND rooms.deleted_at IS NULL
    LEFT JOIN entries e ON e.room = r.room AND e.seq = r.seq
    LEFT JOIN revised v ON v.room = r.room AND v.seq = r.seq
    LEFT JOIN entries edit ON edit.room = r.room AND edit.seq = v.edited_seq
"""
_CHOSEN: Final = (
    "(CASE WHEN r.closed_at IS NULL THEN 0 ELSE 1 END) = ? AND r.id > ? ORDER BY r.id LIMIT ?"
)
_OF_ROOM: Final = f"{_SELECT} WHERE r.room = ? AND {_CHOSEN}"
_OF_ALL: Final = f"{_SELECT} WHERE {_CHOSEN}"
_CLOSE: Final = (
    "UPDATE reports SET closed_by = ?, closed_at = ?, outcome = ?"
    " WHERE id = ? AND closed_at IS NULL"
)


def report(
    connection: Connection, _log: Log, room: str, by: Identity, seq: int, reason: str, now: int
) -> bool:
    """Note that *by* reports a message; return whether they had not done so before."""
    execute = raw(connection).execute
    where, known = check_in(execute, room, by, Act.REPORT, now)
    found = execute(_FIND, (where.id, seq)).fetchone()
    if found is None or found[0] is not None or seq < first_of(where, known):
        raise Reject(Code.NO_SUCH_MESSAGE)
    made = execute(_ADD, (ulid(now), where.id, seq, by.user, reason, now))
    return bool(made.rowcount > 0)


def reports_of(
    connection: Connection,
    room: str,
    by: Identity,
    now: int,
    closed: bool,
    after: str,
    limit: int,
) -> list[Report]:
    """Return the reports of *room* that are open, or closed, the oldest first."""
    execute = raw(connection).execute
    where, _ = check_in(execute, room, by, Act.SEE_REPORTS, now)
    return _reports(execute(_OF_ROOM, (where.id, closed, after, limit)))


def keepers(connection: Connection, room: str) -> list[str]:
    """Return who looks after *room*."""
    query = (
        "SELECT user FROM members JOIN rooms ON rooms.id = members.room"
        " WHERE rooms.name = ? AND role <> ? ORDER BY user"
    )
    rows = raw(connection).execute(query, (room, str(RoomRole.MEMBER)))
    return [user for (user,) in rows]


def all_reports(connection: Connection, closed: bool, after: str, limit: int) -> list[Report]:
    """Return the reports of all rooms, for admins: who asks has seen to that."""
    return _reports(raw(connection).execute(_OF_ALL, (closed, after, limit)))


def close_report(
    connection: Connection,
    _log: Log,
    id: str,  # noqa: A002 - a report's id
    by: Identity,
    outcome: Outcome,
    now: int,
) -> tuple[str, bool]:
    """
    Close a report; return its room, and whether it was open.

    One that *by* may not see is like one that is not there.
    """
    execute = raw(connection).execute
    query = "SELECT name FROM rooms WHERE id = (SELECT room FROM reports WHERE id = ?)"
    found = execute(query, (id,)).fetchone()
    where = None if found is None else find_where(execute, found[0])
    standing = find_known(execute, where, by.user, now, by.role).standing
    # Reports of direct rooms are for admins, to whom the rooms are not there.
    may = any(decide(act, standing).allowed for act in (Act.SEE_REPORTS, Act.SEE_ALL_REPORTS))
    if where is None or not may:
        raise Reject(Code.NOT_FOUND, "There is no such report")
    done = execute(_CLOSE, (by.user, now, str(outcome), id)).rowcount > 0
    return where.name, done


def _reports(rows: Any) -> list[Report]:
    return [_report(*row) for row in rows]


def _report(
    id: str,  # noqa: A002 - the report's
    room: str,
    seq: int,
    author: str,
    name: str,
    text: str,
    extra: str | None,
    user: str,
    reason: str,
    at: int,
    *closed: Any,
) -> Report:
    closed_by, closed_at, outcome = closed
    return Report(
        id=id,
        room=room,
        seq=seq,
        author=author,
        name=name,
        text=text or _attached(extra),
        user=user,
        reason=reason,
        at=at,
        closed_by=closed_by,
        closed_at=closed_at,
        outcome=None if outcome is None else Outcome(outcome),
    )


def _attached(extra: str | None) -> str:
    """Return the names of what is attached to a message, which may have no other words."""
    attachments = [] if extra is None else _extras.decode(extra).get("attachments", ())
    return ", ".join(one["name"] for one in attachments)
