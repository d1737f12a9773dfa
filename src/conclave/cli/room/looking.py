"""Rooms listed, shown, archived and deleted."""

import sys
from typing import Annotated, Final

from cyclopts import Parameter

from conclave.cli.desk import Json, answer, consult, pages, show, show_one
from conclave.cli.errand import Data, Yes, attempt, directory
from conclave.cli.room.app import app
from conclave.storage.errors import CannotDo

Query = Annotated[str, Parameter(help="Only those whose name or title has this in it.")]
Direct = Annotated[bool, Parameter(help="Also rooms of people who write directly.", negative="")]
Again = Annotated[bool, Parameter(name="--undo", help="Open it again.", negative="")]

_COLUMNS: Final = {
    "room": "ROOM",
    "kind": "KIND",
    "title": "TITLE",
    "members": "MEMBERS",
    "owners": "OWNERS",
    "messages": "MESSAGES",
    "last_at": "LAST ENTRY",
    "archived": "ARCHIVED",
    "reports": "REPORTS",
}


@app.command(name="list")
def list_(
    query: Query = "", /, *, direct: Direct = False, json: Json = False, data: Data = None
) -> int:
    """List all rooms, also private ones: who owns them, not what is said there."""

    def work() -> None:
        found = pages(
            directory(data), "room list", key=lambda one: one["room"], query=query, direct=direct
        )
        show(list(found), _COLUMNS, json=json)

    return attempt(work)


@app.command(name="show")
def show_(room: str, /, *, json: Json = False, data: Data = None) -> int:
    """Say what there is to know of ROOM."""
    return attempt(lambda: show_one(consult(directory(data), "room show", room=room), json=json))


@app.command
def archive(room: str, /, *, undo: Again = False, json: Json = False, data: Data = None) -> int:
    """Let nobody write in ROOM any more; its members go on reading it."""

    def work() -> None:
        now = consult(directory(data), "room archive", room=room, archived=not undo)
        answer(f"{now['room']} is {'open again' if undo else 'archived'}", now, json=json)

    return attempt(work)


@app.command
def delete(room: str, /, *, yes: Yes = False, json: Json = False, data: Data = None) -> int:
    """
    Delete ROOM with all that was said in it.

    It cannot be undone, and does not reach backups and exports.
    """

    def work() -> None:
        if not yes:
            _confirm(room)
        consult(directory(data), "room delete", room=room)
        answer(f"{room} is deleted", {"room": room}, json=json)

    return attempt(work)


def _confirm(room: str) -> None:
    if not sys.stdin.isatty():
        raise CannotDo("nobody is there to ask: give --yes if you are sure")
    said = input(f"This cannot be undone. Write {room} to delete {room}: ")
    if said.strip() != room:
        raise CannotDo("not deleted: that was another name")
