"""
What is done to people in rooms: invite, kick, ban, mute, give a role; as jobs for the writer.

Each judges in the transaction that does it, so that nothing slips in between. A request that
comes again does nothing again, and needs no right for that.
"""

from typing import Final

from sqlalchemy import Connection

from conclave.model import Act, Deed, Draft, Identity, RoomKind, RoomRole, Sanction, SanctionKind
from conclave.protocol.errors import Code, Reject
from conclave.storage import membership
from conclave.storage.cases import Case, find_case
from conclave.storage.driver import raw
from conclave.storage.log import Log
from conclave.storage.rights import check_in, find_known, ignores, is_shut

_IMPOSE: Final = (
    'INSERT INTO sanctions (room, user, kind, "by", "at", until, reason)'
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (room, user, kind) DO UPDATE SET"
    ' "by" = excluded."by", "at" = excluded."at", until = excluded.until,'
    " reason = excluded.reason"
)
_IN_FORCE: Final = (
    "SELECT until, reason FROM sanctions WHERE room = ? AND user = ? AND kind = ?"
    " AND (until IS NULL OR until > ?)"
)
_LIST: Final = """
    SELECT s.user, u.display_name, s.kind, s."by", s."at", s.until, s.reason
    FROM sanctions s JOIN users u ON u.id = s.user
    WHERE s.room = ? AND (s.until IS NULL OR s.until > ?) AND (s.user, s.kind) > (?, ?)
    ORDER BY s.user, s.kind LIMIT ?
"""


def check(connection: Connection, room: str, who: Identity, act: Act, now: int) -> None:
    """Raise unless *who* may do *act* in *room*; what is told there counts as written."""
    execute = raw(connection).execute
    where, _ = check_in(execute, room, who, act, now)
    if act is Act.TYPE and where.kind is RoomKind.DIRECT and is_shut(execute, where.id, who.user):
        raise Reject(Code.FORBIDDEN, "They take no messages from you")


def invite(
    connection: Connection,
    log: Log,
    room: str,
    by: Identity,
    user: str,
    now: int,
    client_id: str | None,
) -> Deed:
    """Make *user* a member of *room*."""
    case = find_case(connection, room, by, user, Act.INVITE, now)
    role = membership.first_role(connection, case.where)
    draft = membership.added(case.where.name, by, case.person, role, client_id)
    if _done_before(connection, case, draft, Act.INVITE):
        return _nothing(case)
    _check_invited(connection, case, now)
    if case.member is not None:
        return _nothing(case)
    entry = membership.add(connection, log, case.where.id, draft, now)
    return Deed(user=case.person.id, done=True, entries=(entry,))


def _check_invited(connection: Connection, case: Case, now: int) -> None:
    execute = raw(connection).execute
    if not case.active:
        raise Reject(Code.NO_SUCH_USER)
    if find_known(execute, case.where, case.person.id, now).standing.banned:
        raise Reject(Code.FORBIDDEN, "They are banned from this room: take that back first")
    if ignores(execute, case.person.id, case.by.user):
        raise Reject(Code.FORBIDDEN, "They take no invitations from you")


def kick(
    connection: Connection,
    log: Log,
    room: str,
    by: Identity,
    user: str,
    now: int,
    client_id: str | None,
) -> Deed:
    """End the membership of *user*, who may come back."""
    case = find_case(connection, room, by, user, Act.KICK, now)
    draft = membership.removed(case.where.name, by, case.person, client_id)
    if _done_before(connection, case, draft, Act.KICK):
        return _nothing(case)
    if case.member is None:
        raise Reject(Code.NO_SUCH_USER, "They are no member of this room")
    return _remove(connection, log, case, draft)


def ban(
    connection: Connection,
    log: Log,
    room: str,
    by: Identity,
    user: str,
    now: int,
    client_id: str | None,
    until: int | None,
    reason: str,
) -> Deed:
    """Keep *user* out, member or not, until then."""
    case = find_case(connection, room, by, user, Act.BAN, now)
    # The log says of a kick and of a ban the same: they are two requests all the same.
    besides = f"ban {until} {reason}"
    draft = membership.removed(case.where.name, by, case.person, client_id, besides)
    if _done_before(connection, case, draft, Act.BAN):
        return _nothing(case)
    done = _impose(connection, case, SanctionKind.BAN, now, until, reason)
    if case.member is None:
        return Deed(user=case.person.id, done=done)
    return _remove(connection, log, case, draft)


