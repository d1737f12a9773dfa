"""What a client may ask for: one struct for each request."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from conclave.model import Position
from conclave.protocol.commanding import COMMANDING
from conclave.protocol.event import Event
from conclave.protocol.fields import (
    AttachmentId,
    Emoji,
    Mentions,
    RoomName,
    Seq,
    Text,
    Title,
    Token,
    Topic,
    UserId,
)
from conclave.protocol.governing import GOVERNING
from conclave.protocol.pushing import PUSHING


class RoomSince(Struct, frozen=True):
    """A room to join, and how far it is known."""

    room: RoomName
    since: Position | None = None


class Auth(Event, type="auth"):
    token: Token


class RefreshAuth(Event, type="auth:refresh"):
    token: Token


class Heartbeat(Event, type="heartbeat"):
    # Echoed, never read: old clients send whatever their clock gives.
    timestamp: int | float | None = None


class Attach(Struct, frozen=True):
    """Something that was sent here over HTTP before, and what is to be seen there."""

    id: AttachmentId
    alt: Annotated[str, Meta(max_length=1_000)] = ""


class Say(Event, type="chat"):
    text: Text
    room: RoomName
    reply_to: Seq | None = None
    # The number of the message that began the thread.
    thread: Seq | None = None
    mentions: Mentions = msgspec.field(default_factory=list)
    # With these the text may be empty.
    attachments: Annotated[list[Attach], Meta(max_length=10)] = msgspec.field(default_factory=list)


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


class EnterRoom(Event, type="room:enter"):
    """Asks to become a member, and not to be told what is said: for who has no ear open."""

    room: RoomName


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
    # A moment in milliseconds: around the first that is not earlier.
    at: Seq | None = None
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


class FindPeople(Event, type="people"):
    # The beginning of a word of a name, or of an id; all people without one.
    query: Annotated[str, Meta(max_length=128)] = ""
    # The last user id of the page before.
    after: UserId | None = None


class GetProfile(Event, type="profile:get"):
    user: UserId


class SetProfile(Event, type="profile:set"):
    # Longer ones are answered by the handler, which says how long they may be.
    display_name: Annotated[str, Meta(max_length=1_024)] | None = None
    about: Annotated[str, Meta(max_length=4_096)] | None = None


class SetPresence(Event, type="presence:set"):
    status: Literal["online", "away", "dnd", "invisible"]


class SetIdle(Event, type="presence:idle"):
    # Of this connection alone.
    idle: bool


class MarkRead(Event, type="read"):
    room: RoomName
    seq: Seq


class CreateRoom(Event, type="room:create"):
    room: RoomName
    title: Title | None = None
    topic: Topic | None = None
    kind: Literal["public", "private"] = "public"


class RoomSettings(Struct, frozen=True):
    """How a room is; what is not given stays."""

    # Seconds between two messages of one member; 0: none, at most six hours.
    slow_mode: Annotated[int, Meta(ge=0, le=21_600)] | None = None
    history: Literal["all", "joined"] | None = None


class UpdateRoom(Event, type="room:update"):
    room: RoomName
    title: Title | None = None
    topic: Topic | None = None
    settings: RoomSettings | None = None


class ListRooms(Event, type="room:list"):
    scope: Literal["mine", "public"] = "mine"
    # The last room of the page before.
    after: RoomName | None = None


class ListMembers(Event, type="room:members"):
    room: RoomName
    # The last user id of the page before.
    after: UserId | None = None


# What a client of the chat itself may send; the start fails if one has no handler.
REQUESTS: Final[tuple[type[Event], ...]] = (
    Auth,
    RefreshAuth,
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
    EnterRoom,
    LeaveRoom,
    QuitRoom,
    GetHistory,
    SearchMessages,
    FindPeople,
    GetProfile,
    SetProfile,
    SetPresence,
    SetIdle,
    SetTyping,
    MarkRead,
    CreateRoom,
    UpdateRoom,
    ListRooms,
    ListMembers,
    *COMMANDING,
    *GOVERNING,
    *PUSHING,
)
