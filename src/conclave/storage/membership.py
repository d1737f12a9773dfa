"""
Who becomes a member and who ceases to be one, with the entries that say so.

All of it runs in the writer's transaction. Whether somebody may is asked before, by who calls
this. A room that people made has an owner for as long as it has members: whoever is the last
owner to go hands it over.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, case, delete, func, insert, select
from sqlalchemy import update as change

from conclave.model import SYSTEM, Draft, Entry, Identity, Person, Role, RoomKind, RoomRole
from conclave.protocol.errors import Reject
from conclave.protocol.state import MEMBER_ADDED, MEMBER_REMOVED, MEMBER_ROLE
from conclave.storage.driver import raw
from conclave.storage.lines import pend
from conclave.storage.log import Log, made_before
from conclave.storage.people import vouch_user
from conclave.storage.rights import Where
from conclave.storage.tables import members, rooms, users

_REQUEST: Final = """
    SELECT digest, seq, message_id, timestamp FROM requests JOIN rooms ON rooms.id = requests.room
    WHERE rooms.name = ? AND user = ? AND client_id = ?
"""
# How far back it is looked for when a former member wrote: it must not take long.
_LOOKED_BACK: Final = 1_000
_LAST_SAID: Final = """
    SELECT max(timestamp) FROM (
        SELECT user, timestamp FROM entries WHERE room = ? AND type = 'message'
        ORDER BY seq DESC LIMIT ?
    ) AS latest WHERE user = ?
"""
_OWNERLESS: Final = """
    SELECT created_by <> ? AND kind <> ? FROM rooms WHERE id = ?
    AND NOT EXISTS (SELECT 1 FROM members WHERE room = rooms.id AND role = ?)
