"""
Links into rooms: limited in uses and in time, kept as a digest, as jobs for the writer.

A link is as good as who made it: it lets nobody in once its maker could not make it any more.
"""

from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from conclave.core.permissions import decide
from conclave.model import OPERATOR, Act, Entry, Identity, Link, RoomKind, RoomLink, User
from conclave.protocol.errors import Code, Reject
from conclave.storage import membership
from conclave.storage.driver import raw
from conclave.storage.lines import ulid
from conclave.storage.log import Log
from conclave.storage.rights import Execute, Where, check_act, check_in, find_known, find_where

# More than a room needs at a time, and few enough to list.
MOST_LINKS: Final = 50

_ADD: Final = """
    INSERT INTO links (id, kind, digest, name, created_by, created_at, expires_at, uses_left, uses,
        room)
    VALUES (?, 'room', ?, ?, ?, ?, ?, ?, 0, ?)
"""
_GOOD: Final = (
    "kind = 'room' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)"
    " AND (uses_left IS NULL OR uses_left > 0)"
)
_LIST: Final = (
    "SELECT id, name, created_by, created_at, expires_at, uses_left, uses FROM links"  # noqa: S608 - two constants
    f" WHERE room = ? AND {_GOOD} ORDER BY id"
)
_FIND: Final = (
    "SELECT id, created_by, (SELECT name FROM rooms WHERE rooms.id = links.room) FROM links"  # noqa: S608 - a constant
    f" WHERE digest = ? AND {_GOOD}"
)
_USE: Final = "UPDATE links SET uses = uses + 1, uses_left = uses_left - 1 WHERE id = ?"


def make_link(
    connection: Connection,
    _log: Log,
    room: str,
    by: Identity,
    digest: bytes,
    now: int,
    name: str,
    uses: int | None,
    expires_at: int | None,
) -> RoomLink:
    """Keep a link into *room* by the SHA-256 of its token."""
    execute = raw(connection).execute
    where, _ = check_in(execute, room, by, Act.LINK, now)
    if expires_at is not None and expires_at <= now:
        raise Reject(Code.CONFLICT, "This time is over already")
    if len(execute(_LIST, (where.id, now)).fetchall()) >= MOST_LINKS:
        raise Reject(Code.FORBIDDEN, "There are as many links into this room as there may be")
    made = ulid(now)
    execute(_ADD, (made, digest, name, by.user, now, expires_at, uses, where.id))
    return RoomLink(
        id=made,
        room=where.name,
        name=name,
        created_by=by.user,
        created_at=now,
        expires_at=expires_at,
        uses_left=uses,
        uses=0,
    )


def links_of(connection: Connection, room: str, by: Identity, now: int) -> list[RoomLink]:
    """Return the links into *room* that are good now, the oldest first."""
    execute = raw(connection).execute
    where, _ = check_in(execute, room, by, Act.LINK, now)
    return [
        RoomLink(
            id=id_,
            room=where.name,
            name=name,
            created_by=made_by,
            created_at=made_at,
            expires_at=expires_at,
            uses_left=left,
            uses=uses,
        )
        for id_, name, made_by, made_at, expires_at, left, uses in execute(_LIST, (where.id, now))
    ]


def revoke_link(
    connection: Connection, _log: Log, room: str, by: Identity, link: str, now: int
) -> bool:
    """Let *link* lead nowhere any more; return whether it did."""
    execute = raw(connection).execute
    where, _ = check_in(execute, room, by, Act.LINK, now)
    query = "UPDATE links SET revoked_at = ? WHERE id = ? AND room = ? AND revoked_at IS NULL"
    return bool(execute(query, (now, link, where.id)).rowcount > 0)


def accept_link(
    connection: Connection, log: Log, who: Identity, digest: bytes, now: int
) -> tuple[str, list[Entry]]:
    """Let *who* into the room that the link leads to; return it, and what this wrote."""
    execute = raw(connection).execute
    found = execute(_FIND, (digest, now)).fetchone()
    where = None if found is None else find_where(execute, found[2])
    if found is None or where is None or not _is_backed(execute, where, found[1], now):
        raise Reject(Code.NOT_FOUND, "This link does not lead anywhere any more")
    standing = find_known(execute, where, who.user, now, who.role).standing
    # For who has a link the room is as open as a public one.
    check_act(Act.JOIN, replace(standing, kind=RoomKind.PUBLIC))
    if standing.member is not None:
        return where.name, []
    execute(_USE, (found[0],))
    return where.name, membership.add_self(connection, log, where, who, now)


def check_leads(connection: Connection, room: str, maker: str, now: int) -> None:
    """Raise unless *maker* may make an invitation that leads into *room*."""
    execute = raw(connection).execute
    where = find_where(execute, room)
    if maker != OPERATOR:
        check_act(Act.LINK, find_known(execute, where, maker, now).standing)
    elif where is None:
        raise Reject(Code.NO_SUCH_ROOM)
    elif where.kind is RoomKind.DIRECT:
        raise Reject(Code.FORBIDDEN, "A direct room is of exactly these people")


def lead_in(connection: Connection, log: Log, link: Link, user: User, now: int) -> list[Entry]:
    """
    Make *user*, who is new here, a member of the room that an invitation leads into.

    Nothing comes of it where its maker could not let them in any more, or nobody comes in.
    """
    execute = raw(connection).execute
    where = None if link.room is None else find_where(execute, link.room)
    if where is None or where.archived:
        return []
    if link.created_by != OPERATOR and not _is_backed(execute, where, link.created_by, now):
        return []
    who = Identity(user=user.id, name=user.display_name, role=user.role)
    return membership.add_self(connection, log, where, who, now)


def _is_backed(execute: Execute, where: Where, maker: str, now: int) -> bool:
    return decide(Act.LINK, find_known(execute, where, maker, now).standing).allowed
