"""Rooms and their members, as queries and as jobs for the writer."""

from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection, func, insert, select

from conclave.model import (
    SYSTEM,
    Act,
    Entry,
    Identity,
    MemberInfo,
    Person,
    Role,
    RoomKind,
    RoomRole,
)
from conclave.protocol.errors import Code, Reject
from conclave.storage import membership
from conclave.storage.driver import raw
from conclave.storage.log import Log
from conclave.storage.people import fold, vouch_user
from conclave.storage.rights import check_act, find_known, find_where
from conclave.storage.tables import members, rooms, users

# Asked by everybody who comes in: by the driver itself, since to build a statement and its
# result takes ten times as long as to run it.
_ROOM: Final = "SELECT name, kind FROM rooms WHERE folded = ? AND deleted_at IS NULL"
_WAY_IN: Final = """
    SELECT r.name, r.kind, m.role FROM rooms r LEFT JOIN members m ON m.room = r.id AND m.user = ?
    WHERE r.folded = ? AND r.deleted_at IS NULL
"""
_MEMBER: Final = """
    SELECT m.role FROM members m JOIN rooms r ON r.id = m.room WHERE r.name = ? AND m.user = ?
"""


def create_room(
    connection: Connection,
    log: Log,
    room: str,
    creator: Identity,
    now: int,
    client_id: str | None,
    most: int = 0,
    **words: str,
) -> list[Entry]:
    """
    Create *room*; *words* are its title, topic and kind. Return what this wrote to its log.

    *most*: so many that *creator* has made may be there; 0: any number.
    """
    folded = fold(room)
    draft = membership.added(room, creator, _self(creator), RoomRole.OWNER, client_id)
    if connection.execute(select(rooms.c.id).where(rooms.c.folded == folded)).first():
        if membership.asked_before(connection, draft):
            return []
        raise Reject(Code.ROOM_EXISTS)
    if 0 < most <= _made_by(connection, creator.user):
        raise Reject(Code.TOO_MANY_ROOMS, f"You have made {most} rooms: one has no more")
    made = insert_room(connection, room, creator, now, **words)
    if creator.user == SYSTEM.user:
        return []
    vouch_user(connection, creator, now)
    return [membership.add(connection, log, made, draft, now)]


def _made_by(connection: Connection, user: str) -> int:
    """Return how many rooms of *user* are there. In the transaction that adds one: no race."""
    query = select(func.count()).where(
        rooms.c.created_by == user,
        rooms.c.deleted_at.is_(None),
        rooms.c.kind != str(RoomKind.DIRECT),
    )
    return int(connection.execute(query).scalar_one())


def insert_room(
    connection: Connection, room: str, creator: Identity, now: int, **words: str
) -> int:
    """Make the row of a new room, and return its number."""
    values = {
        "name": room,
        "folded": fold(room),
        "created_by": creator.user,
        "created_at": now,
        "first_seq": 1,
        "last_seq": 0,
        "last_count": 0,
        "last_time": 0,
    }
    made = connection.execute(insert(rooms).values(**values, **words).returning(rooms.c.id))
    return int(made.scalar_one())


def ensure_member(
    connection: Connection, log: Log, room: str, identity: Identity, now: int
) -> list[Entry]:
    """Make *identity* a member of public *room*; return the entry this wrote, if any."""
    execute = raw(connection).execute
    found = find_where(execute, room)
    if identity.user == SYSTEM.user:
        return []
    known = find_known(execute, found, identity.user, now, identity.role)
    check_act(Act.JOIN, known.standing)
    if found is None or known.standing.member is not None:
        return []
    return membership.add_self(connection, log, found, identity, now)


def find_room(connection: Connection, room: str) -> tuple[str, RoomKind] | None:
    row = raw(connection).execute(_ROOM, (fold(room),)).fetchone()
    return None if row is None else (row[0], RoomKind(row[1]))


def find_way_in(
    connection: Connection, room: str, user: str
) -> tuple[str, RoomKind, RoomRole | None] | None:
    """Return what `find_room` and `find_member` say of it."""
    row = raw(connection).execute(_WAY_IN, (user, fold(room))).fetchone()
    if row is None:
        return None
    return row[0], RoomKind(row[1]), None if row[2] is None else RoomRole(row[2])


def find_member(connection: Connection, room: str, user: str) -> RoomRole | None:
    row = raw(connection).execute(_MEMBER, (room, user)).fetchone()
    return None if row is None else RoomRole(row[0])


def member_ids(connection: Connection, room: str) -> list[str]:
    query = select(members.c.user).join(rooms).where(rooms.c.name == room)
    return list(connection.execute(query.order_by(members.c.user)).scalars())


def quit_room(
    connection: Connection,
    log: Log,
    room: str,
    identity: Identity,
    now: int,
    client_id: str | None = None,
) -> list[Entry]:
    """End the membership of *identity*; return the entries this wrote, none if there was none."""
    execute = raw(connection).execute
    found = find_where(execute, room)
    if found is None:
        return []
    draft = membership.removed(room, identity, _self(identity), client_id)
    known = find_known(execute, found, identity.user, now, identity.role)
    if known.standing.member is None or membership.asked_before(connection, draft):
        return []
    check_act(Act.QUIT, replace(known.standing, banned=False))
    return membership.end(connection, log, found.id, draft)


def _self(identity: Identity) -> Person:
    return Person(id=identity.user, name=identity.name)


def list_members(connection: Connection, room: str, after: str, limit: int) -> list[MemberInfo]:
    """Return members by their ids, from the first one beyond *after*."""
    query = (
        select(
            members.c.user,
            users.c.display_name,
            members.c.role,
            members.c.joined_at,
            users.c.role.label("account"),
        )
        .join(rooms)
        .join(users)
        .where(rooms.c.name == room, members.c.user > after)
        .order_by(members.c.user)
        .limit(limit)
    )
    return [
        MemberInfo(
            id=row.user,
            name=row.display_name,
            role=RoomRole(row.role),
            joined_at=row.joined_at,
            bot=row.account == Role.BOT,
        )
        for row in connection.execute(query)
    ]
