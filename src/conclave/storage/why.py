"""
Why somebody may or may not do something: what the database knows, and what follows from it.

It asks as every request does, in one moment, and the one table of rights decides.
"""

from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from conclave.core.permissions import RULES, explain
from conclave.model import Act, RoomRole, Ruling, Standing
from conclave.protocol.errors import Code, Reject
from conclave.storage.driver import raw
from conclave.storage.people import find_user
from conclave.storage.rights import Known, Where, find_known, find_where
from conclave.storage.rooms import find_room

_SANCTIONS: Final = """
    SELECT kind, by, until, reason FROM sanctions
    WHERE room = ? AND user = ? AND (until IS NULL OR until > ?) ORDER BY kind
"""


class Wanted(Struct, frozen=True, kw_only=True):
    """The question: may *user* do *act*, in *room*, to *other* or with their *own* message?"""

    user: str
    act: Act
    room: str | None = None
    other: str | None = None
    own: bool = False


class Sanctioned(Struct, frozen=True, kw_only=True):
    kind: str
    by: str
    until: int | None
    reason: str


class Explained(Struct, frozen=True, kw_only=True):
    """The answer: what is known, each step of the decision, and how it ended."""

    user: str
    act: Act
    room: str | None
    standing: Standing
    sanctions: list[Sanctioned]
    steps: list[Ruling]
    allowed: bool
    # What a client is told; None if it is allowed.
    code: str | None


def explain_act(connection: Connection, wanted: Wanted, now: int) -> Explained:
    """Answer *wanted* as of *now*; raises `no_such_user`, `no_such_room`, `bad_request`."""
    if find_user(connection, wanted.user) is None:
        raise Reject(Code.NO_SUCH_USER)
    where = _find_where(connection, wanted)
    execute = raw(connection).execute
    known = find_known(execute, where, wanted.user, now)
    standing = _with_other(execute, where, wanted, known, now)
    steps = list(explain(wanted.act, standing))
    return Explained(
        user=wanted.user,
        act=wanted.act,
        room=None if where is None else where.name,
        standing=standing,
        sanctions=_sanctions(execute, where, wanted.user, now),
        steps=steps,
        allowed=all(step.allowed for step in steps),
        code=steps[-1].code,
    )


def _find_where(connection: Connection, wanted: Wanted) -> Where | None:
    if not RULES[wanted.act].about_room:
        return None
    if wanted.room is None:
        raise Reject(Code.BAD_REQUEST, f"To {wanted.act} is about a room: say which")
    found = find_room(connection, wanted.room)
    where = None if found is None else find_where(raw(connection).execute, found[0])
    if where is None:
        raise Reject(Code.NO_SUCH_ROOM)
    return where


def _with_other(
    execute: Any, where: Where | None, wanted: Wanted, known: Known, now: int
) -> Standing:
    if wanted.other is None:
        return replace(known.standing, own=wanted.own)
    other: RoomRole | None = find_known(execute, where, wanted.other, now).standing.member
    return replace(known.standing, other=other, own=wanted.other == wanted.user)


def _sanctions(execute: Any, where: Where | None, user: str, now: int) -> list[Sanctioned]:
    if where is None:
        return []
    rows = execute(_SANCTIONS, (where.id, user, now)).fetchall()
    return [Sanctioned(kind=k, by=by, until=until, reason=why) for k, by, until, why in rows]
