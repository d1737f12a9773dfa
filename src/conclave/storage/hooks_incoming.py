"""Incoming webhooks as queries and as jobs for the writer; by the digests of their secrets."""

import secrets
from typing import Any, Final

from sqlalchemy import Connection, insert

from conclave.core.names import clean_display_name
from conclave.core.permissions import decide
from conclave.model import (
    OPERATOR,
    Act,
    Action,
    By,
    Entry,
    Identity,
    IncomingHook,
    Person,
    Poster,
    Role,
    RoomRole,
    Standing,
    User,
)
from conclave.protocol.errors import Code, Reject
from conclave.storage import membership
from conclave.storage.audit import record
from conclave.storage.driver import raw
from conclave.storage.lines import ulid
from conclave.storage.log import Log
from conclave.storage.people import refuse_mask, vouch_user
from conclave.storage.rights import Execute, Where, check_act, check_in, find_known, find_where
from conclave.storage.tables import incoming_hooks

# Of one room: more than it needs, and few enough to list.
MOST: Final = 50
_ID_BYTES: Final = 5

_COLUMNS: Final = """
    SELECT h.id, r.name, u.display_name, h.user, h.created_by, h.created_at, h.last_used_at, h.uses
    FROM incoming_hooks h JOIN rooms r ON r.id = h.room JOIN users u ON u.id = h.user
    WHERE r.deleted_at IS NULL
"""
_OF_ROOM: Final = f"{_COLUMNS} AND h.room = ? ORDER BY h.id"
_ALL: Final = f"{_COLUMNS} ORDER BY h.id"
_BY_ID: Final = f"{_COLUMNS} AND h.id = ?"
_BY_DIGEST: Final = f"{_COLUMNS} AND h.digest = ? AND u.active = 1"
_USED: Final = "UPDATE incoming_hooks SET uses = uses + 1, last_used_at = ? WHERE id = ?"


def where_for(execute: Execute, room: str, by: By, now: int) -> Where:
    """Return *room*, where *by* may make webhooks; who has the data directory may anywhere."""
    if by.actor != OPERATOR:
        return check_in(execute, room, by.identity, Act.HOOK, now)[0]
    where = find_where(execute, room)
    standing = find_known(execute, where, by.identity.user, now, Role.ADMIN).standing
    check_act(Act.UPDATE_ROOM, standing)
    assert where is not None
    return where


def make_incoming(
    connection: Connection, log: Log, room: str, name: str, digest: bytes, by: By, now: int
) -> tuple[IncomingHook, list[Entry]]:
    """Let who has the secret of *digest* write into *room*, as a bot that becomes a member."""
    execute = raw(connection).execute
    where = where_for(execute, room, by, now)
    if where.archived:
        raise Reject(Code.ARCHIVED)
    if len(execute(_OF_ROOM, (where.id,)).fetchall()) >= MOST:
        raise Reject(Code.FORBIDDEN, f"There are {MOST} webhooks into this room already")
    bot, entry = make_bot(connection, log, where, name, by, now)
    made = ulid(now)
    values = {
        "id": made,
        "room": where.id,
        "user": bot.user,
        "digest": digest,
        "created_by": by.actor,
        "created_at": now,
    }
    connection.execute(insert(incoming_hooks).values(values))
    note = by.note(Action.HOOK_CREATED, target=bot.user, room=where.name, name=bot.name, how="in")
    record(connection, note, now=now)
    return find_incoming(connection, made), [entry]


def make_bot(
    connection: Connection, log: Log, where: Where, name: str, by: By, now: int
) -> tuple[Identity, Entry]:
    """Make the bot of a webhook, a member of its room; return it, and what this wrote."""
    shown = clean_display_name(name)
    bot = Identity(user=f"hook-{secrets.token_hex(_ID_BYTES)}", name=shown, role=Role.BOT)
    refuse_mask(connection, bot.user, shown)
    vouch_user(connection, bot, now)
    draft = membership.added(
        where.name, by.identity, Person(id=bot.user, name=shown), RoomRole.MEMBER
    )
    return bot, membership.add(connection, log, where.id, draft, now)


def end_bot(connection: Connection, log: Log, room: str, bot: Person, by: By) -> list[Entry]:
    """Let the bot of a webhook leave its room for ever; what it wrote stays."""
    where = find_where(raw(connection).execute, room)
    assert where is not None
    raw(connection).execute("UPDATE users SET active = 0 WHERE id = ?", (bot.id,))
    if membership.role_of(connection, where.id, bot.id) is None:
        return []
    return membership.end(
        connection, log, where.id, membership.removed(where.name, by.identity, bot)
    )


def incoming_of(connection: Connection, room: str | None, by: By, now: int) -> list[IncomingHook]:
    """Return those into *room*; all of the server if None, which is for who may manage them."""
    execute = raw(connection).execute
    if room is None:
        return [_hook(row) for row in execute(_ALL)]
    where = where_for(execute, room, by, now)
    return [_hook(row) for row in execute(_OF_ROOM, (where.id,))]


def find_incoming(connection: Connection, id_: str) -> IncomingHook:
    """Return one; raises `not_found`."""
    row = raw(connection).execute(_BY_ID, (id_,)).fetchone()
    if row is None:
        raise Reject(Code.NOT_FOUND)
    return _hook(row)


def revoke_incoming(
    connection: Connection, log: Log, id_: str, by: By, now: int
) -> tuple[IncomingHook, list[Entry]]:
    """Let nobody write by it any more; its bot leaves the room, and what it wrote stays."""
    hook = find_incoming(connection, id_)
    execute = raw(connection).execute
    if not manages(by):
        where_for(execute, hook.room, by, now)
    execute("DELETE FROM incoming_hooks WHERE id = ?", (id_,))
    entries = end_bot(connection, log, hook.room, Person(id=hook.user, name=hook.name), by)
    note = by.note(Action.HOOK_REVOKED, target=hook.user, room=hook.room, name=hook.name, how="in")
    record(connection, note, now=now)
    return hook, entries


def manages(by: By) -> bool:
    """Return whether *by* may end any: an admin ends what they may not make."""
    standing = Standing(role=by.identity.role, scopes=by.identity.scopes)
    return by.actor == OPERATOR or decide(Act.MANAGE_BOTS, standing).allowed


def find_poster(connection: Connection, digest: bytes) -> Poster | None:
    """Return the webhook of this secret, if it is good."""
    row = raw(connection).execute(_BY_DIGEST, (digest,)).fetchone()
    if row is None:
        return None
    hook = _hook(row)
    user = User(id=hook.user, name=hook.name, display_name=hook.name, role=Role.BOT, account=False)
    return Poster(hook=hook, user=user)


def note_use(connection: Connection, id_: str, now: int) -> None:
    raw(connection).execute(_USED, (now, id_))


def _hook(row: tuple[Any, ...]) -> IncomingHook:
    id_, room, name, user, created_by, created_at, last_used_at, uses = row
    return IncomingHook(
        id=id_,
        room=room,
        name=name,
        user=user,
        created_by=created_by,
        created_at=created_at,
        last_used_at=last_used_at,
        uses=uses,
    )