"""


def added(
    room: str,
    by: Identity,
    member: Person,
    role: RoomRole,
    client_id: str | None = None,
) -> Draft:
    """Return the entry by which *by* makes *member* one."""
    return _draft(room, by, MEMBER_ADDED, member, client_id, role=str(role))


def removed(
    room: str, by: Identity, member: Person, client_id: str | None = None, besides: str = ""
) -> Draft:
    """Return the entry by which *by* ends the membership of *member*; see `Draft` for *besides*."""
    draft = _draft(room, by, MEMBER_REMOVED, member, client_id)
    return replace(draft, besides=besides)


def promoted(
    room: str, by: Identity, member: Person, role: RoomRole, client_id: str | None = None
) -> Draft:
    """Return the entry by which *by* gives *member* a role."""
    return _draft(room, by, MEMBER_ROLE, member, client_id, role=str(role))


def _draft(
    room: str, by: Identity, type_: str, member: Person, client_id: str | None, **more: str
) -> Draft:
    extra = {"member": member.id, "member_name": member.name, **more}
    return Draft(
        room=room, user=by.user, name=by.name, type=type_, extra=extra, client_id=client_id
    )


def asked_before(connection: Connection, draft: Draft) -> bool:
    """Return whether the same request was done before. Raises `id_reused`."""
    if draft.client_id is None:
        return False
    pending = pend(draft)
    # Not by a statement that is built each time: to whom a room is hidden, that would tell it.
    row = raw(connection).execute(_REQUEST, (draft.room, draft.user, draft.client_id)).fetchone()
    answer = None if row is None else made_before(pending, *row)
    if isinstance(answer, Reject):
        raise answer
    return answer is not None


def first_role(connection: Connection, where: Where) -> RoomRole:
    """Return what who comes now is: a room that has lost its last owner gets one again."""
    values = (SYSTEM.user, str(RoomKind.DIRECT), where.id, str(RoomRole.OWNER))
    (ownerless,) = raw(connection).execute(_OWNERLESS, values).fetchone() or (False,)
    return RoomRole.OWNER if ownerless else RoomRole.MEMBER


def add(connection: Connection, log: Log, id: int, draft: Draft, now: int) -> Entry:  # noqa: A002
    """Make the one that *draft* is about a member; they must have a row in `users`."""
    user = draft.extra["member"]
    values = {
        "room": id,
        "user": user,
        "role": draft.extra["role"],
        "joined_at": now,
        "read_seq": 0,
        "said_at": _said_at(raw(connection).execute, id, user),
    }
    connection.execute(insert(members).values(values))
    entry = log.write(connection, draft)
    where = (members.c.room == id, members.c.user == user)
    connection.execute(change(members).where(*where).values(joined_seq=entry.seq))
    # What was said before is not unread for who comes now.
    mark_read(connection, {(entry.room, user): entry.seq})
    return entry


def _said_at(execute: Any, room: int, user: str) -> int:
    """Return when *user* wrote last, if the room is slow: to leave and come back ends no wait."""
    (slow_mode,) = execute("SELECT slow_mode FROM rooms WHERE id = ?", (room,)).fetchone()
    if not slow_mode:
        return 0
    (last,) = execute(_LAST_SAID, (room, _LOOKED_BACK, user)).fetchone()
    return last or 0


def add_self(
    connection: Connection, log: Log, where: Where, identity: Identity, now: int
) -> list[Entry]:
    """Make *identity*, who is none yet, a member."""
    vouch_user(connection, identity, now)
    role = first_role(connection, where)
    draft = added(where.name, identity, Person(id=identity.user, name=identity.name), role)
    return [add(connection, log, where.id, draft, now)]


def end(connection: Connection, log: Log, id: int, draft: Draft) -> list[Entry]:  # noqa: A002
    """
    End the membership that *draft* is about; return the entries this wrote.

    A room whose only owner goes gets another: the moderator, or else the member, who has
    been in it longest.
    """
    user = draft.extra["member"]
    by = Identity(user=draft.user, name=draft.name)
    written = []
    if role_of(connection, id, user) is RoomRole.OWNER:
        written += _hand_over(connection, log, id, draft.room, user, by)
    written.append(log.write(connection, draft))
    where = (members.c.room == id, members.c.user == user)
    connection.execute(delete(members).where(*where))
    return written


def hand_over(connection: Connection, log: Log, by: Identity, user: str) -> list[Entry]:
    """
    Let others own what *user*, who is deactivated, owns alone; return the entries this wrote.

    Call it in the transaction that deactivates them; the entries are *by* who does so.
    """
    query = (
        select(rooms.c.id, rooms.c.name)
        .join(members)
        .where(members.c.user == user, members.c.role == str(RoomRole.OWNER))
        .order_by(rooms.c.id)
    )
    written = []
    for row in connection.execute(query).all():
        written += _hand_over(connection, log, row.id, row.name, user, by)
    return written


def _hand_over(
    connection: Connection,
    log: Log,
    id: int,  # noqa: A002 - a room's number
    room: str,
    owner: str,
    by: Identity,
) -> list[Entry]:
    """Make an owner of who follows *owner*, unless there is another, or nobody."""
    heir = _heir(connection, id, owner)
    return [] if heir is None else [set_role(connection, log, id, _owner(room, by, heir))]


def _owner(room: str, by: Identity, heir: Person) -> Draft:
    return promoted(room, by, heir, RoomRole.OWNER)


def _heir(connection: Connection, id: int, owner: str) -> Person | None:  # noqa: A002
    order = {RoomRole.OWNER: 0, RoomRole.MODERATOR: 1, RoomRole.MEMBER: 2}
    rank = case({str(role): n for role, n in order.items()}, value=members.c.role)
    query = (
        select(members.c.user, members.c.role, users.c.display_name)
        .join(users)
        .where(members.c.room == id, members.c.user != owner)
        .order_by(
            users.c.active.desc(),
            # Guests only where there is nobody else.
            users.c.role == str(Role.GUEST),
            rank,
            members.c.joined_at,
            members.c.user,
        )
        .limit(1)
    )
    found = connection.execute(query).first()
    if found is None or found.role == RoomRole.OWNER:
        return None
    return Person(id=found.user, name=found.display_name)


def set_role(connection: Connection, log: Log, id: int, draft: Draft) -> Entry:  # noqa: A002
    """Give the member that *draft* is about its role."""
    where = (members.c.room == id, members.c.user == draft.extra["member"])
    connection.execute(change(members).where(*where).values(role=draft.extra["role"]))
    return log.write(connection, draft)


def role_of(connection: Connection, id: int, user: str) -> RoomRole | None:  # noqa: A002
    query = select(members.c.role).where(members.c.room == id, members.c.user == user)
    role = connection.execute(query).scalar()
    return None if role is None else RoomRole(role)


def owns_alone(connection: Connection, id: int, user: str) -> bool:  # noqa: A002
    """Return whether *user* is an owner and no other owner is active."""
    query = (
        select(func.count())
        .select_from(members.join(users))
        .where(members.c.room == id, members.c.role == str(RoomRole.OWNER))
        .where(members.c.user != user, users.c.active == 1)
    )
    alone = not connection.execute(query).scalar()
    return alone and role_of(connection, id, user) is RoomRole.OWNER


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


def _id_of_mark() -> Any:
    return select(rooms.c.id).where(rooms.c.name == bindparam("at")).scalar_subquery()


def _end_of_mark() -> Any:
    return select(rooms.c.last_seq).where(rooms.c.name == bindparam("at")).scalar_subquery()
