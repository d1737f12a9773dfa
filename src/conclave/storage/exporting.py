"""
Write all that is kept, or all of one user, as the lines of an export.

It is all of one moment, and nothing of it is held in memory: a log may be long.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from zlib import crc32

import msgspec

from conclave.storage.backup import Progress, quiet, reading
from conclave.storage.errors import CannotDo
from conclave.storage.lines import now_ms
from conclave.storage.schema import newest_revision
from conclave.storage.transfer import (
    FORMAT,
    AuditLine,
    End,
    EntryLine,
    Export,
    IgnoreLine,
    Line,
    LinkLine,
    MemberLine,
    PasskeyLine,
    PasswordLine,
    RecoveryLine,
    ReportLine,
    RequestLine,
    RoomLine,
    SanctionLine,
    TokenLine,
    TotpLine,
    UserLine,
)

_AT_ONCE: Final = 1_000

_OF_PEOPLE: Final[tuple[type[Line], ...]] = (
    UserLine,
    TokenLine,
    PasswordLine,
    PasskeyLine,
    TotpLine,
    RecoveryLine,
    IgnoreLine,
)
_OF_A_ROOM: Final[tuple[type[Line], ...]] = (
    MemberLine,
    EntryLine,
    RequestLine,
    SanctionLine,
    ReportLine,
    LinkLine,
)

L = TypeVar("L", bound=Line)

_encoder = msgspec.json.Encoder()


def export(
    database: Path, write: Callable[[bytes], Any], *, of: str | None = None, tell: Progress = quiet
) -> int:
    """
    Give *write* the lines of *database*, or those of one user, and return how many there were.

    Others may go on writing: it is all of one moment. Raises `CannotDo` for an unknown user.
    """
    connection = reading(database)
    try:
        connection.execute("BEGIN")
        lines = _of_one(connection, of) if of else _of_all(connection)
        return _write(lines, write, _size(connection), tell, of)
    finally:
        connection.close()


def _size(connection: Any) -> int:
    (entries,) = connection.execute("SELECT total(last_seq - first_seq + 1) FROM rooms").fetchone()
    return int(entries)


def _write(
    lines: Iterable[Line], write: Callable[[bytes], Any], size: int, tell: Progress, of: str | None
) -> int:
    first = Export(format=FORMAT, schema=newest_revision(), at=now_ms(), of=of)
    count, crc, entries = 1, _put(first, write, 0), 0
    for count, line in enumerate(lines, 2):
        crc = _put(line, write, crc)
        entries += isinstance(line, EntryLine)
        if count % _AT_ONCE == 0:
            tell(entries, size)
    _put(End(lines=count, crc32=crc), write, 0)
    return count


def _put(line: Line, write: Callable[[bytes], Any], crc: int) -> int:
    encoded = _encoder.encode(line) + b"\n"
    write(encoded)
    return crc32(encoded, crc)


def _of_all(connection: Any) -> Iterator[Line]:
    for kind in _OF_PEOPLE:
        yield from _lines(connection, kind)
    for number, room in _rooms(connection):
        yield room
        for kind in _OF_A_ROOM:
            yield from _of_room(connection, kind, number, room.name)
    yield from _lines(connection, LinkLine, "WHERE room IS NULL")
    yield from _lines(connection, AuditLine)


def _of_one(connection: Any, user: str) -> Iterator[Line]:
    """Give what concerns *user*, and no secret: it may be handed to them."""
    found = list(_lines(connection, UserLine, "WHERE id = ?", user))
    if not found:
        raise CannotDo(f"there is no user {user!r}")
    yield from found
    for token in _lines(connection, TokenLine, "WHERE user = ?", user):
        yield msgspec.structs.replace(token, digest=None)
    for passkey in _lines(connection, PasskeyLine, "WHERE user = ?", user):
        yield msgspec.structs.replace(passkey, public_key=None)
    yield from _lines(connection, IgnoreLine, "WHERE user = ?", user)
    for number, room in _rooms(connection):
        yield from _of_one_in(connection, user, number, room)
    for link in _lines(connection, LinkLine, "WHERE room IS NULL AND created_by = ?", user):
        yield msgspec.structs.replace(link, digest=None)
    yield from _lines(connection, AuditLine, "WHERE actor = ? OR target = ?", user, user)


def _of_one_in(connection: Any, user: str, number: int, room: RoomLine) -> Iterator[Line]:
    def of(kind: type[L], which: str, *values: str) -> Iterator[L]:
        return _of_room(connection, kind, number, room.name, which, *values)

    lines = chain(
        of(MemberLine, "AND user = ?", user),
        of(EntryLine, _CONCERNS, user, user),
        of(SanctionLine, "AND user = ?", user),
        of(ReportLine, "AND user = ?", user),
        (
            msgspec.structs.replace(link, digest=None)
            for link in of(LinkLine, "AND created_by = ?", user)
        ),
    )
    first = next(lines, None)
    if first is not None:
        # Of a direct room that says who else is there.
        yield msgspec.structs.replace(room, direct_key=None)
        yield first
        yield from lines


# What the user wrote, and what the log says of the user.
_CONCERNS: Final = "AND (user = ? OR json_extract(extra, '$.member') = ?)"


class _Source(NamedTuple):
    """Where the lines of a kind stand: columns are called as their fields, but for the room."""

    table: str
    order: str


_SOURCES: Final[dict[type[Line], _Source]] = {
    UserLine: _Source("users", "id"),
    TokenLine: _Source("tokens", "id"),
    PasswordLine: _Source("passwords", "user"),
    PasskeyLine: _Source("passkeys", "id"),
    TotpLine: _Source("totp", "user"),
    RecoveryLine: _Source("recovery_codes", "user, digest"),
    IgnoreLine: _Source("ignores", "user, ignored"),
    RoomLine: _Source("rooms", "id"),
    MemberLine: _Source("members", "user"),
    EntryLine: _Source("entries", "seq"),
    RequestLine: _Source("requests", "seq, user, client_id"),
    SanctionLine: _Source("sanctions", "user, kind"),
    ReportLine: _Source("reports", "id"),
    LinkLine: _Source("links", "id"),
    AuditLine: _Source("audit", "id"),
}


def _columns(kind: type[Line]) -> list[str]:
    # Words such as «by» and «at» are SQL's, too.
    return [name for name in kind.__struct_fields__ if name != "room" or kind is AuditLine]


def _select(kind: type[Line], which: str, more: str = "") -> str:
    source = _SOURCES[kind]
    columns = ", ".join(f'"{name}"' for name in _columns(kind))
    return f"SELECT {more}{columns} FROM {source.table} {which} ORDER BY {source.order}"  # noqa: S608 - words of this module


def _lines(connection: Any, kind: type[L], which: str = "", *values: str) -> Iterator[L]:
    for row in connection.execute(_select(kind, which), values):
        yield _made(kind, _columns(kind), row)


def _rooms(connection: Any) -> list[tuple[int, RoomLine]]:
    # Of one that is deleted nothing is kept.
    query = _select(RoomLine, "WHERE deleted_at IS NULL", "id, ")
    rows = connection.execute(query).fetchall()
    return [(number, _made(RoomLine, _columns(RoomLine), row)) for number, *row in rows]


def _of_room(
    connection: Any, kind: type[L], number: int, room: str, which: str = "", *values: str
) -> Iterator[L]:
    query = _select(kind, f"WHERE room = ? {which}")
    for row in connection.execute(query, (number, *values)):
        yield _made(kind, _columns(kind), row, room=room)


def _made(kind: type[L], names: list[str], row: Iterable[Any], **more: str) -> L:
    """Return the line that *row* is; a database that does not fit is damaged."""
    values = dict(zip(names, row, strict=True)) | more
    for name, value in values.items():
        if isinstance(value, bytes):
            values[name] = value.hex()
    for name, read in _READ.items():
        if name in values:
            values[name] = read(values[name])
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise CannotDo(f"the database is damaged, verify it: {error}") from error


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "active": bool,
    "extra": lambda extra: msgspec.json.decode(extra) if extra else {},
}
