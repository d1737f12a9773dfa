"""
The rows of the audit log, as queries and as jobs for the writer.

Who changes something in a transaction of their own calls `record` in it, so that there is
no act without its line; `conclave.storage.audit_log` writes the rest.
"""

from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, or_, select

from conclave.model import SYSTEM, Action, AuditLine, AuditQuery, Draft, Note
from conclave.storage.driver import driver, raw
from conclave.storage.tables import audit

MOST_LINES: Final = 500

_INSERT: Final = (
    "INSERT INTO audit (at, actor, action, target, room, address, details)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_FORGET_WORDS: Final = """
    UPDATE audit SET address = NULL,
        details = json_remove(details, '$.name', '$.before', '$.account', '$.reason', '$.outcome')
    WHERE actor = ?1 OR target = ?1
"""
_encode: Final = msgspec.json.Encoder(order="deterministic").encode
_decode: Final = msgspec.json.Decoder(dict[str, str | int]).decode


def record(connection: Connection, *notes: Note, now: int) -> None:
    """Write *notes* in the transaction of *connection*, as of *now* in milliseconds."""
    record_each(connection, ((now, note) for note in notes))


def record_deletion(execute: Callable[..., Any], room: int, draft: Draft, now: int) -> None:
    """Write down that the author of *draft* has deleted what another wrote, if so."""
    query = "SELECT user FROM entries WHERE room = ? AND seq = ?"
    seq = draft.extra["target"]
    (author,) = execute(query, (room, seq)).fetchone()
    if draft.user in (author, SYSTEM.user):
        return
    note = Note(
        action=Action.MESSAGE_DELETED,
        actor=draft.user,
        target=author,
        room=draft.room,
        address=draft.address,
        details={"seq": seq},
    )
    execute(_INSERT, _values(now, note))


def record_each(connection: Connection, notes: Iterable[tuple[int, Note]]) -> None:
    """Write notes, each with its own time."""
    raw(connection).executemany(_INSERT, [_values(at, note) for at, note in notes])


def _values(at: int, note: Note) -> tuple[object, ...]:
    said = _encode(note.details).decode() if note.details else None
    who = (note.actor, str(note.action), note.target, note.room)
    return (at, *who, note.address, said)


def find_lines(connection: Connection, query: AuditQuery) -> list[AuditLine]:
    """Return the lines that *query* asks for."""
    forward = query.after is not None
    order = audit.c.id.asc() if forward else audit.c.id.desc()
    most = max(1, min(query.limit, MOST_LINES))
    wanted = select(audit).where(*_conditions(query)).order_by(order).limit(most)
    return [_line(row) for row in connection.execute(wanted)]


def _conditions(query: AuditQuery) -> list[Any]:
    column = audit.c
    equal = ((query.actor, column.actor), (query.target, column.target), (query.room, column.room))
    found = [where == value for value, where in equal if value is not None]
    if query.user is not None:
        found.append(or_(column.actor == query.user, column.target == query.user))
    if query.action is not None:
        found.append(_is_action(query.action))
    bounds = (
        (query.since, column.at.__ge__),
        (query.until, column.at.__lt__),
        (query.after, column.id.__gt__),
        (query.before, column.id.__lt__),
    )
    return found + [compare(value) for value, compare in bounds if value is not None]


def _is_action(action: str) -> Any:
    if "." in action:
        return audit.c.action == action
    # The sign after the dot, so that no pattern is needed.
    return (audit.c.action > f"{action}.") & (audit.c.action < f"{action}/")


def _line(row: Row[Any]) -> AuditLine:
    return AuditLine(
        id=row.id,
        at=row.at,
        actor=row.actor,
        action=row.action,
        target=row.target,
        room=row.room,
        address=row.address,
        details=_decode(row.details) if row.details else {},
    )


def forget_before(connection: Connection, at: int, rows: int) -> int:
    """
    Forget up to *rows* of the oldest lines, those from before *at*; return how many went.

    The last line stays in any case: its number must not be given again.
    """
    execute = raw(connection).execute
    query = "SELECT id, at FROM audit WHERE id < (SELECT max(id) FROM audit) ORDER BY id LIMIT ?"
    going = 0
    last = None
    for id_, then in execute(query, (rows,)).fetchall():
        if then >= at:
            break
        going, last = going + 1, id_
    if last is not None:
        execute("DELETE FROM audit WHERE id <= ?", (last,))
    return going


def rename_in_audit(connection: Connection, user: str, pseudonym: str) -> None:
    """Let every line that names *user* name *pseudonym*, without addresses and words."""
    execute = raw(connection).execute
    execute(_FORGET_WORDS, (user,))
    execute("UPDATE audit SET actor = ? WHERE actor = ?", (pseudonym, user))
    execute("UPDATE audit SET target = ? WHERE target = ?", (pseudonym, user))


def record_at_rest(database: Path, note: Note, now: int) -> None:
    """
    Write *note* into *database*, which no server has open; hold the lock of its directory.

    What cannot be written there is not: a medium that is read-only, an older schema.
    """
    with suppress(driver().Error), closing(driver().connect(database)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_INSERT, _values(now, note))
        connection.commit()
