"""What somebody is told of a slash command."""

from msgspec import Struct


class CommandInfo(Struct, frozen=True, kw_only=True):
    """One command that may be asked: its name without the slash, and who answers it."""

    name: str
    about: str = ""
    hint: str = ""
    # The bot; None: the server itself.
    user: str | None = None
    user_name: str = ""
    # Whether who answers is here now.
    here: bool = True
    # None: wherever the bot is a member.
    room: str | None = None
