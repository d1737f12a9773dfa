"""
Erase a user: what they said, and who they were, everywhere in the logs.

Their messages are deleted like any other: the numbers stay, the texts are gone. Then every
row that names them gets a pseudonym, which the rows share and nothing else knows. As this
changes entries that clients have, each slice of it begins a new epoch: they all begin anew,
also where the rest never comes.

It is done in slices, so that a server goes on. Each leaves a right database; one that was
interrupted is finished by erasing the same user again.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from conclave.model import BY_OPERATOR, SYSTEM, Action, By, Draft, Entry, Identity, Person
from conclave.protocol.state import (
    DELETED,
    EDITED,
    MEMBER_ADDED,
    MEMBER_REMOVED,
    MEMBER_ROLE,
    MESSAGE,
    PINNED,
    REACTED,
    UNPINNED,
    UNREACTED,
    UPDATED,
)
from conclave.storage.audit import record, rename_in_audit
from conclave.storage.backup import Progress, quiet
from conclave.storage.changes import rewrite
from conclave.storage.compact import note_erasure
from conclave.storage.credentials import forget_credentials
from conclave.storage.driver import raw
from conclave.storage.errors import CannotDo
from conclave.storage.forgetting import forget_direct, forget_in_rooms
from conclave.storage.lines import now_ms
from conclave.storage.links import forget_links, revoke_links_of
from conclave.storage.log import Log
from conclave.storage.membership import end, removed
from conclave.storage.search_index import void
from conclave.storage.sqlite import SqliteStore

NAME: Final = "deleted user"

# Rows of one slice, and the rest after it, so that a server's own writes come between.
_ROWS: Final = 50
_REST_S: Final = 0.02
_REACTIONS: Final = frozenset({REACTED, UNREACTED})
_ABOUT_MEMBERS: Final = frozenset({MEMBER_ADDED, MEMBER_REMOVED, MEMBER_ROLE})
# Of these nothing is left but what they were; of an application's own types only the number.
_OURS: Final = _REACTIONS | _ABOUT_MEMBERS | {MESSAGE, EDITED, DELETED, PINNED, UNPINNED, UPDATED}


class Erased(NamedTuple):
    """What became of a user."""

    pseudonym: str
    messages: int
    epoch: str
    # False: the file is too large to be written anew now; what was erased may be in its gaps.
    compacted: bool


async def erase(
    store: SqliteStore,
    user: str,
    *,
    by: By = BY_OPERATOR,
    tell: Progress = quiet,
    shut_out: Callable[[], None] = lambda: None,
) -> Erased:
    """
    Erase *user* from *store*, as *by* wants; *shut_out* is called once they are let in no more.

    The store has a new epoch once anything that clients may have is another, also when this
    is ended by what *tell* raises. Raises `CannotDo` if there is no such user.
    """
    pseudonym = await store.write(partial(_begin, user=user))
    shut_out()
    said = await store.read(lambda connection: _messages(connection, user))
    for done, some in _slices(said, _ROWS):
        tell(done, 2 * len(said))
        await store.write(partial(_delete, keys=some))
        await asyncio.sleep(_REST_S)
    named = await store.read(lambda connection: _naming(connection, user))
    for done, rows in _whole_groups(named):
        tell(len(named) + done, 2 * len(named))
        renaming = partial(_rename, rows=rows, user=user, pseudonym=pseudonym)
        store.begin_epoch(await store.write(renaming))
        await asyncio.sleep(_REST_S)
    epoch = await store.write(partial(_end, user=user, pseudonym=pseudonym, by=by))
    store.begin_epoch(epoch)
    return Erased(pseudonym, len(said), epoch, await store.compact())


async def erase_from_audit(store: SqliteStore, user: str, pseudonym: str) -> None:
    """Take *user* out of lines that were noted before they were erased, and written after."""

    def job(connection: Connection, _: Log) -> None:
        rename_in_audit(connection, user, pseudonym)
        note_erasure(raw(connection).cursor())

    await store.write(job)


def _slices(keys: list[Any], size: int) -> Iterable[tuple[int, list[Any]]]:
    return ((at, keys[at : at + size]) for at in range(0, len(keys), size))


# ── the beginning: nothing new comes ───────────────────────────────────────────────────


def _begin(connection: Connection, log: Log, user: str) -> str:
    """End all that lets *user* in, and return the pseudonym."""
    execute = raw(connection).execute
    known = execute("SELECT display_name FROM users WHERE id = ?", (user,)).fetchone()
    if known is None or user == SYSTEM.user:
        raise CannotDo(f"there is no user {user!r} to erase")
    execute("UPDATE users SET active = 0 WHERE id = ?", (user,))
    execute("DELETE FROM tokens WHERE user = ?", (user,))
    execute("DELETE FROM subscriptions WHERE user = ?", (user,))
    forget_credentials(connection, user)
    revoke_links_of(connection, user, now_ms())
    who = Identity(user=user, name=str(known[0]))
    person = Person(id=user, name=who.name)
    query = "SELECT rooms.id, rooms.name FROM members JOIN rooms ON rooms.id = room WHERE user = ?"
    for id_, room in execute(query, (user,)).fetchall():
        end(connection, log, id_, removed(room, who, person))
    forget_direct(connection, user)
    return _pseudonym(execute, user)


def _pseudonym(execute: Any, user: str) -> str:
    """Return the pseudonym that an interrupted run has begun with, or a new one."""
    key = f"erasing:{user}"
    found = execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    if found is not None:
        return str(found[0])
    pseudonym = f"deleted-{secrets.token_hex(8)}"
    execute("INSERT INTO meta VALUES (?, ?)", (key, pseudonym))
    return pseudonym


# ── what they said ─────────────────────────────────────────────────────────────────────


def _messages(connection: Connection, user: str) -> list[tuple[str, int]]:
    """Return room and number of each message of *user* that is not deleted."""
    query = """
        SELECT rooms.name, entries.seq FROM entries JOIN rooms ON rooms.id = entries.room
        LEFT JOIN revised ON revised.room = entries.room AND revised.seq = entries.seq
        WHERE entries.type = 'message' AND entries.user = ? AND revised.deleted_seq IS NULL
            AND rooms.deleted_at IS NULL
        ORDER BY entries.room, entries.seq
    """
    return [(room, seq) for room, seq in raw(connection).execute(query, (user,))]


def _delete(connection: Connection, log: Log, keys: list[tuple[str, int]]) -> None:
    for room, seq in keys:
        query = (
            "SELECT 1 FROM entries JOIN rooms ON rooms.id = room"
            " WHERE rooms.name = ? AND seq = ? AND rooms.deleted_at IS NULL"
        )
        # It may be purged by now, or its room be deleted: then it goes with the room.
        if raw(connection).execute(query, (room, seq)).fetchone():
            log.write(
                connection,
                Draft(
                    room=room,
                    user=SYSTEM.user,
                    name=SYSTEM.name,
                    type=DELETED,
                    extra={"target": seq},
                ),
            )


# ── who they were ──────────────────────────────────────────────────────────────────────


class _Named(NamedTuple):
    """A row that names the user; those of one `group` are changed together."""

    room: int
    group: str
    seq: int


def _naming(connection: Connection, user: str) -> list[_Named]:
    # What JSON writes around a text is enough to find it; what is found is looked at again.
    quoted = msgspec.json.encode(user).decode()
    query = """
        SELECT room, seq, type, json_extract(coalesce(extra, '{}'), '$.target') FROM entries
        WHERE user = ? OR instr(coalesce(extra, ''), ?) > 0
    """
    rows = raw(connection).execute(query, (user, quoted))
    return sorted(
        _Named(room, _group(type_, seq, target), seq) for room, seq, type_, target in rows
    )


def _group(type_: str, seq: int, target: int | None) -> str:
    """
    Return what is changed together, so that the log always says what the tables say.

    Who came and went, and who reacted and took it back, is the same one all the time.
    """
    if type_ in _ABOUT_MEMBERS:
        return "members"
    return f"reactions {target}" if type_ in _REACTIONS else f"entry {seq}"


def _whole_groups(named: list[_Named]) -> Iterable[tuple[int, list[_Named]]]:
    some: list[_Named] = []
    done = 0
    for _, group in groupby(named, key=lambda row: (row.room, row.group)):
        some += group
        if len(some) >= _ROWS:
            yield done, some
            done, some = done + len(some), []
    if some:
        yield done, some


def _rename(connection: Connection, _: Log, rows: list[_Named], user: str, pseudonym: str) -> str:
    """Name *user* in *rows* by the pseudonym; return the epoch that begins with it."""
    cursor = raw(connection).cursor()
    for row in rows:
        _rename_row(cursor, row.room, row.seq, user, pseudonym)
    return _begin_epoch(cursor)


def _rename_row(cursor: Any, room: int, seq: int, user: str, pseudonym: str) -> None:
    query = (
        "SELECT rooms.name, entries.client_id FROM entries JOIN rooms ON rooms.id = room"
        " WHERE room = ? AND seq = ?"
    )
    found = cursor.execute(query, (room, seq)).fetchone()
    if found is None:
        return  # purged by now
    name, client_id = found
    now: list[Entry] = []

    def change(entry: Entry) -> Entry:
        now.append(renamed(entry, user, pseudonym))
        return now[0]

    rewrite(cursor, room, name, seq, change)
    cursor.execute(
        "UPDATE reactions SET user = ? WHERE room = ? AND user = ? AND added_seq = ?",
        (pseudonym, room, user, seq),
    )
    cursor.execute(
        "DELETE FROM mentions WHERE user = ? AND room = ? AND seq = ?", (user, room, seq)
    )
    if client_id is not None and now[0].client_id is None:
        cursor.execute(
            "DELETE FROM requests WHERE room = ? AND user = ? AND client_id = ?",
            (room, user, client_id),
        )


def renamed(entry: Entry, user: str, pseudonym: str) -> Entry:
    """Return *entry* with nothing of *user* in it but the pseudonym."""
    extra = dict(entry.extra)
    if extra.get("member") == user:
        extra |= {"member": pseudonym, "member_name": NAME}
    if user in extra.get("mentions", ()):
        extra["mentions"] = [one for one in extra["mentions"] if one != user]
        if not extra["mentions"]:
            del extra["mentions"]
    if entry.user != user:
        return msgspec.structs.replace(entry, extra=extra)
    return msgspec.structs.replace(
        entry,
        user=pseudonym,
        name=NAME,
        text="",
        extra=extra if entry.type in _OURS else {},
        client_id=None,
    )


def _end(connection: Connection, _: Log, user: str, pseudonym: str, by: By) -> str:
    """Forget the rest, and begin a new epoch; return it."""
    execute = raw(connection).execute
    execute("DELETE FROM mentions WHERE user = ?", (user,))
    execute("DELETE FROM requests WHERE user = ?", (user,))
    forget_in_rooms(connection, user, pseudonym)
    rename_in_audit(connection, user, pseudonym)
    forget_links(connection, user, pseudonym)
    record(connection, by.note(Action.USER_ERASED, target=pseudonym), now=now_ms())
    execute("DELETE FROM users WHERE id = ?", (user,))
    execute("DELETE FROM meta WHERE key = ?", (f"erasing:{user}",))
    # The index knows who said what.
    void(raw(connection).cursor())
    note_erasure(raw(connection).cursor())
    return _begin_epoch(raw(connection).cursor())


def _begin_epoch(cursor: Any) -> str:
    epoch = secrets.token_hex(8)
    cursor.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (epoch,))
    return epoch
