"""
Values that mean something everywhere: who, what was said, where in a room's log, who may.

All are frozen, so they may cross threads and be kept. Nothing here knows of sockets,
events or tables. Times are integer milliseconds since 1970, as on the wire.
"""

from conclave.model.audit import (
    OPERATOR,
    SERVER,
    STRANGER,
    Action,
    AuditLine,
    AuditQuery,
    Details,
    Note,
    cut_account,
    details,
)
from conclave.model.credentials import (
    AcceptedAccount,
    Caller,
    Factors,
    Link,
    LinkKind,
    LinkTerms,
    Passkey,
    Place,
    Totp,
)
from conclave.model.limits import Limits
from conclave.model.log import Draft, Entry, Page, Position, Reaction, Receipt, State
from conclave.model.moderation import (
    Deed,
    Outcome,
    Person,
    Report,
    RoomLink,
    Sanction,
    SanctionKind,
)
from conclave.model.notices import Called, Subscription
from conclave.model.office import BY_OPERATOR, By, Changed, PersonChange, PersonInfo, RoomFacts
from conclave.model.people import SYSTEM, Identity, Role, Scope, Status, TokenInfo, TokenKind, User
from conclave.model.rights import NOBODY, Act, Ruling, Standing
from conclave.model.rooms import (
    NOTIFY,
    MemberInfo,
    Notify,
    RoomHistory,
    RoomInfo,
    RoomKind,
    RoomRole,
)
from conclave.model.search import Hit, Hits, Piece, Query, Term

__all__ = [
    "BY_OPERATOR",
    "NOBODY",
    "NOTIFY",
    "OPERATOR",
    "SERVER",
    "STRANGER",
    "SYSTEM",
    "AcceptedAccount",
    "Act",
    "Action",
    "AuditLine",
    "AuditQuery",
    "By",
    "Called",
    "Caller",
    "Changed",
    "Deed",
    "Details",
    "Draft",
    "Entry",
    "Factors",
    "Hit",
    "Hits",
    "Identity",
    "Limits",
    "Link",
    "LinkKind",
    "LinkTerms",
    "MemberInfo",
    "Note",
    "Notify",
    "Outcome",
    "Page",
    "Passkey",
    "Person",
    "PersonChange",
    "PersonInfo",
    "Piece",
    "Place",
    "Position",
    "Query",
    "Reaction",
    "Receipt",
    "Report",
    "Role",
    "RoomFacts",
    "RoomHistory",
    "RoomInfo",
    "RoomKind",
    "RoomLink",
    "RoomRole",
    "Ruling",
    "Sanction",
    "SanctionKind",
    "Scope",
    "Standing",
    "State",
    "Status",
    "Subscription",
    "Term",
    "TokenInfo",
    "TokenKind",
    "Totp",
    "User",
    "cut_account",
    "details",
]
