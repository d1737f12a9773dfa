"""`/attach PATH` in the message field: a file of this machine, sent into the open room."""

import asyncio
from pathlib import Path
from typing import Final

from conclave.client import Client
from conclave.protocol.attaching import Attached

_COMMAND: Final = "/attach"


async def sent_file(client: Client, room: str, text: str) -> Attached | None:
    """
    Send the file that *text* asks for; None where it asks for none.

    Raises `OSError` for one that cannot be read.
    """
    command, _, path = text.partition(" ")
    if command != _COMMAND or not path.strip():
        return None
    place = await asyncio.to_thread(Path(path.strip()).expanduser)
    return await client.files.send(room, place)
