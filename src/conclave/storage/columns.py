"""
Which table each line of an export is a row of, and what its columns are.

Rooms and entries are more than a row: what else an import makes of them is said by `importing`.
"""

from typing import Any, Final

from sqlalchemy import Table

from conclave.storage.errors import CannotDo
from conclave.storage.tables import (
    attachments,
    audit,
    entries,
    identities,
    ignores,
    links,
    members,
    passkeys,
    passwords,
    recovery_codes,
    reports,
    requests,
    rooms,
    sanctions,
    tokens,
    totp,
    users,
)
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
    RequestLine,
    RoomLine,
    SanctionLine,
    TokenLine,
    TotpLine,
    UserLine,
)

TABLES: Final[dict[type[Line], Table]] = {
    UserLine: users,
    TokenLine: tokens,
    IdentityLine: identities,
    PasswordLine: passwords,
    PasskeyLine: passkeys,
    TotpLine: totp,
    RecoveryLine: recovery_codes,
    IgnoreLine: ignores,
    RoomLine: rooms,
    EntryLine: entries,
    MemberLine: members,
    RequestLine: requests,
    SanctionLine: sanctions,
    ReportLine: reports,
    LinkLine: links,
    AttachmentLine: attachments,
    AuditLine: audit,
}
# What is missing in the export of one user.
SECRETS: Final[dict[type[Line], tuple[str, ...]]] = {
    TokenLine: ("digest",),
    PasswordLine: ("hash",),
    PasskeyLine: ("public_key",),
    TotpLine: ("secret",),
    RecoveryLine: ("digest",),
    LinkLine: ("digest",),
}
# Bytes stand in hexadecimal.
_BYTES: Final[dict[type[Line], tuple[str, ...]]] = {
    TokenLine: ("digest",),
    RequestLine: ("digest",),
    LinkLine: ("digest",),
    RecoveryLine: ("digest",),
    TotpLine: ("secret",),
    PasskeyLine: ("id", "public_key"),
    AttachmentLine: ("digest", "thumb_digest"),
}


def fields_of(line: Line) -> dict[str, Any]:
    """Return what *line* says, as it says it."""
    return {name: getattr(line, name) for name in line.__struct_fields__}


def columns_of(line: Line) -> dict[str, Any]:
    """Return the columns of *line*. Raises `CannotDo` for what is no row of its table."""
    values = fields_of(line)
    for name in _BYTES.get(type(line), ()):
        if values[name] is not None:
            try:
                values[name] = bytes.fromhex(values[name])
            except ValueError:
                raise CannotDo(f"the {name} is no hexadecimal number") from None
    for name in SECRETS.get(type(line), ()):
        if values[name] is None:
            raise CannotDo(f"a {line.__struct_config__.tag} without its {name}")
    return {name: str(value) if isinstance(value, str) else value for name, value in values.items()}
