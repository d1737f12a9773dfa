"""What a room keeps."""

from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from conclave.cli.desk import Json, answer, consult
from conclave.cli.errand import Data, attempt, directory
from conclave.cli.room.app import app
from conclave.storage.errors import CannotDo
from conclave.storage.purge import RoomKeeps

_AS_SERVER: Final = "server"

Days = Annotated[
    str | None, Parameter(help="For how many days; 0: for ever; server: as its settings say.")
]
Messages = Annotated[
    str | None, Parameter(help="How many, the last ones; 0: all; server: as its settings say.")
]


@app.command
def retention(
    room: str,
    /,
    *,
    days: Days = None,
    messages: Messages = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """
    Say what ROOM keeps, or change it.

    What is too old, or too much, goes while a server runs, the oldest first, and with it
    everything else of that time. It is not to be had back.
    """
    return attempt(lambda: _retention(directory(data), room, days, messages, json=json))


def _retention(
    data: Path, room: str, days: str | None, messages: str | None, *, json: bool
) -> None:
    kept = _ask(data, room=room)
    if days is not None or messages is not None:
        kept = _ask(
            data,
            room=room,
            days=kept.days if days is None else _number("--days", days),
            messages=kept.messages if messages is None else _number("--messages", messages),
            change=True,
        )
    said = f"{kept.room}: days {_said(kept.days)}, messages {_said(kept.messages)}"
    answer(said, kept._asdict(), json=json)


def _number(flag: str, text: str) -> int | None:
    if text == _AS_SERVER:
        return None
    if not text.isascii() or not text.isdecimal():
        raise CannotDo(f"{flag} is {text!r}: give a whole number, or {_AS_SERVER}")
    return int(text)


def _said(value: int | None) -> str:
    if value is None:
        return "as the server"
    return str(value) if value else "all"


def _ask(data: Path, **wishes: Any) -> RoomKeeps:
    return RoomKeeps(*consult(data, "room retention", **wishes))
