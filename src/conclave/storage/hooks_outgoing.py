"""
Outgoing webhooks: made, changed, ended, as queries and as jobs for the writer.

Which entry each is told next is said by `hooks_queue`.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert

from conclave.core.permissions import decide, may_hear
from conclave.core.text import MAX_NAME, clean_line
from conclave.model import (
    OPERATOR,
    Act,
    Action,
    By,
    DeadLetter,
    HookKind,
    OutgoingHook,
    RoomKind,
    Standing,
)
from conclave.protocol.errors import Code, Reject
from conclave.storage.audit import record
from conclave.storage.driver import raw
from conclave.storage.hooks_incoming import MOST, manages, where_for
from conclave.storage.lines import ulid
from conclave.storage.log import Log
from conclave.storage.tables import outgoing_hooks

BY_HAND: Final = "by hand"

_COLUMNS: Final = """
    SELECT h.id, r.name, h.name, h.url, h.kinds, h.created_by, h.created_at, h.disabled_at,
        h.disabled_why, h.failing_since, h.last, h.delivered,
        (SELECT count(*) FROM dead_letters WHERE hook = h.id)
    FROM outgoing_hooks h LEFT JOIN rooms r ON r.id = h.room
"""
_OF_ROOM: Final = f"{_COLUMNS} WHERE h.room = ? ORDER BY h.id"
_OF_PUBLIC: Final = f"{_COLUMNS} WHERE h.room IS NULL ORDER BY h.id"
_ALL: Final = f"{_COLUMNS} ORDER BY h.id"
_BY_ID: Final = f"{_COLUMNS} WHERE h.id = ?"
_BEGIN_ROOM: Final = "INSERT INTO hook_places SELECT ?, id, last_seq FROM rooms WHERE id = ?"
_BEGIN_PUBLIC: Final = (
    "INSERT INTO hook_places SELECT ?, id, last_seq FROM rooms"
    " WHERE kind = ? AND deleted_at IS NULL"
)
_ENABLE: Final = """
    UPDATE outgoing_hooks SET disabled_at = NULL, disabled_why = NULL, failing_since = NULL,
        tries = 0, due = 0 WHERE id = ?
"""
_DISABLE: Final = "UPDATE outgoing_hooks SET disabled_at = ?, disabled_why = ? WHERE id = ?"
_DEAD: Final = """
    SELECT d.id, r.name, d.seq, d.at, d.tries, d.why FROM dead_letters d
    JOIN rooms r ON r.id = d.room WHERE d.hook = ? AND d.id > ? ORDER BY d.id LIMIT ?
