"""
What goes over HTTP about rooms and messages: the bodies of requests, where they are no events.

Answers are those of the socket: see `events`. Fields that a path names are not in the body.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from conclave.protocol.fields import (
    Mentions,
    Reason,
    Seq,
    Text,
    Time,
    Title,
    Topic,
    UserId,
    says,
)

# What rules of their own judge, beyond what a pattern can say: see `core.text`.
WrittenText = Annotated[Text, says(format="conclave-text", minLength=1)]
NewName = Annotated[str, Meta(min_length=1, max_length=64), says(format="conclave-room-name")]
NewTitle = Annotated[Title, Meta(min_length=1), says(format="conclave-title")]


class NewMessage(Struct):
    """What somebody says."""

    text: WrittenText
    # The number of the message it answers.
    reply_to: Seq | None = None
    # The number of the message that began the thread.
    thread: Seq | None = None
    # Ids of people it names.
    mentions: Mentions = []


class EditedMessage(Struct):
    """What a message says from now on."""

    text: WrittenText


class NewRoom(Struct):
    """A room to be made."""

    room: NewName
    title: Title | None = None
    topic: Topic | None = None
    kind: Literal["public", "private"] = "public"


class RoomChange(Struct):
    """What is to be another; what is left away stays."""

    title: NewTitle | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    # Seconds between two messages of one member; 0: none, at most six hours.
    slow_mode: Annotated[int, Meta(ge=0, le=21_600)] | UnsetType = UNSET
    history: Literal["all", "joined"] | UnsetType = UNSET


class ReadMark(Struct):
    """How far one has read."""

    seq: Seq


class NewMember(Struct):
    """What somebody is to be in a room."""

    role: Literal["member", "moderator", "owner"]


class NewSanction(Struct):
    """Until when, null: until somebody takes it back; and why, which the one concerned is told."""

    until: Time | None = None
    reason: Reason = ""


class NewReport(Struct):
    """Why somebody reports a message."""

    reason: Reason = ""


class ReportOutcome(Struct):
    """What came of a report."""

    outcome: Literal["dismissed", "resolved"]


class NewLink(Struct):
    """A link into a room; null: as often as anybody likes, and for ever."""

    name: Title = ""
    uses: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    expires_at: Time | None = None


class LinkToken(Struct):
    token: Annotated[str, Meta(min_length=1, max_length=8_192)]


class NewDirect(Struct):
    """With whom: ids, or else names; a note to oneself has none."""

    users: Annotated[list[UserId], Meta(max_length=9)]


class NotifyChoice(Struct):
    notify: Literal["all", "mentions", "none"]


class ChangedProfile(Struct):
    """What one says of oneself; what is left away stays."""

    display_name: (
        Annotated[
            str,
            Meta(max_length=1_024),
            says(minLength=1, maxLength=64, format="conclave-display-name"),
        ]
        | None
    ) = None
    about: (
        Annotated[str, Meta(max_length=4_096), says(maxLength=280, format="conclave-about")] | None
    ) = None
