"""A bot beside the people at their tabs: it answers slash commands as it is told to."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from tests.browser.house import Server, Wire, let_in

OFFERS = [
    {"name": "deploy", "about": "Brings it out", "hint": "[what]"},
    {"name": "dice", "about": "Rolls a die for all", "hint": "[sides]"},
    {"name": "sleep", "about": "Says nothing"},
]


async def conclave(server: Server, *command: str) -> str:
    """Run a command of the operator beside *server*; return what it prints."""
    words = [sys.executable, "-m", "conclave", *command, "--data", str(server.data / "demo")]
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode == 0, command
    return said.decode().strip()


@asynccontextmanager
async def robot(server: Server, room: str, name: str) -> AsyncIterator[str]:
    """Let the bot *name* into *room* for as long as the context lasts; give what is its token."""
    made = await conclave(server, "bot", "create", name, "--name", name.upper())
    async with let_in(server, made, room) as wire:
        await wire.ask("command:offer", {"commands": OFFERS})
        answering = asyncio.create_task(_answer(wire))
        try:
            yield made
        finally:
            answering.cancel()
            with suppress(asyncio.CancelledError):
                await answering


async def _answer(wire: Wire) -> None:
    while True:
        frame: dict[str, Any] = await wire.receive()
        if frame["type"] != "command:asked" or frame["data"]["name"] == "sleep":
            continue
        asked = frame["data"]
        to = "room" if asked["name"] == "dice" else "asker"
        said = "rolled a 4" if to == "room" else f"**{asked['text'] or 'it'}** is out"
        await wire.send("command:answer", {"command": asked["command"], "text": said, "to": to})
