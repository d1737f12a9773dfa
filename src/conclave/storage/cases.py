"""
An act of one person upon another in a room, judged in the transaction that then does it.

What it judges by is the one table of rights; what is done stands in `moderation`.
"""

from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection

from conclave.model import Act, Identity, Person, RoomRole, Standing
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.people import fold
from conclave.storage.rights import Where, check_act, find_known, find_where

_PERSON: Final = "SELECT id, display_name, active FROM users WHERE id = ?1 OR canonical = ?2"
_ROLE: Final = "SELECT role FROM members WHERE room = ? AND user = ?"


class Case(NamedTuple):
    """Who acts upon whom, and where."""

    where: Where
    by: Identity
    person: Person
    # What they are in the room; None: no member.
    member: RoomRole | None
    active: bool
    standing: Standing

    def check(self, act: Act) -> None:
        """Raise `Reject` unless the table of rights allows *act*."""
        check_act(act, self.standing)


def find_case(
    connection: Connection, room: str, by: Identity, named: str, act: Act, now: int
) -> Case:
    """
    Return the case of *by* acting upon who is *named*, by id or by name.

    Raises what the table of rights says where there is nobody to act upon: who may not do
    *act* at all does not learn whom there is.
    """
    execute = raw(connection).execute
    where = find_where(execute, room)
    known = find_known(execute, where, by.user, now, by.role)
    found = find_person(execute, named)
    # Also where there is no room: else that could be told by how long the answer takes.
    here = (0 if where is None else where.id, by.user if found is None else found[0].id)
    role = execute(_ROLE, here).fetchone()
    if where is None or found is None or known.standing.member is None:
        # No later for a room that is there than for one that is not.
        check_act(act, known.standing)
    if where is None or found is None:
        raise Reject(Code.NO_SUCH_USER)
    person, active = found
    member = None if role is None else RoomRole(role[0])
    standing = replace(known.standing, own=person.id == by.user, other=member)
    return Case(where, by, person, member, active, standing)


def find_person(execute: Any, named: str) -> tuple[Person, bool] | None:
    """Return who has this id, or else this name, and whether they are active."""
    rows = execute(_PERSON, (named, fold(named))).fetchall()
    # An id is nobody else's name where both are this server's; another authenticator's may be.
    rows.sort(key=lambda row: row[0] != named)
    if not rows:
        return None
    id_, name, active = rows[0]
    return Person(id=id_, name=name), bool(active)
