"""
What each outgoing webhook is told next, and what became of it.

The log is the queue: a place in each room says how far a webhook has come, so that nothing is
put in line when something is said, and a restart forgets nothing. What is deleted before its
turn is told as it is then: without its text.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from conclave.core.permissions import decide
from conclave.model import (
    OPERATOR,
    SERVER,
    Act,
    Action,
    Delivery,
    Entry,
    HookBacklog,
    HookTurn,
    Note,
    OutgoingHook,
    RoomKind,
    details,
)
from conclave.protocol.errors import Code, Reject
from conclave.storage.audit import record
from conclave.storage.driver import raw
from conclave.storage.hooks_outgoing import find_outgoing
from conclave.storage.lines import Row, to_entry, ulid
from conclave.storage.log import Log
from conclave.storage.rights import Execute, find_known, find_where

T = TypeVar("T")

# Of one webhook; the oldest goes.
MOST_DEAD: Final = 1_000
# Nobody has to know more exactly how far behind one is, and counting takes its time.
_MOST_COUNTED: Final = 1_000
# Entries of other kinds that are passed at once: fewer are looked at again.
_FAR: Final = 200

# The rooms it has not heard everything of, with how far it is.
_BEHIND: Final = """
    SELECT r.id, r.name, coalesce(p.seq, 0), r.last_seq FROM rooms r
    LEFT JOIN hook_places p ON p.hook = ?1 AND p.room = r.id
    WHERE r.deleted_at IS NULL AND r.last_seq > coalesce(p.seq, 0)
        AND (r.id = ?2 OR (?2 IS NULL AND r.kind = ?3))
"""
_WAITING: Final = """
    SELECT count(*) FROM (SELECT 1 FROM rooms r
        LEFT JOIN hook_places p ON p.hook = ?1 AND p.room = r.id
        JOIN entries e ON e.room = r.id AND e.seq > coalesce(p.seq, 0)
        WHERE r.deleted_at IS NULL AND r.last_seq > coalesce(p.seq, 0)
            AND (r.id = ?2 OR (?2 IS NULL AND r.kind = ?3))
            AND e.type IN (SELECT value FROM json_each(?4))
        LIMIT ?5) AS waiting
"""
_ROOM_OF: Final = "SELECT room, due, tries FROM outgoing_hooks WHERE id = ? AND disabled_at IS NULL"
_ROW: Final = (
    "SELECT seq, id, type, user, name, timestamp, text, extra, count, client_id, checksum"
    " FROM entries WHERE room = ?"
)
_NEXT: Final = (
    f"{_ROW} AND seq > ? AND type IN"  # noqa: S608 - a constant
    " (SELECT value FROM json_each(?)) ORDER BY seq LIMIT 1"
)
_AT: Final = f"{_ROW} AND seq = ?"
_PLACE: Final = """
    INSERT INTO hook_places VALUES (?, ?, ?)
    ON CONFLICT (hook, room) DO UPDATE SET seq = max(hook_places.seq, excluded.seq)
"""
_SKIP: Final = """
    INSERT INTO hook_places SELECT ?1, ?2, ?3 WHERE EXISTS
        (SELECT 1 FROM outgoing_hooks WHERE id = ?1)
        AND EXISTS (SELECT 1 FROM rooms WHERE id = ?2 AND deleted_at IS NULL)
    ON CONFLICT (hook, room) DO UPDATE SET seq = max(hook_places.seq, excluded.seq)
"""
_TAKEN: Final = """
    UPDATE outgoing_hooks SET delivered = delivered + 1, failing_since = NULL, tries = 0, due = 0,
        last = ? WHERE id = ?
"""
_FAILED: Final = """
    UPDATE outgoing_hooks SET failing_since = coalesce(failing_since, ?), last = ?, tries = ?,
        due = ? WHERE id = ?
"""
_GIVEN_UP: Final = "UPDATE outgoing_hooks SET last = ?, tries = 0, due = ? WHERE id = ?"
_TOO_MANY: Final = """
    DELETE FROM dead_letters WHERE hook = ?1 AND id NOT IN
        (SELECT id FROM dead_letters WHERE hook = ?1 ORDER BY id DESC LIMIT ?2)
