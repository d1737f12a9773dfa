"""`conclave erase`: what a user said, and who they were, is forgotten."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from conclave.cli.control import NotRunning
from conclave.cli.errand import Data, Meter, Yes, attempt, directory, open_store, run_there, say
from conclave.storage.datadir import DATABASE
from conclave.storage.erase import erase as erase_user
from conclave.storage.errors import CannotDo


def erase(user: str, /, *, yes: Yes = False, data: Data = None) -> int:
    """
    Erase USER, an id: messages, tokens, memberships, marks, and the name in every log.

    It cannot be undone, and does not reach backups, exports, or what others wrote. All
    clients begin anew. One that was interrupted is finished by asking for it again.
    """
    return attempt(
        lambda: _erase(directory(data), user, yes), left="ask for it again to finish, if it began"
    )


def _erase(data: Path, user: str, yes: bool) -> None:
    if not yes:
        _confirm(user)
    with Meter("erase") as meter:
        try:
            erased = run_there(data, "erase", meter, user=user)
        except NotRunning:
            erased = asyncio.run(_erase_here(data, user, meter))
    say(f"{user} is erased: {erased['messages']} messages; in logs it is {erased['pseudonym']}")
    for copy in sorted((*data.glob(f"{DATABASE}.before-*"), *data.glob(f".{DATABASE}.*.copy"))):
        say(f"{copy} is a copy of before: remove it")
    if not erased["compacted"]:
        say("The file is large: what was erased is out of it after `conclave compact`")


def _confirm(user: str) -> None:
    if not sys.stdin.isatty():
        raise CannotDo("nobody is there to ask: give --yes if you are sure")
    said = input(f"This cannot be undone. Write {user} to erase {user}: ")
    if said.strip() != user:
        raise CannotDo("not erased: that was another name")


async def _erase_here(data: Path, user: str, meter: Meter) -> dict[str, Any]:
    async with open_store(data) as store:
        return (await erase_user(store, user, tell=meter))._asdict()
