"""Rooms and their members, as queries and as jobs for the writer."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select
from sqlalchemy import update as change

from conclave.model import SYSTEM, Act, Draft, Entry, Identity, MemberInfo, RoomKind, RoomRole
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.lines import pend
from conclave.storage.log import Log
from conclave.storage.pages import stored
from conclave.storage.people import fold, vouch_user
from conclave.storage.rights import check_act, find_known, find_where
from conclave.storage.tables import members, rooms, users


def create_room(
    connection: Connection,
    log: Log,
    room: str,
    creator: Identity,
    now: int,
    client_id: str | None,
    **words: str,
) -> list[Entry]:
    """Create *room*; *words* are its title, topic and kind. Return what this wrote to its log."""
    folded = fold(room)
    draft = _added(room, creator, RoomRole.OWNER, client_id)
    if connection.execute(select(rooms.c.id).where(rooms.c.folded == folded)).first():
        if _asked_before(connection, draft):
            return []
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
    return [_add(connection, log, made.scalar_one(), creator, draft, now)]


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
    draft = _added(room, identity, RoomRole.MEMBER)
    return [_add(connection, log, found.id, identity, draft, now)]


def find_room(connection: Connection, room: str) -> tuple[str, RoomKind] | None:
    query = select(rooms.c.name, rooms.c.kind).where(rooms.c.folded == fold(room))
    found = connection.execute(query).first()
    return None if found is None else (found.name, RoomKind(found.kind))


def find_member(connection: Connection, room: str, user: str) -> RoomRole | None:
    query = select(members.c.role).join(rooms).where(rooms.c.name == room, members.c.user == user)
    role = connection.execute(query).scalar()
    return None if role is None else RoomRole(role)


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


def quit_room(
    connection: Connection, log: Log, room: str, identity: Identity, client_id: str | None = None
) -> list[Entry]:
    """
    End a membership; return the entries this wrote, none if there was none.

    A room whose only owner goes gets another: the moderator, or else the member, who has
    been in it longest.
    """
    query = select(rooms.c.id).where(rooms.c.name == room)
    id_ = connection.execute(query).scalar()
    role = None if id_ is None else _role(connection, id_, identity.user)
    gone = {"member": identity.user, "member_name": identity.name}
    draft = _member_draft(room, identity, "member:removed", gone, client_id)
    if id_ is None or role is None or _asked_before(connection, draft):
        return []
    written = []
    if role == RoomRole.OWNER and (heir := _heir(connection, id_, identity.user)) is not None:
        written.append(_promote(connection, log, room, id_, heir, identity))
    written.append(log.write(connection, draft))
    where = (members.c.room == id_, members.c.user == identity.user)
    connection.execute(delete(members).where(*where))
    return written


def _heir(connection: Connection, id: int, owner: str) -> Any:  # noqa: A002 - a room's number
    """Return the row of who follows *owner*; None if there is another owner, or nobody."""
    order = {RoomRole.OWNER: 0, RoomRole.MODERATOR: 1, RoomRole.MEMBER: 2}
    rank = case({str(role): n for role, n in order.items()}, value=members.c.role)
    query = (
        select(members.c.user, members.c.role, users.c.name)
        .join(users)
        .where(members.c.room == id, members.c.user != owner)
        .order_by(users.c.active.desc(), rank, members.c.joined_at, members.c.user)
        .limit(1)
    )
    found = connection.execute(query).first()
    return None if found is None or found.role == RoomRole.OWNER else found


def _promote(
    connection: Connection,
    log: Log,
    room: str,
    id: int,  # noqa: A002 - a room's number
    heir: Any,
    by: Identity,
) -> Entry:
    where = (members.c.room == id, members.c.user == heir.user)
    connection.execute(change(members).where(*where).values(role=str(RoomRole.OWNER)))
    told = {"member": heir.user, "member_name": heir.name, "role": str(RoomRole.OWNER)}
    return log.write(connection, _member_draft(room, by, "member:role", told))


def _added(room: str, identity: Identity, role: RoomRole, client_id: str | None = None) -> Draft:
    told = {"member": identity.user, "member_name": identity.name, "role": str(role)}
    return _member_draft(room, identity, "member:added", told, client_id)


def _member_draft(
    room: str, by: Identity, type_: str, told: dict[str, str], client_id: str | None = None
) -> Draft:
    extra = dict(told)
    return Draft(
        room=room, user=by.user, name=by.name, type=type_, extra=extra, client_id=client_id
    )


def _asked_before(connection: Connection, draft: Draft) -> bool:
    """Return whether the same request was done before. Raises `id_reused`."""
    return draft.client_id is not None and stored(connection, pend(draft)) is not None


def list_members(connection: Connection, room: str, after: str, limit: int) -> list[MemberInfo]:
    """Return members by their ids, from the first one beyond *after*."""
    query = (
        select(members.c.user, users.c.display_name, members.c.role, members.c.joined_at)
        .join(rooms)
        .join(users)
        .where(rooms.c.name == room, members.c.user > after)
        .order_by(members.c.user)
        .limit(limit)
    )
    return [
        MemberInfo(
            id=row.user, name=row.display_name, role=RoomRole(row.role), joined_at=row.joined_at
        )
        for row in connection.execute(query)
    ]


def _add(
    connection: Connection,
    log: Log,
    id: int,  # noqa: A002 - a room's number
    identity: Identity,
    draft: Draft,
    now: int,
) -> Entry:
    vouch_user(connection, identity, now)
    values = {
        "room": id,
        "user": identity.user,
        "role": draft.extra["role"],
        "joined_at": now,
        "read_seq": 0,
    }
    connection.execute(insert(members).values(values))
    entry = log.write(connection, draft)
    where = (members.c.room == id, members.c.user == identity.user)
    connection.execute(change(members).where(*where).values(joined_seq=entry.seq))
    # What was said before is not unread for who comes now.
    mark_read(connection, {(entry.room, identity.user): entry.seq})
    return entry


def _role(connection: Connection, id: int, user: str) -> str | None:  # noqa: A002
    query = select(members.c.role).where(members.c.room == id, members.c.user == user)
    return connection.execute(query).scalar()


def _id_of_mark() -> Any:
    return select(rooms.c.id).where(rooms.c.name == bindparam("at")).scalar_subquery()


def _end_of_mark() -> Any:
    return select(rooms.c.last_seq).where(rooms.c.name == bindparam("at")).scalar_subquery()