"""
# Of a room that may be made only now: which webhooks have nothing of it before them.
_LEVEL: Final = """
    SELECT h.id FROM outgoing_hooks h
    LEFT JOIN rooms r ON r.name = ?1 AND r.deleted_at IS NULL
    LEFT JOIN hook_places p ON p.hook = h.id AND p.room = r.id
    WHERE (h.room IS NULL OR h.room = r.id) AND NOT EXISTS
        (SELECT 1 FROM entries e WHERE e.room = r.id AND e.seq > coalesce(p.seq, 0)
            AND e.type IN (SELECT value FROM json_each(h.kinds)))
"""
_MOVE_ON: Final = """
    INSERT INTO hook_places SELECT ?1, id, last_seq FROM rooms
    WHERE name = ?2 AND deleted_at IS NULL
    ON CONFLICT (hook, room) DO UPDATE SET seq = max(hook_places.seq, excluded.seq)
"""


def untold(room: str, work: Callable[[Connection, Log], T]) -> Callable[[Connection, Log], T]:
    """Return *work*, which writes to *room* what was said long ago: no webhook is told of it."""

    def job(connection: Connection, log: Log) -> T:
        level = raw(connection).execute(_LEVEL, (room,)).fetchall()
        done = work(connection, log)
        raw(connection).cursor().executemany(_MOVE_ON, [(hook, room) for (hook,) in level])
        return done

    return job


def next_of(connection: Connection, hook: OutgoingHook, now: int) -> HookTurn:
    """Return the oldest entry that *hook* has not been told."""
    execute = raw(connection).execute
    found = execute(_ROOM_OF, (hook.id,)).fetchone()
    if found is None:
        return HookTurn(told=False)
    room, due, tries = found
    if not is_backed(execute, hook.room, hook.created_by, now):
        return HookTurn(backed=False)
    oldest: Entry | None = None
    passed: list[tuple[int, int]] = []
    for id_, name, seq, last in execute(_BEHIND, (hook.id, room, str(RoomKind.PUBLIC))).fetchall():
        row = execute(_NEXT, (id_, seq, _json(hook))).fetchone()
        if row is None:
            passed += [(id_, last)] if last - seq >= _FAR else []
            continue
        entry = to_entry(name, Row(*row))
        if oldest is None or _age(entry) < _age(oldest):
            oldest = entry
    told = None if oldest is None else Delivery(hook=hook, entry=oldest)
    return HookTurn(delivery=told, due=due, tries=tries, passed=tuple(passed))


def backlog(connection: Connection, hooks: Iterable[OutgoingHook]) -> HookBacklog:
    """Count what waits for *hooks*, of each as far as anybody wants to know, and dead letters."""
    execute = raw(connection).execute
    waiting = sum(_waiting(execute, hook) for hook in hooks)
    (dead,) = execute("SELECT count(*) FROM dead_letters").fetchone()
    return HookBacklog(waiting=waiting, dead=dead)


def _waiting(execute: Any, hook: OutgoingHook) -> int:
    found = execute(_ROOM_OF, (hook.id,)).fetchone()
    if found is None:
        return 0
    asked = (hook.id, found[0], str(RoomKind.PUBLIC), _json(hook), _MOST_COUNTED)
    return int(execute(_WAITING, asked).fetchone()[0])


def is_backed(execute: Execute, room: str | None, maker: str, now: int) -> bool:
    """Return whether *maker* could make a webhook there: what is said must be theirs to have."""
    if maker == OPERATOR:
        return True
    where = None if room is None else find_where(execute, room)
    standing = find_known(execute, where, maker, now).standing
    return decide(Act.MANAGE_BOTS if room is None else Act.HOOK, standing).allowed


def skip(connection: Connection, _log: Log, hook: str, passed: Iterable[tuple[int, int]]) -> None:
    """Let it not look again at what it is not told of."""
    for room, seq in passed:
        raw(connection).execute(_SKIP, (hook, room, seq))


def _age(entry: Entry) -> tuple[int, str, int]:
    return entry.timestamp, entry.room, entry.seq


def _json(hook: OutgoingHook) -> str:
    # Words of our own: nothing in them is to be escaped.
    return "[" + ",".join(f'"{kind}"' for kind in hook.kinds) + "]"


def taken(connection: Connection, _log: Log, done: Delivery, last: str) -> None:
    execute = raw(connection).execute
    _move(execute, done)
    execute(_TAKEN, (last, done.hook.id))


def failed(
    connection: Connection, _log: Log, done: Delivery, last: str, tries: int, due: int, now: int
) -> None:
    """Try the same again when it is *due*."""
    raw(connection).execute(_FAILED, (now, last, tries, due, done.hook.id))


def give_up(
    connection: Connection, _log: Log, done: Delivery, last: str, tries: int, due: int, now: int
) -> bool:
    """Put it aside, and go on with the next when that is *due*; False: there is none any more."""
    execute = raw(connection).execute
    number = _move(execute, done)
    execute(_GIVEN_UP, (last, due, done.hook.id))
    if number is None:
        return False
    letter = (ulid(now), done.hook.id, number, done.entry.seq, now, tries, last)
    execute("INSERT INTO dead_letters VALUES (?, ?, ?, ?, ?, ?, ?)", letter)
    execute(_TOO_MANY, (done.hook.id, MOST_DEAD))
    return True


def _move(execute: Any, done: Delivery) -> int | None:
    """Let the webhook's place be behind what it was told; None: it is gone, or the room is."""
    query = (
        "SELECT r.id FROM rooms r, outgoing_hooks h"
        " WHERE r.name = ? AND r.deleted_at IS NULL AND h.id = ?"
    )
    row = execute(query, (done.entry.room, done.hook.id)).fetchone()
    if row is None:
        return None
    execute(_PLACE, (done.hook.id, row[0], done.entry.seq))
    return int(row[0])


