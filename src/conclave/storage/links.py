"""Links that let somebody do one thing, as queries and as jobs for the writer."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import Connection, Row, Select, insert, or_, select
from sqlalchemy import update as change

from conclave.model import AcceptedAccount, Link, LinkKind, Role, User
from conclave.protocol.errors import Code, Reject
from conclave.storage.credentials import set_password
from conclave.storage.lines import ulid
from conclave.storage.log import Log
from conclave.storage.people import add_account, find_user, has_admin
from conclave.storage.roomlinks import check_leads, lead_in
from conclave.storage.tables import links, rooms

# Of these a newer one takes the place of the older.
_ONE_AT_A_TIME: Final = frozenset({LinkKind.SETUP, LinkKind.RESET})


def add_link(connection: Connection, link: Link, digest: bytes, now: int) -> Link:
    """Store *link*, but for its id and time, which are given here."""
    link = replace(link, id=ulid(now), created_at=now)
    if link.user is not None and find_user(connection, link.user) is None:
        raise Reject(Code.NO_SUCH_USER)
    if link.room is not None and link.kind is LinkKind.INVITE:
        check_leads(connection, link.room, link.created_by, now)
    if link.kind in _ONE_AT_A_TIME:
        _revoke_earlier(connection, link, now)
    values = {
        "id": link.id,
        "kind": str(link.kind),
        "digest": digest,
        "name": link.name,
        "created_by": link.created_by,
        "created_at": now,
        "expires_at": link.expires_at,
        "uses_left": link.uses_left,
        "uses": 0,
        "role": None if link.role is None else str(link.role),
        "user": link.user,
        "room": None if link.room is None else _room_id(connection, link.room),
    }
    connection.execute(insert(links).values(values))
    return link


def _revoke_earlier(connection: Connection, link: Link, now: int) -> None:
    same = (links.c.kind == str(link.kind), links.c.user.is_not_distinct_from(link.user))
    earlier = change(links).where(*same, links.c.revoked_at.is_(None))
    connection.execute(earlier.values(revoked_at=now))


def _room_id(connection: Connection, room: str) -> int:
    query = select(rooms.c.id).where(rooms.c.name == room, rooms.c.deleted_at.is_(None))
    found: int | None = connection.execute(query).scalar()
    if found is None:
        raise Reject(Code.NO_SUCH_ROOM)
    return found


def find_link(connection: Connection, digest: bytes) -> Link | None:
    row = connection.execute(_query().where(links.c.digest == digest)).first()
    return None if row is None else _link(row)


def good_links(connection: Connection, kinds: Iterable[LinkKind], now: int) -> list[Link]:
    """Return those of *kinds* that may be used, the newest first."""
    query = _query().where(
        links.c.kind.in_([str(kind) for kind in kinds]),
        links.c.revoked_at.is_(None),
        or_(links.c.expires_at.is_(None), links.c.expires_at > now),
        or_(links.c.uses_left.is_(None), links.c.uses_left > 0),
    )
    return [_link(row) for row in connection.execute(query.order_by(links.c.id.desc()))]


def revoke_link(connection: Connection, id: str, now: int) -> bool:  # noqa: A002 - a link's id
    which = (links.c.id == id, links.c.revoked_at.is_(None))
    return connection.execute(change(links).where(*which).values(revoked_at=now)).rowcount == 1


def revoke_links_of(
    connection: Connection, user: str, now: int, *, into_rooms: bool = True
) -> None:
    """
    Let no link for *user*, or made by them, be good any more.

    Without *into_rooms* those stay: they are as good as who made them, asked at each use.
    """
    whose = (links.c.user == user) | (links.c.created_by == user)
    which = links.c.revoked_at.is_(None) & whose
    if not into_rooms:
        which &= links.c.kind != str(LinkKind.ROOM)
    connection.execute(change(links).where(which).values(revoked_at=now))


def use_link(connection: Connection, digest: bytes, kinds: Iterable[LinkKind], now: int) -> Link:
    """Use a link of one of *kinds* once; raises `not_found` for one that is not good."""
    found = find_link(connection, digest)
    if found is None or found.kind not in tuple(kinds) or not found.good(now):
        raise Reject(Code.NOT_FOUND)
    left = None if found.uses_left is None else found.uses_left - 1
    used = change(links).where(links.c.id == found.id)
    connection.execute(used.values(uses=found.uses + 1, uses_left=left))
    return replace(found, uses=found.uses + 1, uses_left=left)


def accept_account(
    connection: Connection, log: Log, digest: bytes, user: User, hash_: str, now: int
) -> AcceptedAccount:
    """Make the account that a link of the kind `setup` or `invite` is for, with a password."""
    link = use_link(connection, digest, (LinkKind.SETUP, LinkKind.INVITE), now)
    if link.kind is LinkKind.SETUP and has_admin(connection):
        raise Reject(Code.NOT_FOUND)
    made = add_account(connection, replace(user, role=link.role or Role.USER), now)
    set_password(connection, made.id, hash_, now)
    entries = lead_in(connection, log, link, made, now)
    return AcceptedAccount(user=made, link=link, entries=tuple(entries))


def accept_reset(
    connection: Connection, digest: bytes, hash_: str, now: int
) -> tuple[User, list[str]]:
    """Set the password that a link of the kind `reset` is for; return whose, and the sessions."""
    link = use_link(connection, digest, (LinkKind.RESET,), now)
    user = None if link.user is None else find_user(connection, link.user)
    if user is None or not user.active:
        raise Reject(Code.NOT_FOUND)
    return user, set_password(connection, user.id, hash_, now)


def _query() -> Select[Any]:
    return select(links, rooms.c.name.label("room_name")).outerjoin(
        rooms, rooms.c.id == links.c.room
    )


def _link(row: Row[Any]) -> Link:
    return Link(
        id=row.id,
        kind=LinkKind(row.kind),
        created_by=row.created_by,
        created_at=row.created_at,
        name=row.name,
        expires_at=row.expires_at,
        uses_left=row.uses_left,
        uses=row.uses,
        role=None if row.role is None else Role(row.role),
        user=row.user,
        room=row.room_name,
        revoked_at=row.revoked_at,
    )


def forget_links(connection: Connection, user: str, pseudonym: str) -> None:
    """Take *user* out of all links."""
    connection.execute(change(links).where(links.c.user == user).values(user=None, revoked_at=0))
    made = change(links).where(links.c.created_by == user)
    connection.execute(made.values(created_by=pseudonym))
