"""What a client may ask for about who belongs to rooms and may do what there, and the answers."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from conclave.model import Person, Report, RoomLink, Sanction
from conclave.protocol.event import Event
from conclave.protocol.fields import Reason, RoomName, Seq, Time, Title, Token, UserId

# Of a report or a link.
Key = Annotated[str, Meta(min_length=1, max_length=64)]


class InviteUser(Event, type="room:invite"):
    room: RoomName
    # Here and below: an id, or else a name.
    user: UserId


class KickUser(Event, type="room:kick"):
    room: RoomName
    user: UserId
    # Told to the one concerned.
    reason: Reason = ""


class BanUser(Event, type="room:ban"):
    room: RoomName
    user: UserId
    # None: until somebody takes it back.
    until: Time | None = None
    reason: Reason = ""


class UnbanUser(Event, type="room:unban"):
    room: RoomName
    user: UserId


class MuteUser(Event, type="room:mute"):
    room: RoomName
    user: UserId
    until: Time | None = None
    reason: Reason = ""


class UnmuteUser(Event, type="room:unmute"):
    room: RoomName
    user: UserId


class SetRole(Event, type="room:role"):
    room: RoomName
    user: UserId
    role: Literal["member", "moderator", "owner"]


class ArchiveRoom(Event, type="room:archive"):
    room: RoomName
    # False: it is opened again.
    archived: bool = True


class DeleteRoom(Event, type="room:delete"):
    room: RoomName


class ListSanctions(Event, type="room:sanctions"):
    room: RoomName
    # The last ones of the page before: user and kind.
    after: Annotated[list[str], Meta(min_length=2, max_length=2)] | None = None


class MakeLink(Event, type="room:link"):
    room: RoomName
    # For those who look after the links: whom it is for.
    name: Title = ""
    # None: as often as anybody likes; for ever.
    uses: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    expires_at: Time | None = None


class ListLinks(Event, type="room:links"):
    room: RoomName


class RevokeLink(Event, type="room:unlink"):
    room: RoomName
    link: Key


class AcceptLink(Event, type="room:accept"):
    token: Token


class OpenDirect(Event, type="room:direct"):
    # The others; a note to oneself has none.
    users: Annotated[list[UserId], Meta(max_length=9)]


class SetFavourite(Event, type="room:favourite"):
    room: RoomName
    favourite: bool


class SetNotify(Event, type="room:notify"):
    room: RoomName
    notify: Literal["all", "mentions", "none"]


class ReportMessage(Event, type="message:report"):
    room: RoomName
    target: Seq
    reason: Reason = ""


class ListReports(Event, type="reports"):
    room: RoomName
    closed: bool = False
    # The last one of the page before.
    after: Key | None = None


class CloseReport(Event, type="report:close"):
    report: Key
    outcome: Literal["dismissed", "resolved"]


class IgnoreUser(Event, type="user:ignore"):
    user: UserId


class UnignoreUser(Event, type="user:unignore"):
    user: UserId


class ListIgnored(Event, type="user:ignored"):
    """Asks whom one ignores."""


class Sanctions(Event, type="sanctions"):
    room: str
    sanctions: list[Sanction]
    more: bool


class LinkMade(Struct, frozen=True):
    """The ack of `room:link`: the only time that its token is told."""

    token: str
    link: RoomLink


class Links(Event, type="links"):
    room: str
    links: list[RoomLink]


class Reports(Event, type="reports"):
    room: str
    reports: list[Report]
    more: bool


class Ignored(Event, type="ignored"):
    """Whom the user ignores: an answer, and told to other devices when it changes."""

    users: list[Person]


GOVERNING: Final[tuple[type[Event], ...]] = (
    InviteUser,
    KickUser,
    BanUser,
    UnbanUser,
    MuteUser,
    UnmuteUser,
    SetRole,
    ArchiveRoom,
    DeleteRoom,
    ListSanctions,
    MakeLink,
    ListLinks,
    RevokeLink,
    AcceptLink,
    OpenDirect,
    SetNotify,
    SetFavourite,
    ReportMessage,
    ListReports,
    CloseReport,
    IgnoreUser,
    UnignoreUser,
    ListIgnored,
)
