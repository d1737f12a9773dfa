"""
All that is kept of one person, as the lines of an export that may be handed to them.

No secret is in it, theirs neither, and nothing that belongs to others: from where others did
something to them, who closed their report, what became of a room after they had left it.
What others wrote is not theirs; what the logs say of them is.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from conclave.storage.columns import SECRETS
from conclave.storage.errors import CannotDo
from conclave.storage.exported_rows import lines, of_room, rooms
from conclave.storage.transfer import (
    AttachmentLine,
    AuditLine,
    EntryLine,
    IdentityLine,
    IgnoreLine,
    Line,
    LinkLine,
    MemberLine,
    PasskeyLine,
    PasswordLine,
    RecoveryLine,
    ReportLine,
    RoomLine,
    SanctionLine,
    SubscriptionLine,
    TokenLine,
    TotpLine,
    UserLine,
)

L = TypeVar("L", bound=Line)

# What they come in with.
_CREDENTIALS: Final = (TokenLine, IdentityLine, PasswordLine, PasskeyLine, TotpLine, RecoveryLine)
# What the user wrote, and what the log says of the user.
_MAY_CONCERN: Final = "AND (user = ? OR instr(coalesce(extra, ''), ?) > 0)"


def of_one(connection: Any, user: str) -> Iterator[Line]:
    """Give what concerns *user*; raises `CannotDo` if there is no such user."""
    found = list(lines(connection, UserLine, "WHERE id = ?", user))
    if not found:
        raise CannotDo(f"there is no user {user!r}")
    yield from found
    for kind in _CREDENTIALS:
        yield from map(_bare, lines(connection, kind, "WHERE user = ?", user))
    yield from _subscriptions(connection, user)
    yield from lines(connection, IgnoreLine, "WHERE user = ?", user)
    for number, room in rooms(connection):
        yield from _in_room(connection, user, number, room)
    mine = lines(connection, LinkLine, "WHERE room IS NULL AND created_by = ?", user)
    yield from map(_bare, mine)
    for line in lines(connection, AuditLine, "WHERE actor = ? OR target = ?", user, user):
        yield line if line.actor == user else msgspec.structs.replace(line, address=None)


def _bare(line: Line) -> Line:
    """Return *line* without what of it is kept secret."""
    return msgspec.structs.replace(line, **dict.fromkeys(SECRETS.get(type(line), ())))


def _subscriptions(connection: Any, user: str) -> Iterator[Line]:
    query = (
        "SELECT id, session, endpoint, with_text, created_at FROM subscriptions"
        " WHERE user = ? ORDER BY id"
    )
    for id_, session, endpoint, with_text, created_at in connection.execute(query, (user,)):
        yield SubscriptionLine(
            user=user,
            id=id_,
            session=session,
            # Who has the whole of it may push to that browser.
            service=urlsplit(endpoint).hostname or "",
            with_text=bool(with_text),
            created_at=created_at,
        )


def _in_room(connection: Any, user: str, number: int, room: RoomLine) -> Iterator[Line]:
    def of(kind: type[L], which: str, *values: str) -> Iterator[L]:
        return of_room(connection, kind, number, room.name, which, *values)

    quoted = msgspec.json.encode(user).decode()
    said = of(EntryLine, _MAY_CONCERN, user, quoted)
    member = list(of(MemberLine, "AND user = ?", user))
    theirs = chain(
        member,
        (line for line in said if user in (line.user, line.extra.get("member"))),
        of(AttachmentLine, "AND user = ?", user),
        of(SanctionLine, "AND user = ?", user),
        map(_as_reporter_sees, of(ReportLine, "AND user = ?", user)),
        map(_bare, of(LinkLine, "AND created_by = ?", user)),
    )
    first = next(theirs, None)
    if first is not None:
        yield _as_seen(room) if member else _as_left(room)
        yield first
        yield from theirs


def _as_reporter_sees(report: ReportLine) -> ReportLine:
    return msgspec.structs.replace(report, closed_by=None)


def _as_seen(room: RoomLine) -> RoomLine:
    # Of a direct room it says who else is there.
    return msgspec.structs.replace(room, direct_key=None)


def _as_left(room: RoomLine) -> RoomLine:
    """Return *room* as it is told who is no member: what it is now is for those who are."""
    return RoomLine(
        name=room.name,
        kind=room.kind,
        title="",
        topic="",
        created_by=room.created_by,
        created_at=room.created_at,
        archived_at=None,
        first_seq=0,
        last_seq=0,
        purged_count=0,
        last_time=0,
        keep_days=None,
        keep_count=None,
    )
