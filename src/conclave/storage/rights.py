"""
What the database knows of somebody's standing, at one moment: in the transaction that asks.

It fills in a `Standing`; what that allows is `core.permissions` to say. Scopes of tokens
are no matter of rooms: the gate asks for those before.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from conclave.core.permissions import decide
from conclave.model import (
    SYSTEM,
    Act,
    Identity,
    Role,
    RoomHistory,
    RoomKind,
    RoomRole,
    SanctionKind,
    Standing,
)
from conclave.protocol.errors import Reject
from conclave.storage.driver import raw

Execute = Callable[..., Any]

BAN: Final = str(SanctionKind.BAN)
MUTE: Final = str(SanctionKind.MUTE)

# What `where_of` reads of a room `r`.
OF_ROOM: Final = "r.id, r.name, r.kind, r.archived_at IS NOT NULL, r.slow_mode, r.history"
# What `known_as` reads first, of a user `u` and of their membership `m`; see `sanctioned`, too.
OF_MEMBER: Final = "u.role, u.active, u.canonical IS NOT NULL, m.role, m.said_at, m.joined_seq"


def sanctioned(kind: str, room: str, now: str) -> str:
    """Return the words that ask whether a user `u` is; *room* and *now* are words, too."""
    return (
        "EXISTS (SELECT 1 FROM sanctions s"  # noqa: S608 - of words that stand in the program
        f" WHERE s.room = {room} AND s.user = u.id AND s.kind = '{kind}'"
        f" AND (s.until IS NULL OR s.until > {now}))"
    )


ROOM: Final = f"SELECT {OF_ROOM} FROM rooms r WHERE r.name = ? AND r.deleted_at IS NULL"  # noqa: S608 - as above
_STANDING: Final = f"""
    SELECT {OF_MEMBER}, {sanctioned(BAN, "?1", "?3")}, {sanctioned(MUTE, "?1", "?3")}
    FROM users u LEFT JOIN members m ON m.room = ?1 AND m.user = u.id
    WHERE u.id = ?2
"""  # noqa: S608 - as above

# Of a direct room of two: whether the other one ignores the author.
_SHUT: Final = """
    SELECT 1 FROM members JOIN ignores ON ignores.user = members.user AND ignored = ?2
    WHERE room = ?1 AND (SELECT count(*) FROM members WHERE room = ?1) = 2
"""


# By their words, since to call an enum costs as much as a statement.
_KINDS: Final = {str(kind): kind for kind in RoomKind}
_ROLES: Final = {str(role): role for role in Role}
_MEMBERS: Final = {str(role): role for role in RoomRole}


class Where(NamedTuple):
    """A room, as far as rights go."""

    id: int
    name: str
    kind: RoomKind
    archived: bool
    slow_mode: int
    history: str


class Known(NamedTuple):
    """Somebody in a room: how they stand, and what else the room keeps of them."""

    standing: Standing
    # When they last wrote, where the room is in slow mode.
    said_at: int = 0
    # The number of the entry that made them a member.
    joined_seq: int = 0


def first_of(where: Where, known: Known) -> int:
    """Return the first number that who is *known* so may read in the room *where*."""
    return known.joined_seq if where.history == RoomHistory.JOINED else 0


def find_where(execute: Execute, name: str) -> Where | None:
    """Return the room of this name, unless it is deleted."""
    row = execute(ROOM, (name,)).fetchone()
    return None if row is None else where_of(row)


def where_of(row: Sequence[Any]) -> Where:
    """Return the room that *row* is, as `ROOM` has it."""
    id_, name, kind, archived, slow_mode, history = row
    return Where(id_, name, _KINDS[kind], bool(archived), slow_mode, history)


def find_known(
    execute: Execute, where: Where | None, user: str, now: int, role: Role = Role.USER
) -> Known:
    """
    Return how *user* stands in the room *where*.

    *role* is what the user's authenticator says; for accounts of this server their row says it.
    """
    room = 0 if where is None else where.id
    row = execute(_STANDING, (room, user, now)).fetchone()
    if row is not None:
        return known_as(row, where, role)
    return stranger(where, role)


def stranger(where: Where | None, role: Role = Role.USER) -> Known:
    """Return how somebody stands in *where* of whom the database knows nothing."""
    kind = None if where is None else where.kind
    archived = where is not None and where.archived
    return Known(Standing(role=role, kind=kind, archived=archived))


def known_as(row: Sequence[Any], where: Where | None, role: Role = Role.USER) -> Known:
    """Return how somebody stands in *where* whom *row* is, as `find_known` asks for it."""
    own_role, active, is_account, member, said_at, joined_seq, banned, muted = row
    standing = Standing(
        role=_ROLES[own_role] if is_account else role,
        active=bool(active),
        kind=None if where is None else where.kind,
        archived=where is not None and where.archived,
        member=None if member is None else _MEMBERS[member],
        banned=bool(banned),
        muted=bool(muted),
    )
    return Known(standing, said_at or 0, joined_seq or 0)


def check_act(act: Act, standing: Standing) -> None:
    """Raise `Reject` for what the table of rights does not allow."""
    ruling = decide(act, standing)
    if ruling.code is not None:
        raise Reject(ruling.code)


def check_in(execute: Execute, room: str, who: Identity, act: Act, now: int) -> tuple[Where, Known]:
    """Return the room and how *who* stands there; raises unless they may do *act*."""
    where = find_where(execute, room)
    known = find_known(execute, where, who.user, now, who.role)
    check_act(act, known.standing)
    # The table refuses all that is about a room which is not there.
    assert where is not None
    return where, known


class Reach(NamedTuple):
    """What of a room somebody may read."""

    joined_seq: int = 0
    # Whether only what was said since.
    hides: bool = False

    @property
    def first(self) -> int:
        return self.joined_seq if self.hides else 0


def admit(connection: Connection, room: str, reader: str | None, now: int) -> Reach:
    """
    Return what of *room* *reader* may read; None reads everything.

    Raises `not_in_room` for who is no member at this moment, or `no_such_room`.
    """
    if reader is None or reader == SYSTEM.user:
        return Reach()
    execute = raw(connection).execute
    where = find_where(execute, room)
    # Also where there is none: else that could be told by how long the answer takes.
    known = find_known(execute, where, reader, now)
    check_act(Act.READ, known.standing)
    assert where is not None
    return Reach(known.joined_seq, where.history == RoomHistory.JOINED)


def ignores(execute: Execute, user: str, other: str) -> bool:
    """Return whether *user* ignores *other*."""
    query = "SELECT 1 FROM ignores WHERE user = ? AND ignored = ?"
    return execute(query, (user, other)).fetchone() is not None


def is_shut(execute: Execute, room: int, author: str) -> bool:
    """Return whether the only other one in the direct *room* ignores *author*."""
    return execute(_SHUT, (room, author)).fetchone() is not None
