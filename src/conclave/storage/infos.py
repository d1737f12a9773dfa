"""
Rooms as lists show them to one user, with what is unread.

Nothing of it is stored: it follows from the log and the read mark. Marks that are not in
the tables yet are given beside.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, select

from conclave.core.words import words
from conclave.model import (
    NOTIFY,
    Notify,
    Person,
    Role,
    RoomHistory,
    RoomInfo,
    RoomKind,
    RoomRole,
    Standing,
)
from conclave.storage.driver import raw
from conclave.storage.info_queries import (
    AT_ANOTHER_MARK,
    EACH,
    MEMBERS_OF_ROOM,
    MINE,
    NAMES_OF,
    ONE,
    PUBLIC,
    PUBLIC_NAMES,
    Row,
)
from conclave.storage.marks import Marks
from conclave.storage.people import fold
from conclave.storage.tables import members, rooms, users

# Rooms one page of a list names: what a person reads, and a connection can take.
MOST_LISTED: Final = 500
# Of how many different standings is kept what follows from them; there are some hundreds.
_MOST_ALIKE: Final = 1_024
# Plain texts, as rows have them.
_DIRECT: Final = str(RoomKind.DIRECT)
_HISTORIES: Final = {str(one): one for one in RoomHistory}


class Asking(NamedTuple):
    """What a list of rooms depends on besides the tables."""

    marks: Marks
    now: int


def room_for(connection: Connection, room: str, user: str, asking: Asking) -> RoomInfo | None:
    """Return the room as *user* sees it; None if there is none that they may know of."""
    found = _list(connection, ONE, {"reader": user, "room": room}, asking)
    return next((info for info in found if info.role or info.kind is RoomKind.PUBLIC), None)


def room_for_each(
    connection: Connection, room: str, people: Collection[str], asking: Asking
) -> dict[str, RoomInfo]:
    # Counted once: each of a thousand has the same number of others.
    count = select(MEMBERS_OF_ROOM).where(rooms.c.name == room)
    total = connection.execute(count).scalar() or 0
    values = {"room": room, "people": list(people), "total": total, "now": asking.now}
    rows = list(map(Row._make, connection.execute(EACH, values)))
    partners = _partners(connection, rows)
    found = {row.user: _info(connection, row, asking, partners) for row in rows}
    for stranger in set(people) - found.keys():
        if (seen := room_for(connection, room, stranger, asking)) is not None:
            found[stranger] = seen
    return found


def rooms_of(
    connection: Connection, user: str, asking: Asking, after: str = "", limit: int = MOST_LISTED
) -> list[RoomInfo]:
    """Return the rooms of *user* by name, those beyond the name *after*."""
    values = {"reader": user, "after": fold(after), "rows": limit}
    return _list(connection, MINE, values, asking)


def public_rooms(
    connection: Connection, user: str, asking: Asking, after: str = "", limit: int = MOST_LISTED
) -> list[RoomInfo]:
    """Return all public rooms by name, those beyond the name *after*."""
    values = {"reader": user, "after": fold(after), "rows": limit}
    return _list(connection, PUBLIC, values, asking)


def public_names(connection: Connection, limit: int = MOST_LISTED) -> list[str]:
    """Return the names of the first public rooms by name: the same for everybody."""
    return [name for (name,) in raw(connection).execute(PUBLIC_NAMES, (limit,))]


def names_of(connection: Connection, user: str) -> list[str]:
    """Return the names of all rooms of *user*."""
    return [name for (name,) in raw(connection).execute(NAMES_OF, (user,))]


def _list(
    connection: Connection, query: Select[Any], values: dict[str, Any], asking: Asking
) -> list[RoomInfo]:
    rows = list(map(Row._make, connection.execute(query, {**values, "now": asking.now})))
    partners = _partners(connection, rows)
    return [_info(connection, row, asking, partners) for row in rows]


def _partners(connection: Connection, rows: Iterable[Row]) -> dict[int, list[Person]]:
    """Return who is in those of *rows* that are direct rooms: each is named after the others."""
    direct = [row.id for row in rows if row.kind == _DIRECT]
    found: defaultdict[int, list[Person]] = defaultdict(list)
    if not direct:
        return found
    query = select(members.c.room, users.c.id, users.c.display_name).join(users)
    where = query.where(members.c.room.in_(direct)).order_by(members.c.room, users.c.display_name)
    for row in connection.execute(where):
        found[row.room].append(Person(id=row.id, name=row.display_name))
    return found


def _info(
    connection: Connection, row: Row, asking: Asking, partners: dict[int, list[Person]]
) -> RoomInfo:
    member = row.role is not None
    read_seq, counts = row.read_seq or 0, (row.unread, row.mentions)
    mark = min(asking.marks.get((row.name, row.user), 0), row.last_seq) if member else 0
    if mark > read_seq:
        values = {"room": row.id, "user": row.user, "mark": mark}
        read_seq, counts = mark, tuple(connection.execute(AT_ANOTHER_MARK, values).one())
    others = _others(row, partners)
    stands = _stands(
        row.on_server,
        row.kind,
        row.role,
        row.archived_at is not None,
        row.banned_at is not None,
        row.muted_at is not None,
    )
    return RoomInfo(
        room=row.name,
        title=_title(row, others),
        topic=row.topic,
        kind=stands.kind,
        role=stands.role,
        members=row.members,
        last_seq=row.last_seq,
        read_seq=read_seq if member else 0,
        unread=counts[0] if member else 0,
        mentions=counts[1] if member else 0,
        archived=row.archived_at is not None,
        slow_mode=row.slow_mode,
        history=_HISTORIES[row.history],
        muted=row.muted_at is not None,
        muted_until=row.muted_until,
        notify=_notify(row, stands.kind),
        favourite=bool(row.favourite),
        last_time=row.last_time if member else 0,
        partners=others,
        reports=row.reports if stands.sees_reports else 0,
        may=stands.may,
    )


def _notify(row: Row, kind: RoomKind) -> Notify:
    if row.role is None:
        return Notify.MENTIONS
    return NOTIFY[kind] if row.notify is None else Notify(row.notify)


def _others(row: Row, partners: dict[int, list[Person]]) -> tuple[Person, ...]:
    if row.kind != _DIRECT:
        return ()
    return tuple(one for one in partners.get(row.id, ()) if one.id != row.user)


def _title(row: Row, others: tuple[Person, ...]) -> str:
    """Return the room's title; direct rooms have none but who else is there."""
    if row.kind != _DIRECT:
        return str(row.title)
    return ", ".join(one.name for one in others) or row.display_name or row.name


class _Stands(NamedTuple):
    kind: RoomKind
    role: RoomRole | None
    may: tuple[str, ...]
    sees_reports: bool


@lru_cache(_MOST_ALIKE)
def _stands(
    on_server: str | None, kind: str, role: str | None, archived: bool, banned: bool, muted: bool
) -> _Stands:
    """
    Return what follows from what the tables say of somebody in a room.

    All of it, once for all who stand alike: a list has hundreds of rooms, and to make the
    values and to ask the table of rights took longer than the query.
    """
    standing = Standing(
        role=Role(on_server or Role.USER),
        kind=RoomKind(kind),
        archived=archived,
        member=RoomRole(role) if role is not None else None,
        banned=banned,
        muted=muted,
    )
    may = words(standing)
    return _Stands(RoomKind(kind), standing.member, may, "reports" in may)
