"""
Write all that is kept, or all of one user, as the lines of an export.

It is all of one moment, and nothing of it is held in memory: a log may be long.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import msgspec

from conclave.ports.blobs import Blobs
from conclave.storage.backup import Progress, interruptible, quiet, reading
from conclave.storage.blobs import blobs_in
from conclave.storage.exported_bytes import bytes_of
from conclave.storage.exported_person import of_one
from conclave.storage.exported_rows import lines, of_room, rooms
from conclave.storage.lines import now_ms
from conclave.storage.schema import newest_revision
from conclave.storage.transfer import (
    FORMAT,
    AttachmentLine,
    AuditLine,
    End,
    EntryLine,
    Export,
    IdentityLine,
    IgnoreLine,
    Line,
    LinkLine,
    MemberLine,
    PasskeyLine,
    PasswordLine,
    RecoveryLine,
    ReportLine,
    RequestLine,
    SanctionLine,
    TokenLine,
    TotpLine,
    UserLine,
)

_AT_ONCE: Final = 1_000
_SIZE: Final = "SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM rooms"

_OF_PEOPLE: Final[tuple[type[Line], ...]] = (
    UserLine,
    TokenLine,
    IdentityLine,
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
    AttachmentLine,
)

_encoder = msgspec.json.Encoder()


def export(
    database: Path, write: Callable[[bytes], Any], *, of: str | None = None, tell: Progress = quiet
) -> int:
    """
    Give *write* the lines of *database*, or those of one user, and return how many there were.

    Others may go on writing: it is all of one moment. Raises `CannotDo` for an unknown user.
    """
    with closing(reading(database)) as connection:
        connection.execute("BEGIN")
        # Also where long nothing is found, it can be called off.
        with interruptible(connection, tell):
            return export_from(connection, blobs_in(database.parent), write, of=of, tell=tell)


def export_from(
    connection: Any, blobs: Blobs, write: Callable[[bytes], Any], *, of: str | None, tell: Progress
) -> int:
    """Do as `export`, from a *connection* that reads one moment; *blobs* has the bytes."""
    found = of_one(connection, of) if of else _of_all(connection)
    found = chain(found, bytes_of(connection, blobs, of))
    return _write(found, write, _size(connection), tell, of)


def _size(connection: Any) -> int:
    (entries,) = connection.execute(_SIZE).fetchone()
    return int(entries)


def _write(
    found: Iterable[Line], write: Callable[[bytes], Any], size: int, tell: Progress, of: str | None
) -> int:
    first = Export(format=FORMAT, schema=newest_revision(), at=now_ms(), of=of)
    count, crc, entries = 1, _put(first, write, 0), 0
    for count, line in enumerate(found, 2):
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
        yield from lines(connection, kind)
    for number, room in rooms(connection):
        yield room
        for kind in _OF_A_ROOM:
            yield from of_room(connection, kind, number, room.name)
    yield from lines(connection, LinkLine, "WHERE room IS NULL")
    yield from lines(connection, AuditLine)
