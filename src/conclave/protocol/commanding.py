"""
Slash commands: offered by bots, asked by people, answered to who asked or to the room.

A command is no message: what was asked stands in no log. What its bot says to the room does.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from conclave.model import CommandInfo, RoomRole
from conclave.protocol.event import Event
from conclave.protocol.fields import RoomName, Text

CommandName = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9_-]{0,31}\Z")]
# The key of one asking, as the server gave it to the bot.
CommandKey = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]


class Offer(Struct, frozen=True, kw_only=True):
    """One command of a bot: what people type after the slash, and what they are told of it."""

    name: CommandName
    about: Annotated[str, Meta(max_length=200)] = ""
    # Of its arguments, such as `[sides]`.
    hint: Annotated[str, Meta(max_length=100)] = ""
    # None: wherever the bot is a member.
    room: RoomName | None = None
    # The least role in the room of who may use it.
    least: RoomRole = RoomRole.MEMBER


class OfferCommands(Event, type="command:offer"):
    """All that a bot offers from now on; without any it offers nothing."""

    commands: Annotated[list[Offer], Meta(max_length=50)]


class ListCommands(Event, type="command:list"):
    room: RoomName


class AskCommand(Event, type="command"):
    room: RoomName
    name: CommandName
    # What stands behind the name.
    text: Text = ""


class AnswerCommand(Event, type="command:answer"):
    command: CommandKey
    text: Text
    # Only who asked sees it, or it becomes a message of the bot.
    to: Literal["asker", "room"] = "asker"


class Asked(Event, type="command:asked"):
    """A bot is asked: by whom, where and what."""

    command: str
    room: str
    name: str
    text: str
    user: str
    user_name: str


class CommandsOf(Event, type="commands"):
    """What may be asked in a room by who wants to know, by name."""

    room: str
    commands: list[CommandInfo]


class Answered(Struct, frozen=True, kw_only=True):
    """The ack of `command`: a text for who asked alone, or the number of the bot's message."""

    command: str
    name: str
    # Whose answer it is; without a user it is the server's.
    user_name: str
    user: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    seq: int | UnsetType = UNSET


class Taken(Struct, frozen=True):
    """The ack of `command:answer`; with the number of what was said to the room."""

    command: str
    seq: int | UnsetType = msgspec.field(default=UNSET)


COMMANDING: Final[tuple[type[Event], ...]] = (
    AskCommand,
    ListCommands,
    OfferCommands,
    AnswerCommand,
)
