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
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from conclave.model import BY_OPERATOR, SYSTEM, Action, By, Draft, Identity, Person
from conclave.protocol.state import DELETED
from conclave.storage.attached import let_go
from conclave.storage.audit import record, rename_in_audit
from conclave.storage.backup import Progress, quiet
from conclave.storage.compact import note_erasure
from conclave.storage.credentials import forget_credentials
from conclave.storage.driver import raw
from conclave.storage.errors import CannotDo
from conclave.storage.forgetting import forget_direct, forget_in_rooms
from conclave.storage.lines import now_ms
from conclave.storage.links import forget_links, revoke_links_of
from conclave.storage.log import Log
from conclave.storage.membership import end, removed
from conclave.storage.pseudonyms import Named, naming, rename, whole_groups
from conclave.storage.search_index import void
from conclave.storage.sqlstore import SqlStore

# Rows of one slice, and the rest after it, so that a server's own writes come between.
_ROWS: Final = 50
_REST_S: Final = 0.02


class Erased(NamedTuple):
    """What became of a user."""

    pseudonym: str
    messages: int
    epoch: str
    # False: the file is too large to be written anew now; what was erased may be in its gaps.
    compacted: bool


async def erase(
    store: SqlStore,
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
    named = await store.read(lambda connection: naming(connection, user))
    for done, rows in whole_groups(named, _ROWS):
        tell(len(named) + done, 2 * len(named))
        renaming = partial(_rename, rows=rows, user=user, pseudonym=pseudonym)
        store.begin_epoch(await store.write(renaming))
        await asyncio.sleep(_REST_S)
    epoch = await store.write(partial(_end, user=user, pseudonym=pseudonym, by=by))
    store.begin_epoch(epoch)
    return Erased(pseudonym, len(said), epoch, await store.compact())


async def erase_from_audit(store: SqlStore, user: str, pseudonym: str) -> None:
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
    # Those of messages go with these.
    let_go(raw(connection).cursor(), "user = ? AND seq IS NULL", (user,))
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


def _rename(connection: Connection, _: Log, rows: list[Named], user: str, pseudonym: str) -> str:
    """Name *user* in *rows* by the pseudonym; return the epoch that begins with it."""
    cursor = raw(connection).cursor()
    for row in rows:
        rename(cursor, row, user, pseudonym)
    return _begin_epoch(cursor)


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
    # Who they were in another system, as an import has noted it.
    execute("DELETE FROM meta WHERE substr(key, 1, 6) = 'slack:' AND value = ?", (user,))
    # The index knows who said what.
    void(raw(connection).cursor())
    note_erasure(raw(connection).cursor())
    return _begin_epoch(raw(connection).cursor())


def current_epoch(connection: Connection) -> str:
    """Return the epoch that stands in the database, which another node may have begun."""
    (epoch,) = raw(connection).execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
    return str(epoch)


def _begin_epoch(cursor: Any) -> str:
    epoch = secrets.token_hex(8)
    cursor.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (epoch,))
    return epoch
