"""
What the server tells: one struct for each event, answers among them.

What it answers about governing rooms and about pushing stands with these requests.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from conclave.model import Hit, MemberInfo, RoomInfo
from conclave.protocol.attaching import Attached
from conclave.protocol.event import Event


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
    # Of one attachment; 0: nothing may be attached.
    attachment_bytes: int = 0
    # Which kinds of them: image, audio, video, file.
    attachment_kinds: list[str] = msgspec.field(default_factory=list)


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


class AuthExpiring(Event, type="auth:expiring"):
    """The token of this connection ends soon: bring another with `auth:refresh`."""

    expires_at: int


class Refreshed(Struct, frozen=True):
    """The ack of `auth:refresh`."""

    expires_at: int | UnsetType = UNSET


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
    slow_mode: int | UnsetType = UNSET
    history: str | UnsetType = UNSET
    # What an entry that is no message is about.
    target: int | UnsetType = UNSET
    emoji: str | UnsetType = UNSET
    reply_to: int | UnsetType = UNSET
    thread: int | UnsetType = UNSET
    mentions: list[str] | UnsetType = UNSET
    # Whether a program wrote it.
    bot: bool | UnsetType = UNSET
    attachments: list[Attached] | UnsetType = UNSET
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
    # The id of the entry at `upto`, where that is the room's last.
    upto_id: str | UnsetType = UNSET


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


class PresenceChanged(Event, type="presence:changed"):
    """How somebody is now; to their own devices also that they are invisible."""

    user: str
    status: str


class Found(Struct, frozen=True):
    """Somebody, as the directory shows them."""

    id: str
    name: str
    display_name: str
    role: str
    # `offline` for who is not here, or does not want to be seen.
    status: str


class People(Event, type="people"):
    users: list[Found]
    more: bool


class Profile(Event, type="profile"):
    id: str
    name: str
    display_name: str
    role: str
    about: str
    active: bool
    status: str


class ProfileChanged(Event, type="profile:changed"):
    """What somebody says of themselves now."""

    user: str
    display_name: str
    about: str
    role: str | UnsetType = UNSET


class Typing(Event, type="typing"):
    room: str
    user: str
    active: bool


class Notice(Event, type="notice"):
    """A message that the user wants to be notified of, on whatever device."""

    room: str
    seq: int
    # The author's name and id.
    user: str
    user_id: str
    timestamp: int
    # Its beginning.
    text: str
    # Whether it names the user.
    mention: bool


class Read(Event, type="read"):
    """A user has read *room* up to `seq`."""

    room: str
    user: str
    seq: int


class Rooms(Event, type="rooms"):
    rooms: list[RoomInfo]
    more: bool


class RoomGone(Event, type="room:gone"):
    """A room is no longer on one's list."""

    room: str
    # `quit`, `kicked`, `banned` or `deleted`.
    reason: str
    # What a moderator wrote about it.
    text: str | UnsetType = UNSET
    # Until when one is banned.
    until: int | UnsetType = UNSET


class InRoom(Struct, frozen=True):
    """The ack of what leads into a room."""

    room: str


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
