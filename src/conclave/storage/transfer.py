"""
The lines of an export: all that is kept, as JSON for any program to read.

The first line is an `Export`, then come people with what lets them in and whom they ignore,
then each room with its members, its log, what requests made, sanctions, reports, links and
attachments, then other links, the audit log and the bytes of attachments, and an `End` that says
how many lines there were before it and what they add up to: a file that was cut is no export.
Times are milliseconds since 1970. Of tokens and links there is the SHA-256, of passwords the
hash, and the secrets of one-time passwords are sealed as they are in the database, so that all
go on to work; files with them are as secret as the data directory.
"""

from typing import Any, Final

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

FORMAT: Final = 3
# Those before it had less, and can be read.
READABLE: Final = (1, 2, FORMAT)


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


class AttachmentLine(Line, frozen=True, kw_only=True, tag="attachment"):
    """What a message has; its bytes are in `blob` lines of the same digest."""

    room: str
    id: str
    user: str
    name: str
    type: str
    size: int
    # SHA-256, in hexadecimal.
    digest: str
    width: int | None
    height: int | None
    thumb_digest: str | None
    thumb_size: int
    seq: int | None
    created_at: int


class BlobLine(Line, frozen=True, kw_only=True, tag="blob"):
    """A piece of some bytes, in Base64; the pieces follow each other."""

    digest: str
    data: bytes
    # Whether it is the last of these bytes.
    last: bool


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
