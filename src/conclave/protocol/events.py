"""
The typed events: one frozen struct for each, named as on the wire.

An application adds its own by subclassing `Event`. Requests are events a client may
send, because some handler takes them; the rest are told. Field order is wire order.
"""

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from conclave.model import Hit, MemberInfo, Position, RoomInfo

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        return lambda cls: cls


_NAME = re.compile(r"[a-z][a-z0-9_-]*(:[a-z][a-z0-9_-]*)*")


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class EventType(msgspec.StructMeta):
    """Gives each event class its wire name: `class Roll(Event, type="dice:roll")`."""

    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        type: str = "",  # noqa: A002 - the word an application writes
    ) -> "EventType":
        if bases and bases != (Struct,) and not _NAME.fullmatch(type):
            raise TypeError(
                f'class {name}(Event, type="…"): expected a name like "dice:roll", got {type!r}'
            )
        cls = super().__new__(mcls, name, bases, namespace, frozen=True)
        setattr(cls, "type", type)  # noqa: B010 - mypy cannot know it of a metaclass
        return cls


class Event(Struct, metaclass=EventType):
    """One message of the protocol; subclass it with `type="namespace:verb"`."""

    type: ClassVar[str] = ""


# What a client may call a thing. Limits of size live in the types; meaning is checked by rules.
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9_.:-]+\Z")]
UserId = Annotated[str, Meta(min_length=1, max_length=64)]
RoomName = Annotated[str, Meta(min_length=1, max_length=64)]
Seq = Annotated[int, Meta(ge=0, lt=2**53)]
# Longer ones are answered too_long by the handler, which knows the settings.
Text = Annotated[str, Meta(max_length=65_536)]
Title = Annotated[str, Meta(max_length=128)]
Topic = Annotated[str, Meta(max_length=512)]
Token = Annotated[str, Meta(min_length=1, max_length=8_192)]
Emoji = Annotated[str, Meta(min_length=1, max_length=16)]
Mentions = Annotated[list[UserId], Meta(max_length=50)]


class RoomSince(Struct, frozen=True):
    """A room to join, and how far it is known."""

    room: RoomName
    since: Position | None = None


# ── client → server ────────────────────────────────────────────────────────────────────


class Auth(Event, type="auth"):
    token: Token


class Heartbeat(Event, type="heartbeat"):
    # Echoed, never read: old clients send whatever their clock gives.
    timestamp: int | float | None = None


class Say(Event, type="chat"):
    text: Text
    room: RoomName
    reply_to: Seq | None = None
    # The number of the message that began the thread.
    thread: Seq | None = None
    mentions: Mentions = []


class EditMessage(Event, type="message:edit"):
    room: RoomName
    target: Seq
    text: Text


class DeleteMessage(Event, type="message:delete"):
    room: RoomName
    target: Seq


class PinMessage(Event, type="message:pin"):
    room: RoomName
    target: Seq


class UnpinMessage(Event, type="message:unpin"):
    room: RoomName
    target: Seq


class AddReaction(Event, type="reaction:add"):
    room: RoomName
    target: Seq
    emoji: Emoji


class RemoveReaction(Event, type="reaction:remove"):
    room: RoomName
    target: Seq
    emoji: Emoji


class JoinRoom(Event, type="join:room"):
    room: RoomName
    since: Position | None = None


class JoinRooms(Event, type="join:rooms"):
    rooms: Annotated[list[RoomSince], Meta(max_length=128)]


class LeaveRoom(Event, type="leave:room"):
    room: RoomName


class QuitRoom(Event, type="room:quit"):
    room: RoomName


class GetHistory(Event, type="get:history"):
    room: RoomName
    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    # Only the messages of this thread; may go with `before` or `after`.
    thread: Seq | None = None
    # Only those that are pinned.
    pinned: bool = False
    limit: Annotated[int, Meta(ge=1, le=500)] | None = None
    as_: Literal["messages", "entries"] = msgspec.field(default="messages", name="as")


class SearchMessages(Event, type="search"):
    # Any text: what is no operator is a word.
    query: Text
    room: RoomName | None = None
    # The author's id.
    from_: UserId | None = msgspec.field(default=None, name="from")
    # Times in milliseconds: not earlier than `after`, and earlier than `before`.
    before: Seq | None = None
    after: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] | None = None
    # Of the page before.
    cursor: Annotated[str, Meta(pattern=r"\A[0-9a-f]{1,16}\Z")] | None = None


class SetTyping(Event, type="typing"):
    room: RoomName
    active: bool


class MarkRead(Event, type="read"):
    room: RoomName
    seq: Seq


class CreateRoom(Event, type="room:create"):
    room: RoomName
    title: Title | None = None
    topic: Topic | None = None
    kind: Literal["public", "private"] = "public"


class UpdateRoom(Event, type="room:update"):
    room: RoomName
    title: Title | None = None
    topic: Topic | None = None


