"""
Rooms as lists show them to one user, with what is unread.

Nothing of it is stored: it follows from the log and the read mark. Marks that are not in
the tables yet are given beside.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from conclave.core.permissions import words
from conclave.model import (
    NOTIFY,
    Notify,
    Person,
    Role,
    RoomHistory,
    RoomInfo,
    RoomKind,
    RoomRole,
    SanctionKind,
    Standing,
)
from conclave.storage.marks import Marks
from conclave.storage.people import fold
from conclave.storage.tables import (
    entries,
    members,
    mentions,
    reports,
    revised,
    rooms,
    sanctions,
    users,
)

# Rooms one page of a list names: what a person reads, and a connection can take.
MOST_LISTED: Final = 500


class Asking(NamedTuple):
    """What a list of rooms depends on besides the tables."""

    marks: Marks
    now: int


def room_for(connection: Connection, room: str, user: str, asking: Asking) -> RoomInfo | None:
    """Return the room as *user* sees it; None if there is none that they may know of."""
    found = _list(connection, _ONE, {"reader": user, "room": room}, asking)
    return next((info for info in found if info.role or info.kind is RoomKind.PUBLIC), None)


def room_for_each(
    connection: Connection, room: str, people: Collection[str], asking: Asking
) -> dict[str, RoomInfo]:
    # Counted once: each of a thousand has the same number of others.
    count = select(_MEMBERS_OF_ROOM).where(rooms.c.name == room)
    total = connection.execute(count).scalar() or 0
    values = {"room": room, "people": list(people), "total": total, "now": asking.now}
    rows = connection.execute(_EACH, values).all()
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
    return _list(connection, _MINE, values, asking)


def public_rooms(
    connection: Connection, user: str, asking: Asking, after: str = "", limit: int = MOST_LISTED
) -> list[RoomInfo]:
    """Return all public rooms by name, those beyond the name *after*."""
    values = {"reader": user, "after": fold(after), "rows": limit}
    return _list(connection, _PUBLIC, values, asking)


def names_of(connection: Connection, user: str) -> list[str]:
    """Return the names of all rooms of *user*."""
    query = select(rooms.c.name).join(members).where(members.c.user == user)
    return list(connection.execute(query.order_by(rooms.c.folded)).scalars())


def _members_of_room() -> ColumnElement[int]:
    everybody = members.alias("everybody")
    query = select(func.count()).select_from(everybody).where(everybody.c.room == rooms.c.id)
    return query.correlate(rooms).scalar_subquery()


_MEMBERS_OF_ROOM: Final = _members_of_room()


def _infos(user: ColumnElement[str], count: ColumnElement[int] = _MEMBERS_OF_ROOM) -> Select[Any]:
    mine = and_(members.c.room == rooms.c.id, members.c.user == user)
    banned, muted = sanctions.alias("banned"), sanctions.alias("muted")
    return (
        select(
            rooms.c.id,
            rooms.c.name,
            rooms.c.title,
            rooms.c.topic,
            rooms.c.kind,
            rooms.c.archived_at,
            rooms.c.slow_mode,
            rooms.c.history,
            rooms.c.last_seq,
            rooms.c.last_count,
            members.c.user,
            members.c.role,
            members.c.read_seq,
            members.c.notify,
            users.c.role.label("on_server"),
            users.c.display_name,
            banned.c.at.label("banned_at"),
            muted.c.at.label("muted_at"),
            muted.c.until.label("muted_until"),
            count.label("members"),
            _reports_to_keepers().label("reports"),
            _unread(members.c.read_seq).label("unread"),
            _mentions(members.c.user, members.c.read_seq).label("mentions"),
        )
        .select_from(
            rooms.outerjoin(members, mine)
            .outerjoin(users, users.c.id == user)
            .outerjoin(banned, _is(banned, SanctionKind.BAN, user))
            .outerjoin(muted, _is(muted, SanctionKind.MUTE, user))
        )
        .where(rooms.c.deleted_at.is_(None))
        .order_by(rooms.c.folded)
    )


def _is(sanction: Any, kind: SanctionKind, user: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(
        sanction.c.room == rooms.c.id,
        sanction.c.user == user,
        sanction.c.kind == str(kind),
        or_(sanction.c.until.is_(None), sanction.c.until > bindparam("now")),
    )


def _reports_to_keepers() -> ColumnElement[int]:
    """Count open reports for who may see them: all others' lists must not wait for that."""
    keeps = or_(members.c.role != str(RoomRole.MEMBER), users.c.role == str(Role.ADMIN))
    return case((keeps, _open_reports()), else_=0)