"""


def check_hooks(execute: Any, room: str | None, by: By, now: int) -> int | None:
    """Return the number of *room* where *by* may make hooks; None: of all public ones."""
    if room is not None:
        return where_for(execute, room, by, now).id
    ruling = decide(Act.MANAGE_BOTS, Standing(role=by.identity.role, scopes=by.identity.scopes))
    if ruling.code is not None:
        raise Reject(ruling.code)
    return None


def _check_hears(by: By) -> None:
    """Refuse a token that may only write: the webhook would read for whoever has it."""
    if by.actor != OPERATOR and not may_hear(by.identity):
        raise Reject(Code.FORBIDDEN)


def make_outgoing(
    connection: Connection,
    _log: Log,
    room: str | None,
    name: str,
    url: str,
    kinds: Iterable[HookKind],
    by: By,
    now: int,
) -> OutgoingHook:
    """Tell *url* of *kinds* of entries from now on."""
    execute = raw(connection).execute
    number = check_hooks(execute, room, by, now)
    _check_hears(by)
    listed = _OF_PUBLIC if number is None else _OF_ROOM
    if len(execute(listed, () if number is None else (number,)).fetchall()) >= MOST:
        raise Reject(Code.FORBIDDEN, f"There are {MOST} webhooks already")
    made = ulid(now)
    values = {
        "id": made,
        "room": number,
        "name": _name(name),
        "url": url,
        "kinds": msgspec.json.encode(
            [str(kind) for kind in HookKind if kind in set(kinds)]
        ).decode(),
        "created_by": by.actor,
        "created_at": now,
    }
    connection.execute(insert(outgoing_hooks).values(values))
    if number is None:
        execute(_BEGIN_PUBLIC, (made, str(RoomKind.PUBLIC)))
    else:
        execute(_BEGIN_ROOM, (made, number))
    _note(connection, by, Action.HOOK_CREATED, hook := find_outgoing(connection, made), now)
    return hook


def _name(name: str) -> str:
    line = clean_line(name[: 4 * MAX_NAME])
    if not 0 < len(line) <= MAX_NAME:
        raise Reject(Code.BAD_REQUEST, f"A webhook's name has 1 to {MAX_NAME} characters")
    return line


def outgoing_of(connection: Connection, room: str | None, by: By, now: int) -> list[OutgoingHook]:
    """Return those of *room*; all of the server if None."""
    execute = raw(connection).execute
    number = check_hooks(execute, room, by, now)
    rows = execute(_ALL) if number is None else execute(_OF_ROOM, (number,))
    return [outgoing(row) for row in rows]


def all_outgoing(connection: Connection) -> list[OutgoingHook]:
    return [outgoing(row) for row in raw(connection).execute(_ALL)]


def find_outgoing(connection: Connection, id_: str) -> OutgoingHook:
    """Return one; raises `not_found`."""
    row = raw(connection).execute(_BY_ID, (id_,)).fetchone()
    if row is None:
        raise Reject(Code.NOT_FOUND)
    return outgoing(row)


def find_for(connection: Connection, id_: str, by: By, now: int) -> OutgoingHook:
    """Return one that *by* may change; raises `not_found` for one they may not know of."""
    hook = find_outgoing(connection, id_)
    if not manages(by):
        try:
            check_hooks(raw(connection).execute, hook.room, by, now)
        except Reject:
            raise Reject(Code.NOT_FOUND) from None
    return hook


def enable(
    connection: Connection, _log: Log, id_: str, enabled: bool, by: By, now: int
) -> OutgoingHook:
    """Tell it again from where it ended, or no more."""
    hook = find_for(connection, id_, by, now)
    if enabled:
        # Who lets a room's words out must be one who may make such a hook.
        check_hooks(raw(connection).execute, hook.room, by, now)
        _check_hears(by)
        raw(connection).execute(_ENABLE, (id_,))
    else:
        raw(connection).execute(_DISABLE, (now, BY_HAND, id_))
    found = find_outgoing(connection, id_)
    _note(connection, by, Action.HOOK_CHANGED, found, now, outcome="on" if enabled else "off")
    return found


def revoke_outgoing(connection: Connection, _log: Log, id_: str, by: By, now: int) -> None:
    """Forget it, and what it was told in vain."""
    hook = find_for(connection, id_, by, now)
    raw(connection).execute("DELETE FROM outgoing_hooks WHERE id = ?", (id_,))
    _note(connection, by, Action.HOOK_REVOKED, hook, now)


def dead_letters(
    connection: Connection, id_: str, by: By, now: int, after: str, limit: int
) -> list[DeadLetter]:
    find_for(connection, id_, by, now)
    rows = raw(connection).execute(_DEAD, (id_, after, limit)).fetchall()
    return [
        DeadLetter(id=letter, room=room, seq=seq, at=at, tries=tries, why=why)
        for letter, room, seq, at, tries, why in rows
    ]


def drop_dead(connection: Connection, _log: Log, id_: str, letter: str, by: By, now: int) -> None:
    """Forget what was given up: it is not told any more."""
    hook = find_for(connection, id_, by, now)
    query = "DELETE FROM dead_letters WHERE hook = ? AND id = ?"
    if not raw(connection).execute(query, (id_, letter)).rowcount:
        raise Reject(Code.NOT_FOUND)
    _note(connection, by, Action.HOOK_CHANGED, hook, now, outcome="dropped")


def _note(
    connection: Connection, by: By, action: Action, hook: OutgoingHook, now: int, **said: Any
) -> None:
    note = by.note(action, room=hook.room, name=hook.name, id=hook.id, how="out", **said)
    record(connection, note, now=now)


def outgoing(row: tuple[Any, ...]) -> OutgoingHook:
    id_, room, name, url, kinds, created_by, created_at, disabled_at, *state = row
    why, failing_since, last, delivered, dead = state
    return OutgoingHook(
        id=id_,
        room=room,
        name=name,
        url=url,
        kinds=tuple(msgspec.json.decode(kinds, type=list[HookKind])),
        created_by=created_by,
        created_at=created_at,
        disabled_at=disabled_at,
        disabled_why=why,
        failing_since=failing_since,
        last=last,
        delivered=delivered,
        dead=dead,
    )