class ListRooms(Event, type="room:list"):
    scope: Literal["mine", "public"] = "mine"


class ListMembers(Event, type="room:members"):
    room: RoomName
    # The last user id of the page before.
    after: UserId | None = None


# ── server → client ────────────────────────────────────────────────────────────────────


class System(Event, type="system"):
    message: str
    rooms: list[str] | UnsetType = UNSET


class HeartbeatTerms(Struct, frozen=True):
    interval_ms: int
    timeout_ms: int


class HelloLimits(Struct, frozen=True):
    message_bytes: int
    text_chars: int
    page: int
    rooms_per_connection: int
    messages_per_second: float
    burst: int


class Hello(Event, type="hello"):
    version: int
    server_time: int
    heartbeat: HeartbeatTerms
    auth_timeout_ms: int
    limits: HelloLimits


class Me(Struct, frozen=True):
    id: str
    name: str
    role: str


class AuthResponse(Event, type="auth:response"):
    success: bool
    user: Me | UnsetType = UNSET
    expires_at: int | UnsetType = UNSET
    code: str | UnsetType = UNSET


class HeartbeatAnswer(Event, type="heartbeat"):
    timestamp: int | float | None
    server_time: int


class Ack(Event, type="ack"):
    """Says that a request was done; `data` of an ack is what its handler returned."""


class Stored(Struct, frozen=True):
    """The ack of a request that wrote to a room's log."""

    room: str
    seq: int
    message_id: str
    timestamp: int


class Error(Event, type="error"):
    message: str
    code: str
    retryable: bool
    retry_after_ms: int | UnsetType = UNSET


class ReactionSum(Struct, frozen=True):
    """One emoji at one message: how many gave it, the first of them, and whether you did."""

    emoji: str
    count: int
    # At most 20, in the order they came; `count` is exact.
    users: list[str]
    me: bool


class Line(Struct, frozen=True, kw_only=True):
    """
    One event of a room: a numbered entry of its log, or a notice, which has no number.

    `user` is a display name, as old clients expect it; `member` is an id.
    """

    type: str
    text: str
    room: str
    user: str
    timestamp: int
    seq: int | UnsetType = UNSET
    id: str | UnsetType = UNSET
    user_id: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    member: str | UnsetType = UNSET
    member_name: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    topic: str | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    # What an entry that is no message is about.
    target: int | UnsetType = UNSET
    emoji: str | UnsetType = UNSET
    reply_to: int | UnsetType = UNSET
    thread: int | UnsetType = UNSET
    mentions: list[str] | UnsetType = UNSET
    # What became of a message since it was written.
    edited_at: int | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    reactions: list[ReactionSum] | UnsetType = UNSET
    # What entries of an application's own type have besides a text.
    data: dict[str, Any] | UnsetType = UNSET


class History(Event, type="history"):
    room: str
    messages: list[Line]
    epoch: str
    first_seq: int
    last_seq: int
    upto: int
    more: bool
    reset: bool


class Present(Struct, frozen=True):
    id: str
    name: str
    role: str
    status: str


class Presence(Event, type="presence"):
    room: str
    count: int
    # At most 100; `count` is exact.
    users: list[Present]


class Typing(Event, type="typing"):
    room: str
    user: str
    active: bool


class Read(Event, type="read"):
    """A user has read *room* up to `seq`."""

    room: str
    user: str
    seq: int


class Rooms(Event, type="rooms"):
    rooms: list[RoomInfo]


class RoomGone(Event, type="room:gone"):
    """A room is no longer on one's list."""

    room: str
    reason: str


class Members(Event, type="members"):
    room: str
    members: list[MemberInfo]
    more: bool


class SearchResults(Event, type="search:results"):
    # Newest first.
    hits: list[Hit]
    more: bool
    # Given back as `cursor` it brings the next page; only there when there is more.
    cursor: str | UnsetType = UNSET
    # Entries of these rooms that cannot be found yet; only there when there are any.
    behind: int | UnsetType = UNSET


class NotJoined(Struct, frozen=True):
    """A room that `join:rooms` could not join, and why."""

    room: str
    code: str
    message: str
    retryable: bool
    retry_after_ms: int | UnsetType = UNSET


class Joined(Struct, frozen=True):
    """The ack of `join:rooms`."""

    refused: list[NotJoined]


# What a client of the chat itself may send; the start fails if one has no handler.
REQUESTS: Final[tuple[type[Event], ...]] = (
    Auth,
    Heartbeat,
    Say,
    EditMessage,
    DeleteMessage,
    PinMessage,
    UnpinMessage,
    AddReaction,
    RemoveReaction,
    JoinRoom,
    JoinRooms,
    LeaveRoom,
    QuitRoom,
    GetHistory,
    SearchMessages,
    SetTyping,
    MarkRead,
    CreateRoom,
    UpdateRoom,
    ListRooms,
    ListMembers,
)
