"""
The lines of an export: all that is kept, as JSON for any program to read.

The first line is an `Export`, then come people with what lets them in and whom they ignore,
then each room with its members, its log, what requests made, sanctions, reports and links,
then other links and the audit log, and an `End` that says how many lines there were before it
and what they add up to: a file that was cut is no export. Times are milliseconds since 1970.
Of tokens and links there is the SHA-256, of passwords the hash, and the secrets of one-time
passwords are sealed as they are in the database, so that all go on to work; files with them
are as secret as the data directory.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final
from zlib import crc32

import msgspec

from conclave.model import Notify, Outcome, Role, RoomHistory, RoomKind, RoomRole, SanctionKind
from conclave.storage.credential_lines import (
    IdentityLine as IdentityLine,
)
from conclave.storage.credential_lines import (
    Line as Line,
)
from conclave.storage.credential_lines import (
    PasskeyLine as PasskeyLine,
)
from conclave.storage.credential_lines import (
    PasswordLine as PasswordLine,
)
from conclave.storage.credential_lines import (
    RecoveryLine as RecoveryLine,
)
from conclave.storage.credential_lines import (
    TokenLine as TokenLine,
)
from conclave.storage.credential_lines import (
    TotpLine as TotpLine,
)
from conclave.storage.errors import CannotDo

FORMAT: Final = 2
# Those before it had less, and can be read.
_READABLE: Final = (1, FORMAT)


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
    about: str = ""


class SubscriptionLine(Line, frozen=True, kw_only=True, tag="subscription"):
    """A browser that is pushed to; in the export of one user only, as it is bound to a server."""

    user: str
    id: str
    # The token that it was in with.
    session: str | None
    # The host of its push service: the rest of the address is what lets one push.
    service: str
    with_text: bool
    created_at: int


class IgnoreLine(Line, frozen=True, kw_only=True, tag="ignore"):
    user: str
    ignored: str


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
    slow_mode: int = 0
    history: RoomHistory = RoomHistory.ALL
    direct_key: str | None = None


class MemberLine(Line, frozen=True, kw_only=True, tag="member"):
    room: str
    user: str
    role: RoomRole
    joined_at: int
    read_seq: int
    joined_seq: int = 0
    said_at: int = 0
    notify: Notify | None = None
    favourite: int = 0


class EntryLine(Line, frozen=True, kw_only=True, tag="entry"):
    room: str
    seq: int
    id: str
    type: str
    user: str
    name: str
    timestamp: int
    text: str = ""
    extra: dict[str, Any] = {}  # noqa: RUF012 - a Struct copies it
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


class SanctionLine(Line, frozen=True, kw_only=True, tag="sanction"):
    room: str
    user: str
    kind: SanctionKind
    by: str
    at: int
    until: int | None
    reason: str


class ReportLine(Line, frozen=True, kw_only=True, tag="report"):
    room: str
    id: str
    seq: int
    user: str
    reason: str
    at: int
    closed_by: str | None
    closed_at: int | None
    outcome: Outcome | None


class LinkLine(Line, frozen=True, kw_only=True, tag="link"):
    # Where it leads; None for one that leads into no room.
    room: str | None = None
    id: str
    kind: str
    # SHA-256, in hexadecimal; None in the export of one user.
    digest: str | None
    name: str
    created_by: str
    created_at: int
    expires_at: int | None
    uses_left: int | None
    uses: int
    role: str | None
    user: str | None
    revoked_at: int | None


class AuditLine(Line, frozen=True, kw_only=True, tag="audit"):
    id: int
    at: int
    actor: str
    action: str
    target: str | None
    room: str | None
    address: str | None
    # A JSON object.
    details: str | None


class End(Line, frozen=True, kw_only=True, tag="end"):
    # Before this one.
    lines: int
    # CRC-32 of all bytes before this line.
    crc32: int


AnyLine = (
    Export
    | UserLine
    | TokenLine
    | IdentityLine
    | PasswordLine
    | PasskeyLine
    | TotpLine
    | RecoveryLine
    | SubscriptionLine
    | IgnoreLine
    | RoomLine
    | MemberLine
    | EntryLine
    | RequestLine
    | SanctionLine
    | ReportLine
    | LinkLine
    | AuditLine
    | End
)
_decoder: msgspec.json.Decoder[AnyLine] = msgspec.json.Decoder(AnyLine)


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
    if first.format not in _READABLE:
        raise CannotDo(f"line 1: the format {first.format} is another than {FORMAT}")
    if first.of is not None:
        raise CannotDo(f"line 1: this is the export of one user, {first.of!r}: import a whole one")


def _decode(raw: bytes, count: int) -> AnyLine:
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise CannotDo(f"line {count}: {error}") from error
