"""What goes over HTTP about webhooks: the bodies of requests and answers."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from conclave.model import CommandHook, DeadLetter, HookKind, IncomingHook, OutgoingHook
from conclave.model.hooks import MESSAGES
from conclave.protocol.account import DisplayName, Label
from conclave.protocol.commanding import CommandName
from conclave.protocol.fields import says

Address = Annotated[str, Meta(min_length=1, max_length=2_048), says(format="conclave-address")]
Kinds = Annotated[tuple[HookKind, ...], Meta(min_length=1)]


class Webhooks(Struct):
    """Those of a room, or of the whole server."""

    incoming: list[IncomingHook]
    outgoing: list[OutgoingHook]
    # Slash commands that addresses answer.
    commands: list[CommandHook]


class NewIncoming(Struct):
    room: Label
    name: DisplayName


class MadeIncoming(Struct):
    """The address is shown this once: who has it writes into the room."""

    url: str
    hook: IncomingHook


class NewCommand(Struct):
    room: Label
    # Without the slash.
    command: CommandName
    # What its bot is called.
    name: DisplayName
    url: Address
    about: Annotated[str, Meta(max_length=200)] = ""
    # Of its arguments, such as `[sides]`.
    hint: Annotated[str, Meta(max_length=100)] = ""


class MadeCommand(Struct):
    """By the secret its receiver sees that this server asks."""

    secret: str
    hook: CommandHook


class NewOutgoing(Struct):
    name: DisplayName
    url: Address
    # Left away: all public rooms.
    room: Label | UnsetType = UNSET
    kinds: Kinds = MESSAGES


class MadeOutgoing(Struct):
    """By the secret its receiver sees that this server speaks."""

    secret: str
    hook: OutgoingHook


class ChangedOutgoing(Struct):
    enabled: bool


class DeadLetters(Struct):
    letters: list[DeadLetter]
    more: bool


class Resent(Struct):
    """Whether it was taken now, and else what was answered."""

    sent: bool
    answer: str


class Written(Struct):
    """What an incoming webhook answers."""

    room: str
    seq: int
    message_id: str
    timestamp: int
