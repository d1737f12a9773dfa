"""Slash commands that addresses answer, as queries and as jobs for the writer."""

from typing import Any, Final

from sqlalchemy import Connection, insert

from conclave.core.text import clean_line
from conclave.model import Action, By, CommandHook, Details, Entry, Person
from conclave.protocol.errors import Code, Reject
from conclave.storage.audit import record
from conclave.storage.driver import raw
from conclave.storage.hooks_incoming import MOST, end_bot, make_bot, manages, where_for
from conclave.storage.hooks_queue import is_backed
from conclave.storage.lines import ulid
from conclave.storage.log import Log
from conclave.storage.tables import command_hooks

_COLUMNS: Final = """
    SELECT h.id, r.name, h.name, h.about, h.hint, h.url, u.display_name, h.user, h.created_by,
        h.created_at
    FROM command_hooks h JOIN rooms r ON r.id = h.room JOIN users u ON u.id = h.user
    WHERE r.deleted_at IS NULL
"""
_OF_ROOM: Final = f"{_COLUMNS} AND h.room = ? ORDER BY h.name"
_ALL: Final = f"{_COLUMNS} ORDER BY r.name, h.name"
_BY_ID: Final = f"{_COLUMNS} AND h.id = ?"


def make_command(
    connection: Connection,
    log: Log,
    room: str,
    command: tuple[str, str, str],
    bot_name: str,
    url: str,
    by: By,
    now: int,
) -> tuple[CommandHook, list[Entry]]:
    """Let *url* answer a command, its name, what it does and its hint, as a bot of *room*."""
    execute = raw(connection).execute
    where = where_for(execute, room, by, now)
    if where.archived:
        raise Reject(Code.ARCHIVED)
    name, about, hint = command
    kept = [_hook(row) for row in execute(_OF_ROOM, (where.id,))]
    if len(kept) >= MOST:
        raise Reject(Code.FORBIDDEN, f"There are {MOST} such commands in this room already")
    if any(one.name == name for one in kept):
        raise Reject(Code.NAME_TAKEN, f"Another address answers /{name} there")
    bot, entry = make_bot(connection, log, where, bot_name, by, now)
    made = ulid(now)
    values = {
        "id": made,
        "room": where.id,
        "user": bot.user,
        "name": name,
        "about": clean_line(about),
        "hint": clean_line(hint),
        "url": url,
        "created_by": by.actor,
        "created_at": now,
    }
    connection.execute(insert(command_hooks).values(values))
    hook = find_command(connection, made)
    _note(connection, by, Action.HOOK_CREATED, hook, now)
    return hook, [entry]


def commands_of(connection: Connection, room: str | None, by: By, now: int) -> list[CommandHook]:
    """Return those of *room*; all of the server if None, which is for who may manage them."""
    execute = raw(connection).execute
    if room is None:
        return all_commands(connection)
    where = where_for(execute, room, by, now)
    return [_hook(row) for row in execute(_OF_ROOM, (where.id,))]


def all_commands(connection: Connection) -> list[CommandHook]:
    return [_hook(row) for row in raw(connection).execute(_ALL)]


def find_command(connection: Connection, id_: str) -> CommandHook:
    """Return one; raises `not_found`."""
    row = raw(connection).execute(_BY_ID, (id_,)).fetchone()
    if row is None:
        raise Reject(Code.NOT_FOUND)
    return _hook(row)


def revoke_command(
    connection: Connection, log: Log, id_: str, by: By, now: int
) -> tuple[CommandHook, list[Entry]]:
    """Let nobody ask it any more; its bot leaves the room, and what it said stays."""
    hook = find_command(connection, id_)
    if not manages(by):
        where_for(raw(connection).execute, hook.room, by, now)
    raw(connection).execute("DELETE FROM command_hooks WHERE id = ?", (id_,))
    entries = end_bot(connection, log, hook.room, Person(id=hook.user, name=hook.bot), by)
    _note(connection, by, Action.HOOK_REVOKED, hook, now)
    return hook, entries


def is_good(connection: Connection, id_: str, now: int) -> bool:
    """Return whether it is there, and who made it could make it now."""
    try:
        hook = find_command(connection, id_)
    except Reject:
        return False
    return is_backed(raw(connection).execute, hook.room, hook.created_by, now)


def _note(connection: Connection, by: By, action: Action, hook: CommandHook, now: int) -> None:
    said = Details(name=f"/{hook.name}", id=hook.id, how="command")
    record(connection, by.note(action, target=hook.user, room=hook.room, **said), now=now)


def _hook(row: tuple[Any, ...]) -> CommandHook:
    id_, room, name, about, hint, url, bot, user, created_by, created_at = row
    return CommandHook(
        id=id_,
        room=room,
        name=name,
        about=about,
        hint=hint,
        url=url,
        bot=bot,
        user=user,
        created_by=created_by,
        created_at=created_at,
    )
