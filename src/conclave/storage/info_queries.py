"""
The statements of room lists: each room as one user has it, with what is unread.

What comes of their rows is `infos`' business. Made once: to build a statement takes longer
than to run it.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from conclave.model import Role, RoomKind, RoomRole, SanctionKind
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


class Row(NamedTuple):
    """A row of `_infos`: its fields are found three times as fast as SQLAlchemy's."""

    id: int
    name: str
    title: str
    topic: str
    kind: str
    archived_at: int | None
    slow_mode: int
    history: str
    last_seq: int
    last_count: int
    last_time: int
    user: str
    role: str | None
    read_seq: int | None
    notify: str | None
    favourite: int | None
    on_server: str | None
    display_name: str | None
    banned_at: int | None
    muted_at: int | None
    muted_until: int | None
    members: int
    reports: int
    unread: int
    mentions: int


def _members_of_room() -> ColumnElement[int]:
    everybody = members.alias("everybody")
    query = select(func.count()).select_from(everybody).where(everybody.c.room == rooms.c.id)
    return query.correlate(rooms).scalar_subquery()


MEMBERS_OF_ROOM: Final = _members_of_room()


def _infos(user: ColumnElement[str], count: ColumnElement[int] = MEMBERS_OF_ROOM) -> Select[Any]:
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
            rooms.c.last_time,
            members.c.user,
            members.c.role,
            members.c.read_seq,
            members.c.notify,
            members.c.favourite,
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


AT_ANOTHER_MARK: Final = _at_another_mark()

_reader: Final = bindparam("reader", type_=users.c.id.type)
_in_room: Final = rooms.c.name == bindparam("room")
_beyond: Final = rooms.c.folded > bindparam("after")
_rows: BindParameter[int] = bindparam("rows")
ONE: Final = _infos(_reader).where(_in_room)
EACH: Final = _infos(members.c.user, bindparam("total", type_=rooms.c.last_seq.type)).where(
    _in_room, members.c.user.in_(bindparam("people", expanding=True))
)
MINE: Final = _infos(_reader).where(members.c.user.is_not(None), _beyond).limit(_rows)
# Read by everybody who comes in, by the driver itself: no rows are made of single columns.
PUBLIC_NAMES: Final = """
    SELECT name FROM rooms WHERE kind = 'public' AND deleted_at IS NULL ORDER BY folded LIMIT ?
"""
NAMES_OF: Final = """
    SELECT r.name FROM rooms r JOIN members m ON m.room = r.id WHERE m.user = ? ORDER BY r.folded
"""
PUBLIC: Final = _infos(_reader).where(rooms.c.kind == str(RoomKind.PUBLIC), _beyond).limit(_rows)