def turn_off(connection: Connection, _log: Log, hook: OutgoingHook, why: str, now: int) -> None:
    """Tell *hook* nothing more until somebody turns it on again."""
    query = (
        "UPDATE outgoing_hooks SET disabled_at = ?, disabled_why = ?"
        " WHERE id = ? AND disabled_at IS NULL"
    )
    if raw(connection).execute(query, (now, why, hook.id)).rowcount:
        said = details({"name": hook.name, "id": hook.id, "why": why})
        note = Note(action=Action.HOOK_DISABLED, actor=SERVER, room=hook.room, details=said)
        record(connection, note, now=now)


def find_dead(connection: Connection, hook: str, letter: str, now: int) -> Delivery | None:
    """
    Return what *letter* says, if its entry is still there.

    Raises `forbidden` where who made the webhook could not make it now: it is not theirs to have.
    """
    execute = raw(connection).execute
    query = (
        "SELECT r.id, r.name, d.seq FROM dead_letters d JOIN rooms r ON r.id = d.room"
        " WHERE d.hook = ? AND d.id = ?"
    )
    found = execute(query, (hook, letter)).fetchone()
    row = None if found is None else execute(_AT, (found[0], found[2])).fetchone()
    if row is None:
        return None
    try:
        told = Delivery(hook=find_outgoing(connection, hook), entry=to_entry(found[1], Row(*row)))
    except Reject:
        return None
    if not is_backed(execute, told.hook.room, told.hook.created_by, now):
        raise Reject(Code.FORBIDDEN, "Who made this webhook may not any more: make another")
    return told


def forget_dead(connection: Connection, _log: Log, letter: str) -> None:
    raw(connection).execute("DELETE FROM dead_letters WHERE id = ?", (letter,))


def tried_again(connection: Connection, _log: Log, letter: str, why: str) -> None:
    query = "UPDATE dead_letters SET tries = tries + 1, why = ? WHERE id = ?"
    raw(connection).execute(query, (why, letter))