def mute(
    connection: Connection,
    _log: Log,
    room: str,
    by: Identity,
    user: str,
    now: int,
    until: int | None,
    reason: str,
) -> Deed:
    """Let *user*, member or not, write nothing until then."""
    case = find_case(connection, room, by, user, Act.MUTE, now)
    case.check(Act.MUTE)
    done = _impose(connection, case, SanctionKind.MUTE, now, until, reason)
    return Deed(user=case.person.id, done=done)


def lift(
    connection: Connection,
    _log: Log,
    room: str,
    by: Identity,
    user: str,
    now: int,
    kind: SanctionKind,
) -> Deed:
    """Take a ban or a mute back."""
    act = Act.UNBAN if kind is SanctionKind.BAN else Act.MUTE
    case = find_case(connection, room, by, user, act, now)
    case.check(act)
    cursor = raw(connection).execute(
        "DELETE FROM sanctions WHERE room = ? AND user = ? AND kind = ?",
        (case.where.id, case.person.id, str(kind)),
    )
    return Deed(user=case.person.id, done=cursor.rowcount > 0)


def set_role(
    connection: Connection,
    log: Log,
    room: str,
    by: Identity,
    user: str,
    now: int,
    client_id: str | None,
    role: RoomRole,
) -> Deed:
    """Give a member a role; a room keeps an owner."""
    case = find_case(connection, room, by, user, Act.SET_ROLE, now)
    draft = membership.promoted(case.where.name, by, case.person, role, client_id)
    if _done_before(connection, case, draft, Act.SET_ROLE):
        return _nothing(case)
    if case.member is None:
        raise Reject(Code.NO_SUCH_USER, "They are no member of this room")
    if case.member is role:
        return _nothing(case)
    if membership.owns_alone(connection, case.where.id, case.person.id):
        raise Reject(Code.FORBIDDEN, "A room has an owner: make somebody else one first")
    entry = membership.set_role(connection, log, case.where.id, draft)
    return Deed(user=case.person.id, done=True, entries=(entry,))


def sanctions(
    connection: Connection, room: str, by: Identity, now: int, after: tuple[str, str], limit: int
) -> list[Sanction]:
    """Return the bans and mutes of *room* that are in force, by user and kind, beyond *after*."""
    execute = raw(connection).execute
    where, _ = check_in(execute, room, by, Act.SEE_SANCTIONS, now)
    rows = execute(_LIST, (where.id, now, *after, limit)).fetchall()
    return [
        Sanction(
            user=user,
            name=name,
            kind=SanctionKind(kind),
            by=by_,
            at=at,
            until=until,
            reason=reason,
        )
        for user, name, kind, by_, at, until, reason in rows
    ]


def _done_before(connection: Connection, case: Case, draft: Draft, act: Act) -> bool:
    """Return whether this request comes again; raise unless it may be done now."""
    again = membership.asked_before(connection, draft)
    if not again:
        case.check(act)
    return again


def _remove(connection: Connection, log: Log, case: Case, draft: Draft) -> Deed:
    written = membership.end(connection, log, case.where.id, draft)
    return Deed(user=case.person.id, done=True, entries=tuple(written))


def _nothing(case: Case) -> Deed:
    return Deed(user=case.person.id, done=False)


def _impose(
    connection: Connection,
    case: Case,
    kind: SanctionKind,
    now: int,
    until: int | None,
    reason: str,
) -> bool:
    """Write the sanction; return whether anything is another than before."""
    if until is not None and until <= now:
        raise Reject(Code.CONFLICT, "This time is over already")
    execute = raw(connection).execute
    key = (case.where.id, case.person.id, str(kind))
    if execute(_IN_FORCE, (*key, now)).fetchone() == (until, reason):
        return False
    execute(_IMPOSE, (*key, case.by.user, now, until, reason))
    return True
