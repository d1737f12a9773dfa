"""
Write all that is kept, or all of one user, as the lines of an export.

It is all of one moment, and nothing of it is held in memory: a log may be long.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar
from zlib import crc32

import msgspec

from conclave.storage.backup import Progress, quiet, reading
from conclave.storage.errors import CannotDo
from conclave.storage.lines import now_ms
from conclave.storage.schema import newest_revision
from conclave.storage.transfer import (
    FORMAT,
    End,
    EntryLine,
    Export,
    Line,
    MemberLine,
    RequestLine,
    RoomLine,
    TokenLine,
    UserLine,
)

_AT_ONCE: Final = 1_000

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
    yield from _users(connection)
    yield from _tokens(connection)
    for number, room in _rooms(connection):
        yield room
        yield from _members(connection, number, room.name)
        yield from _entries(connection, number, room.name)
        yield from _requests(connection, number, room.name)


def _of_one(connection: Any, user: str) -> Iterator[Line]:
    found = list(_users(connection, "WHERE id = ?", user))
    if not found:
        raise CannotDo(f"there is no user {user!r}")
    yield from found
    for token in _tokens(connection, "WHERE user = ?", user):
        yield msgspec.structs.replace(token, digest=None)
    for number, room in _rooms(connection):
        mine = list(_members(connection, number, room.name, "AND user = ?", user))
        said = _entries(connection, number, room.name, _CONCERNS, user, user)
        first = next(said, None)
        if mine or first:
            yield room
            yield from mine
            yield from () if first is None else (first,)
            yield from said


# What the user wrote, and what the log says of the user.
_CONCERNS: Final = "AND (user = ? OR json_extract(extra, '$.member') = ?)"


def _users(connection: Any, which: str = "", *values: str) -> Iterator[UserLine]:
    names = "id, name, canonical, display_name, role, active, created_at"
    for row in connection.execute(f"SELECT {names} FROM users {which} ORDER BY id", values):  # noqa: S608
        yield _made(UserLine, names, row)


def _tokens(connection: Any, which: str = "", *values: str) -> Iterator[TokenLine]:
    names = "id, user, digest, name, created_at, expires_at, revoked_at, last_used_at"
    for row in connection.execute(f"SELECT {names} FROM tokens {which} ORDER BY id", values):  # noqa: S608
        yield _made(TokenLine, names, row)


def _rooms(connection: Any) -> list[tuple[int, RoomLine]]:
    names = (
        "name, kind, title, topic, created_by, created_at, archived_at, first_seq, last_seq,"
        " purged_count, last_time, keep_days, keep_count"
    )
    rows = connection.execute(f"SELECT id, {names} FROM rooms ORDER BY id").fetchall()  # noqa: S608
    return [(number, _made(RoomLine, names, row)) for number, *row in rows]


def _members(
    connection: Any, number: int, room: str, which: str = "", *values: str
) -> Iterator[MemberLine]:
    names = "user, role, joined_at, read_seq"
    query = f"SELECT {names} FROM members WHERE room = ? {which} ORDER BY user"  # noqa: S608
    for row in connection.execute(query, (number, *values)):
        yield _made(MemberLine, names, row, room=room)


def _entries(
    connection: Any, number: int, room: str, which: str = "", *values: str
) -> Iterator[EntryLine]:
    names = "seq, id, type, user, name, timestamp, text, extra, client_id"
    query = f"SELECT {names} FROM entries WHERE room = ? {which} ORDER BY seq"  # noqa: S608
    for row in connection.execute(query, (number, *values)):
        yield _made(EntryLine, names, row, room=room)


def _requests(connection: Any, number: int, room: str) -> Iterator[RequestLine]:
    names = "user, client_id, digest, seq, message_id, timestamp"
    query = f"SELECT {names} FROM requests WHERE room = ? ORDER BY seq, user, client_id"  # noqa: S608
    for row in connection.execute(query, (number,)):
        yield _made(RequestLine, names, row, room=room)


def _made(kind: type[L], names: str, row: Iterable[Any], **more: str) -> L:
    """Return the line that *row* is; a database that does not fit is damaged."""
    values = dict(zip(names.split(", "), row, strict=True)) | more
    for name, read in _READ.items():
        if name in values:
            values[name] = read(values[name])
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise CannotDo(f"the database is damaged, verify it: {error}") from error


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "active": bool,
    "digest": lambda digest: digest.hex(),
    "extra": lambda extra: msgspec.json.decode(extra) if extra else {},
}