def _open_reports() -> ColumnElement[int]:
    query = select(func.count()).select_from(reports)
    where = (reports.c.room == rooms.c.id, reports.c.closed_at.is_(None))
    return query.where(*where).correlate(rooms).scalar_subquery()


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

# Made once: to build a statement takes longer than to run it.
_reader: Final = bindparam("reader", type_=users.c.id.type)
_in_room: Final = rooms.c.name == bindparam("room")
_beyond: Final = rooms.c.folded > bindparam("after")
_rows: BindParameter[int] = bindparam("rows")
_ONE: Final = _infos(_reader).where(_in_room)
_EACH: Final = _infos(members.c.user, bindparam("total", type_=rooms.c.last_seq.type)).where(
    _in_room, members.c.user.in_(bindparam("people", expanding=True))
)
_MINE: Final = _infos(_reader).where(members.c.user.is_not(None), _beyond).limit(_rows)
_PUBLIC: Final = _infos(_reader).where(rooms.c.kind == str(RoomKind.PUBLIC), _beyond).limit(_rows)


def _list(
    connection: Connection, query: Select[Any], values: dict[str, Any], asking: Asking
) -> list[RoomInfo]:
    rows = connection.execute(query, {**values, "now": asking.now}).all()
    partners = _partners(connection, rows)
    return [_info(connection, row, asking, partners) for row in rows]


def _partners(connection: Connection, rows: Iterable[Any]) -> dict[int, list[Person]]:
    """Return who is in those of *rows* that are direct rooms: each is named after the others."""
    direct = [row.id for row in rows if row.kind == RoomKind.DIRECT]
    found: defaultdict[int, list[Person]] = defaultdict(list)
    if not direct:
        return found
    query = select(members.c.room, users.c.id, users.c.display_name).join(users)
    where = query.where(members.c.room.in_(direct)).order_by(members.c.room, users.c.display_name)
    for row in connection.execute(where):
        found[row.room].append(Person(id=row.id, name=row.display_name))
    return found


def _info(
    connection: Connection, row: Any, asking: Asking, partners: dict[int, list[Person]]
) -> RoomInfo:
    member = row.role is not None
    read_seq, counts = row.read_seq or 0, row
    mark = min(asking.marks.get((row.name, row.user), 0), row.last_seq) if member else 0
    if mark > read_seq:
        values = {"room": row.id, "user": row.user, "mark": mark}
        read_seq, counts = mark, connection.execute(_AT_ANOTHER_MARK, values).one()
    others = tuple(one for one in partners.get(row.id, ()) if one.id != row.user)
    may = words(_standing(row))
    return RoomInfo(
        room=row.name,
        title=_title(row, others),
        topic=row.topic,
        kind=RoomKind(row.kind),
        role=RoomRole(row.role) if member else None,
        members=row.members,
        last_seq=row.last_seq,
        read_seq=read_seq if member else 0,
        unread=counts.unread if member else 0,
        mentions=counts.mentions if member else 0,
        archived=row.archived_at is not None,
        slow_mode=row.slow_mode,
        history=RoomHistory(row.history),
        muted=row.muted_at is not None,
        muted_until=row.muted_until,
        notify=_notify(row),
        partners=others,
        reports=row.reports if "reports" in may else 0,
        may=may,
    )


def _notify(row: Any) -> Notify:
    if row.role is None:
        return Notify.MENTIONS
    return NOTIFY[RoomKind(row.kind)] if row.notify is None else Notify(row.notify)


def _title(row: Any, others: tuple[Person, ...]) -> str:
    """Return the room's title; direct rooms have none but who else is there."""
    if row.kind != RoomKind.DIRECT:
        return str(row.title)
    return ", ".join(one.name for one in others) or row.display_name or row.name


def _standing(row: Any) -> Standing:
    return Standing(
        role=Role(row.on_server or Role.USER),
        kind=RoomKind(row.kind),
        archived=row.archived_at is not None,
        member=RoomRole(row.role) if row.role is not None else None,
        banned=row.banned_at is not None,
        muted=row.muted_at is not None,
    )
