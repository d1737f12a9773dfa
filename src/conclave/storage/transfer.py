"""
The lines of an export: all that is kept, as JSON for any program to read.

The first line is an `Export`, then come people and tokens, then each room with its members,
its log and what requests made, and an `End` that says how many lines there were before it
and what they add up to: a file that was cut is no export. Times are milliseconds since
1970. Of tokens there is the SHA-256, so that they go on to work; files with it are as
secret as the data directory.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct

from conclave.model import Role, RoomKind, RoomRole
from conclave.storage.backup import Progress, quiet, reading
from conclave.storage.errors import CannotDo
from conclave.storage.lines import now_ms
from conclave.storage.schema import newest_revision

FORMAT: Final = 1
_AT_ONCE: Final = 1_000


class Line(Struct, frozen=True, kw_only=True, tag_field="line", forbid_unknown_fields=True):
    """One line; `line` says which."""


class Export(Line, frozen=True, kw_only=True, tag="export"):
    format: int
    # Of the database that it was read from.
    schema: str
    at: int
    # The user whose data alone this is; such a file cannot be imported.
    of: str | None = None


class UserLine(Line, frozen=True, kw_only=True, tag="user"):
    id: str
    name: str
    canonical: str | None
    display_name: str
    role: Role
    active: bool
    created_at: int


class TokenLine(Line, frozen=True, kw_only=True, tag="token"):
    id: str
    user: str
    # SHA-256, in hexadecimal; None in the export of one user.
    digest: str | None
    name: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None


class RoomLine(Line, frozen=True, kw_only=True, tag="room"):
    name: str
    kind: RoomKind
    title: str
    topic: str
    created_by: str
    created_at: int
    archived_at: int | None
    first_seq: int
    last_seq: int
    # How many messages there were before first_seq.
    purged_count: int
    last_time: int
    keep_days: int | None
    keep_count: int | None


class MemberLine(Line, frozen=True, kw_only=True, tag="member"):
    room: str
    user: str
    role: RoomRole
    joined_at: int
    read_seq: int


class EntryLine(Line, frozen=True, kw_only=True, tag="entry"):
    room: str
    seq: int
    id: str
    type: str
    user: str
    name: str
    timestamp: int
    text: str = ""
    extra: dict[str, Any] = {}
    client_id: str | None = None


class RequestLine(Line, frozen=True, kw_only=True, tag="request"):
    room: str
    user: str
    client_id: str
    # BLAKE2b of the request's content, 16 bytes in hexadecimal.
    digest: str
    seq: int
    message_id: str
    timestamp: int


class End(Line, frozen=True, kw_only=True, tag="end"):
    # Before this one.
    lines: int
    # CRC-32 of all bytes before this line.
    crc32: int


AnyLine = Export | UserLine | TokenLine | RoomLine | MemberLine | EntryLine | RequestLine | End
L = TypeVar("L", bound=Line)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyLine] = msgspec.json.Decoder(AnyLine)


# ── out ────────────────────────────────────────────────────────────────────────────────


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


# ── in ─────────────────────────────────────────────────────────────────────────────────


def lines_of(file: Iterable[bytes]) -> Iterator[Line]:
    """
    Give the lines between the first and the last of a complete export.

    Raises `CannotDo`, which names the line, for what is none: also after the last line that
    was given, so nothing may rest on them until this has ended.
    """
    count, crc = 0, 0
    line: Line | None = None
    for count, raw in enumerate(file, 1):
        if isinstance(line, End):
            raise CannotDo(f"line {count}: follows the last one")
        line = _decode(raw, count)
        if isinstance(line, End):
            if (line.lines, line.crc32) != (count - 1, crc):
                raise CannotDo(f"line {count}: what stands before it was changed or cut")
            continue
        crc = crc32(raw, crc)
        if count == 1:
            _admit(line)
        elif isinstance(line, Export):
            raise CannotDo(f"line {count}: a second beginning")
        else:
            yield line
    if not isinstance(line, End):
        raise CannotDo(f"line {count}: the file ends before the export does: it was cut")


def _admit(first: Line) -> None:
    if not isinstance(first, Export):
        raise CannotDo("line 1: this is no export of Conclave")
    if first.format != FORMAT:
        raise CannotDo(f"line 1: the format {first.format} is another than {FORMAT}")
    if first.of is not None:
        raise CannotDo(f"line 1: this is the export of one user, {first.of!r}: import a whole one")


def _decode(raw: bytes, count: int) -> AnyLine:
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise CannotDo(f"line {count}: {error}") from error
