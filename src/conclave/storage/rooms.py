"""Rooms and their members, as queries and as jobs for the writer."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, insert, select
from sqlalchemy import update as change

from conclave.model import SYSTEM, Draft, Entry, Identity, RoomInfo, RoomKind, RoomRole
from conclave.protocol.errors import Code, Reject
from conclave.storage.log import Log
from conclave.storage.people import fold, vouch_user
from conclave.storage.tables import entries, members, rooms

# Rooms one list names: what a person reads, and a connection can take.
MOST_LISTED: Final = 500


def create_room(
    connection: Connection,
    log: Log,
    room: str,
    creator: Identity,
    now: int,
    **words: str,
) -> list[Entry]:
    """Create *room*; *words* are its title, topic and kind. Return what this wrote to its log."""
    folded = fold(room)
    if connection.execute(select(rooms.c.id).where(rooms.c.folded == folded)).first():
        raise Reject(Code.ROOM_EXISTS)
    values = {
        "name": room,
        "folded": folded,
        "created_by": creator.user,
        "created_at": now,
        "first_seq": 1,
        "last_seq": 0,
        "last_count": 0,
        "last_time": 0,
    }
    made = connection.execute(insert(rooms).values(**values, **words).returning(rooms.c.id))
    if creator.user == SYSTEM.user:
        return []
    return [_add(connection, log, made.scalar_one(), room, creator, RoomRole.OWNER, now)]


def ensure_member(
    connection: Connection, log: Log, room: str, identity: Identity, now: int
) -> list[Entry]:
    """Make *identity* a member of public *room*; return the entry this wrote, if any."""
    query = select(rooms.c.id, rooms.c.kind).where(rooms.c.name == room)
    found = connection.execute(query).first()
    if found is None:
        raise Reject(Code.NO_SUCH_ROOM)
    if identity.user == SYSTEM.user or _role(connection, found.id, identity.user) is not None:
        return []
    if found.kind != RoomKind.PUBLIC:
        # The same as for a room that is not there: one may not know of it.
        raise Reject(Code.NO_SUCH_ROOM)
    return [_add(connection, log, found.id, room, identity, RoomRole.MEMBER, now)]


def find_room(connection: Connection, room: str) -> tuple[str, RoomKind] | None:
    query = select(rooms.c.name, rooms.c.kind).where(rooms.c.folded == fold(room))
    found = connection.execute(query).first()
    return None if found is None else (found.name, RoomKind(found.kind))


def find_member(connection: Connection, room: str, user: str) -> RoomRole | None:
    query = select(members.c.role).join(rooms).where(rooms.c.name == room, members.c.user == user)
    role = connection.execute(query).scalar()
    return None if role is None else RoomRole(role)


def admit(connection: Connection, room: str, reader: str | None) -> None:
    """Raise `not_in_room` if somebody reads who is no member at this moment."""
    if reader is not None and find_member(connection, room, reader) is None:
        raise Reject(Code.NOT_IN_ROOM)


def member_ids(connection: Connection, room: str) -> list[str]:
    query = select(members.c.user).join(rooms).where(rooms.c.name == room)
    return list(connection.execute(query.order_by(members.c.user)).scalars())


def mark_read(connection: Connection, marks: Mapping[tuple[str, str], int]) -> None:
    """Move read marks forward, never back and never beyond the end."""
    statement = (
        change(members)
        .where(members.c.user == bindparam("reader"), members.c.read_seq < bindparam("upto"))
        .where(members.c.room == _id_of_mark())
        .values(read_seq=func.min(bindparam("upto"), _end_of_mark()))
    )
    values = [{"at": room, "reader": user, "upto": seq} for (room, user), seq in marks.items()]
    connection.execute(statement, values)


def room_for(connection: Connection, room: str, user: str) -> RoomInfo | None:
    row = connection.execute(_infos(user).where(rooms.c.name == room)).first()
    return None if row is None else _info(row)


def room_for_each(connection: Connection, room: str, users: Collection[str]) -> dict[str, RoomInfo]:
    query = _infos(members.c.user).where(rooms.c.name == room, members.c.user.in_(users))
    found = {row.user: _info(row) for row in connection.execute(query)}
    strangers = set(users) - found.keys()
    # To all who are no members it is the same.
    seen = room_for(connection, room, min(strangers)) if strangers else None
    if seen is not None and seen.kind is RoomKind.PUBLIC:
        found |= dict.fromkeys(strangers, seen)
    return found


def rooms_of(connection: Connection, user: str) -> list[RoomInfo]:
    return _list(connection, _infos(user).where(members.c.user.is_not(None)).limit(MOST_LISTED))


def public_rooms(connection: Connection, user: str) -> list[RoomInfo]:
    public = rooms.c.kind == str(RoomKind.PUBLIC)
    return _list(connection, _infos(user).where(public).limit(MOST_LISTED))


def _add(
    connection: Connection,
    log: Log,
    id: int,  # noqa: A002 - a room's number
    room: str,
    identity: Identity,
    role: RoomRole,
    now: int,
) -> Entry:
    vouch_user(connection, identity, now)
    values = {
        "room": id,
        "user": identity.user,
        "role": str(role),
        "joined_at": now,
        "read_seq": 0,
    }
    connection.execute(insert(members).values(values))
    added = {"member": identity.user, "member_name": identity.name, "role": str(role)}
    entry = log.write(
        connection,
        Draft(
            room=room,
            user=identity.user,
            name=identity.name,
            type="member:added",
            extra=added,
        ),
    )
    # What was said before is not unread for who comes now.
    mark_read(connection, {(room, identity.user): entry.seq})
    return entry


def _role(connection: Connection, id: int, user: str) -> str | None:  # noqa: A002
    query = select(members.c.role).where(members.c.room == id, members.c.user == user)
    return connection.execute(query).scalar()


def _id_of_mark() -> Any:
    return select(rooms.c.id).where(rooms.c.name == bindparam("at")).scalar_subquery()


def _end_of_mark() -> Any:
    return select(rooms.c.last_seq).where(rooms.c.name == bindparam("at")).scalar_subquery()


def _infos(user: str | ColumnElement[str]) -> Select[Any]:
    mine = and_(members.c.room == rooms.c.id, members.c.user == user)
    return (
        select(
            rooms.c.name,
            rooms.c.title,
            rooms.c.topic,
            rooms.c.kind,
            rooms.c.last_seq,
            rooms.c.last_count,
            members.c.user,
            members.c.role,
            members.c.read_seq,
            _members_of_room().label("members"),
            _count_at_mark().label("read_count"),
        )
        .select_from(rooms.outerjoin(members, mine))
        .order_by(rooms.c.folded)
    )


def _members_of_room() -> ColumnElement[int]:
    everybody = members.alias("everybody")
    query = select(func.count()).select_from(everybody).where(everybody.c.room == rooms.c.id)
    return query.correlate(rooms).scalar_subquery()


def _count_at_mark() -> ColumnElement[int]:
    query = (
        select(entries.c.count)
        .where(entries.c.room == rooms.c.id, entries.c.seq <= members.c.read_seq)
        .order_by(entries.c.seq.desc())
        .limit(1)
    )
    return query.correlate(rooms, members).scalar_subquery()


def _list(connection: Connection, query: Select[Any]) -> list[RoomInfo]:
    return [_info(row) for row in connection.execute(query)]


def _info(row: Any) -> RoomInfo:
    member = row.role is not None
    return RoomInfo(
        room=row.name,
        title=row.title,
        topic=row.topic,
        kind=RoomKind(row.kind),
        role=RoomRole(row.role) if member else None,
        members=row.members,
        last_seq=row.last_seq,
        read_seq=row.read_seq if member else 0,
        unread=row.last_count - (row.read_count or 0) if member else 0,
        mentions=0,
    )
