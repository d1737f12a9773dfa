"""
What goes over HTTP about the office of an admin: the bodies of requests and answers.

Times are integer milliseconds since 1970, unknown fields are ignored. What is made with a
secret is answered once, in the body.
"""

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from conclave.model import (
    AuditLine,
    CommandInfo,
    Outcome,
    PersonInfo,
    Report,
    Role,
    RoomFacts,
    Scope,
    TokenKind,
)
from conclave.model.facts import Open
from conclave.protocol.account import DisplayName, Label, MaybeName, Name, NewUserName
from conclave.protocol.fields import says


class Persons(Struct):
    users: list[PersonInfo]
    more: bool


class OpenConnections(Struct):
    connections: list[Open]


class OfferedCommands(Struct):
    """All slash commands of the server, by name."""

    commands: list[CommandInfo]


class NewPerson(Struct):
    name: NewUserName
    display_name: DisplayName | UnsetType = UNSET
    role: Role = Role.USER


class NewBot(Struct):
    name: NewUserName
    display_name: DisplayName | UnsetType = UNSET


# No bot looks after people, or after its own tokens.
_SCOPES: Final = [str(one) for one in Scope if one not in (Scope.ACCOUNT, Scope.ADMIN)]


class NewBotToken(Struct):
    """What a bot's token is good for; None: all that it may, wherever it is, for ever."""

    name: Label = ""
    scopes: Annotated[list[Scope], Meta(min_length=1), says(items={"enum": _SCOPES})] | None = None
    rooms: Annotated[list[Label], Meta(min_length=1, max_length=100)] | None = None
    days: Annotated[int, Meta(ge=1, le=36_500)] | None = None


class ChangedPerson(Struct):
    """What is to be another; what is left away stays."""

    display_name: DisplayName | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class PersonSession(Struct):
    """A session, or a token for a program."""

    id: str
    kind: TokenKind
    name: str
    created_at: int
    last_used_at: int | None
    expires_at: int | None
    address: str | None
    agent: str | None


class PersonSessions(Struct):
    sessions: list[PersonSession]


class ErrandBegun(Struct):
    """Something long has begun: ask for it by this name."""

    errand: str


class Errand(Struct):
    """How far something long is; `of` is 0 until that is known."""

    done: int
    of: int
    over: bool
    # Once it is over: what came of it, or else why it ended before.
    result: dict[str, Any] | None
    failed: str | None


class Made(Struct):
    """The secret of a link, shown this once: it goes behind `#reset=` or `#invite=`."""

    token: str


class NewInvite(Struct):
    name: MaybeName = ""
    role: Role = Role.USER
    # null: as often as anybody likes.
    uses: Annotated[int, Meta(ge=1, le=10_000)] | None = 1
    # null: for ever.
    days: Annotated[int, Meta(ge=1, le=365)] | None = 7
    # Where who accepts it is a member at once.
    room: Name | None = None


class OfficeLink(Struct):
    id: str
    kind: str
    name: str
    created_by: str
    created_at: int
    expires_at: int | None
    uses_left: int | None
    uses: int
    role: Role | None
    user: str | None
    room: str | None


class OfficeLinks(Struct):
    links: list[OfficeLink]


class OfficeRooms(Struct):
    rooms: list[RoomFacts]
    more: bool


class ChangedRoom(Struct):
    archived: bool


class NewOwner(Struct):
    room: Name
    user: Name


class OfficeReports(Struct):
    reports: list[Report]
    more: bool


class ClosedReport(Struct):
    outcome: Outcome


class AuditPage(Struct):
    lines: list[AuditLine]
    more: bool
