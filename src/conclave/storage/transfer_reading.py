"""Read the lines of an export, each checked, and all of them together."""

from collections.abc import Iterable, Iterator
from zlib import crc32

import msgspec

from conclave.storage.errors import CannotDo
from conclave.storage.transfer import (
    FORMAT,
    READABLE,
    AttachmentLine,
    AuditLine,
    BlobLine,
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
    RoomLine,
    SanctionLine,
    SubscriptionLine,
    TokenLine,
    TotpLine,
    UserLine,
)

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
    | AttachmentLine
    | BlobLine
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
    if first.format not in READABLE:
        raise CannotDo(f"line 1: the format {first.format} is another than {FORMAT}")
    if first.of is not None:
        raise CannotDo(f"line 1: this is the export of one user, {first.of!r}: import a whole one")


def _decode(raw: bytes, count: int) -> AnyLine:
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise CannotDo(f"line {count}: {error}") from error
