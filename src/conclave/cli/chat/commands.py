"""
Slash commands in a terminal: what was typed is asked, and the answer said in one line.

Two slashes begin a message with one. What is no command is refused by the server in words.
"""

import re
import time
from collections.abc import Callable
from typing import Final

from msgspec import UNSET
from textual.suggester import Suggester
from textual.widgets import Input

from conclave.client import ClientError
from conclave.client.room import Room
from conclave.protocol.commanding import CommandsOf, ListCommands
from conclave.protocol.errors import Reject

_TYPED: Final = re.compile(r"/([A-Za-z0-9][A-Za-z0-9_-]{0,31})(?:\s+(.*))?", re.DOTALL)
# A list is asked for again after so long: bots come and go.
_FRESH_S: Final = 20.0


def field(room: Callable[[], Room | None]) -> Input:
    """Return the field that one writes in; *room* is where that goes now, None for nowhere."""
    return Input(
        placeholder="Write a message",
        id="write",
        select_on_focus=False,
        suggester=_Commands(room),
    )


async def write(room: Room, text: str, edits: int | None, answers: int | None) -> str:
    """Do what *text* is written for; return what is to be said of it, "" for nothing."""
    if edits is not None:
        await room.edit(edits, text)
    elif not text.startswith("/") or text.startswith("//"):
        await room.send(text.removeprefix("/") if text.startswith("//") else text, reply_to=answers)
    else:
        return await _ask(room, text)
    return ""


async def _ask(room: Room, text: str) -> str:
    typed = _TYPED.fullmatch(text)
    if typed is None:
        return f"There is no command {text.split()[0]} here. // begins a message with a slash."
    found = await room.command(typed[1].lower(), (typed[2] or "").strip())
    if found.text is UNSET:
        return ""
    return f"{found.user_name}: {' / '.join(found.text.splitlines())} (only you see this)"


class _Commands(Suggester):
    """Completes the name of a command."""

    def __init__(self, room: Callable[[], Room | None]) -> None:
        super().__init__(use_cache=False)
        self._room = room
        self._known: dict[str, tuple[float, list[str]]] = {}

    async def get_suggestion(self, value: str) -> str | None:
        room = self._room()
        if room is None or not value.startswith("/") or value.startswith("//") or " " in value:
            return None
        begun = value[1:].lower()
        fitting = (name for name in await self._names(room) if name.startswith(begun))
        return next((f"/{name} " for name in fitting), None)

    async def _names(self, room: Room) -> list[str]:
        at, names = self._known.get(room.name, (-_FRESH_S, []))
        if time.monotonic() - at < _FRESH_S:
            return names
        try:
            found = await room.ask(ListCommands(room.name), CommandsOf)
        except (Reject, ClientError):
            return names
        names = [one.name for one in found.commands]
        self._known[room.name] = (time.monotonic(), names)
        return names
