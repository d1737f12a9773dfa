"""
Rooms as lists show them to one user, with what is unread.

Nothing of it is stored: it follows from the log and the read mark. Marks that are not in
the tables yet are given beside.
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, literal, select

from conclave.model import RoomInfo, RoomKind, RoomRole
from conclave.storage.marks import Marks
from conclave.storage.tables import entries, members, mentions, revised, rooms

# Rooms one list names: what a person reads, and a connection can take.
MOST_LISTED: Final = 500


def room_for(connection: Connection, room: str, user: str, marks: Marks) -> RoomInfo | None:
    row = connection.execute(_infos(user).where(rooms.c.name == room)).first()
    return None if row is None else _info(connection, row, marks)


def room_for_each(
    connection: Connection, room: str, users: Collection[str], marks: Marks
) -> dict[str, RoomInfo]:
    # Counted once: each of a thousand has the same number of others.
    count = select(_MEMBERS_OF_ROOM).where(rooms.c.name == room)
    query = _infos(members.c.user, literal(connection.execute(count).scalar() or 0))
    here = query.where(rooms.c.name == room, members.c.user.in_(users))
    rows = connection.execute(here).all()
    found = {row.user: _info(connection, row, marks) for row in rows}
    strangers = set(users) - found.keys()
    # To all who are no members it is the same.
    seen = room_for(connection, room, min(strangers), marks) if strangers else None
    if seen is not None and seen.kind is RoomKind.PUBLIC:
        found |= dict.fromkeys(strangers, seen)
    return found


def rooms_of(connection: Connection, user: str, marks: Marks) -> list[RoomInfo]:
    query = _infos(user).where(members.c.user.is_not(None)).limit(MOST_LISTED)
    return _list(connection, query, marks)


def public_rooms(connection: Connection, user: str, marks: Marks) -> list[RoomInfo]:
    query = _infos(user).where(rooms.c.kind == str(RoomKind.PUBLIC)).limit(MOST_LISTED)
    return _list(connection, query, marks)


def _members_of_room() -> ColumnElement[int]:
    everybody = members.alias("everybody")
    query = select(func.count()).select_from(everybody).where(everybody.c.room == rooms.c.id)
    return query.correlate(rooms).scalar_subquery()


_MEMBERS_OF_ROOM: Final = _members_of_room()


def _infos(
    user: str | ColumnElement[str], count: ColumnElement[int] = _MEMBERS_OF_ROOM
) -> Select[Any]:
    mine = and_(members.c.room == rooms.c.id, members.c.user == user)
    return (
        select(
            rooms.c.id,
            rooms.c.name,
            rooms.c.title,
            rooms.c.topic,
            rooms.c.kind,
            rooms.c.last_seq,
            rooms.c.last_count,
            members.c.user,
            members.c.role,
            members.c.read_seq,
            count.label("members"),
            _unread(members.c.read_seq).label("unread"),
            _mentions(members.c.user, members.c.read_seq).label("mentions"),
        )
        .select_from(rooms.outerjoin(members, mine))
        .order_by(rooms.c.folded)
    )


def _unread(mark: ColumnElement[int]) -> ColumnElement[int]:
    """Count messages after *mark*: those up to the end, less those up to it, less the deleted."""
    up_to_mark = (
        select(entries.c.count)
        .where(entries.c.room == rooms.c.id, entries.c.seq <= mark)
        .order_by(entries.c.seq.desc())
        .limit(1)
        .correlate(rooms, members)
        .scalar_subquery()
    )
    deleted = (
        select(func.count())
        .select_from(revised)
        .with_hint(revised, "INDEXED BY revised_deleted", "sqlite")
        .where(revised.c.room == rooms.c.id, revised.c.seq > mark)
        .where(revised.c.deleted_seq.is_not(None))
        .correlate(rooms, members)
        .scalar_subquery()
    )
    return rooms.c.last_count - func.coalesce(up_to_mark, rooms.c.purged_count) - deleted


def _mentions(user: ColumnElement[str], mark: ColumnElement[int]) -> ColumnElement[int]:
    query = (
        select(func.count())
        .select_from(mentions)
        .where(mentions.c.user == user, mentions.c.room == rooms.c.id, mentions.c.seq > mark)
    )
    return query.correlate(rooms, members).scalar_subquery()


def _at_another_mark() -> Any:
    mark = bindparam("mark", type_=members.c.read_seq.type)
    user = bindparam("user", type_=members.c.user.type)
    return select(_unread(mark).label("unread"), _mentions(user, mark).label("mentions")).where(
        rooms.c.id == bindparam("room")
    )


_AT_ANOTHER_MARK: Final = _at_another_mark()


def _list(connection: Connection, query: Select[Any], marks: Marks) -> list[RoomInfo]:
    return [_info(connection, row, marks) for row in connection.execute(query).all()]


def _info(connection: Connection, row: Any, marks: Marks) -> RoomInfo:
    member = row.role is not None
    read_seq, counts = row.read_seq or 0, row
    mark = min(marks.get((row.name, row.user), 0), row.last_seq) if member else 0
    if mark > read_seq:
        values = {"room": row.id, "user": row.user, "mark": mark}
        read_seq, counts = mark, connection.execute(_AT_ANOTHER_MARK, values).one()
    return RoomInfo(
        room=row.name,
        title=row.title,
        topic=row.topic,
        kind=RoomKind(row.kind),
        role=RoomRole(row.role) if member else None,
        members=row.members,
        last_seq=row.last_seq,
        read_seq=read_seq if member else 0,
        unread=counts.unread if member else 0,
        mentions=counts.mentions if member else 0,
    )
