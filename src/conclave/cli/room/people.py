"""The people of a room: listed, given roles, kicked, banned, muted, and back."""

from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from conclave.cli.desk import Json, answer, consult, pages, read_span, show
from conclave.cli.errand import Data, attempt, directory
from conclave.cli.room.app import app
from conclave.model import RoomRole
from conclave.storage.lines import now_ms

For = Annotated[
    str | None, Parameter(name="--for", help="For how long: 30m, 2h, 7d; else until taken back.")
]
Reason = Annotated[str, Parameter(help="Why; the person and moderators see it.")]

_MEMBERS: Final = {"id": "USER", "name": "NAME", "role": "ROLE", "joined_at": "SINCE"}
_SANCTIONS: Final = {
    "user": "USER",
    "name": "NAME",
    "kind": "KIND",
    "by": "BY",
    "at": "SINCE",
    "until": "UNTIL",
    "reason": "REASON",
}


@app.command
def members(room: str, /, *, json: Json = False, data: Data = None) -> int:
    """List the members of ROOM and their roles."""

    def work() -> None:
        found = pages(directory(data), "room members", key=lambda one: one["id"], room=room)
        show(list(found), _MEMBERS, json=json)

    return attempt(work)


@app.command
def role(room: str, user: str, role: RoomRole, /, *, json: Json = False, data: Data = None) -> int:
    """Make USER, a member of ROOM, its owner, a moderator or a member."""
    done = f"{user} is {role} of {room}"
    return _do("role", done, data, json, room=room, user=user, role=str(role))


@app.command
def kick(
    room: str, user: str, /, *, reason: Reason = "", json: Json = False, data: Data = None
) -> int:
    """End the membership of USER in ROOM; into a public room they may come back."""
    return _do("kick", f"{user} is out of {room}", data, json, room=room, user=user, reason=reason)


@app.command
def ban(
    room: str,
    user: str,
    /,
    *,
    for_: For = None,
    reason: Reason = "",
    json: Json = False,
    data: Data = None,
) -> int:
    """Let USER into ROOM no more, for a time or until `unban`."""
    said = f"{user} is banned from {room}"
    return _do("ban", said, data, json, for_=for_, room=room, user=user, reason=reason)


@app.command
def unban(room: str, user: str, /, *, json: Json = False, data: Data = None) -> int:
    """Let USER into ROOM again."""
    said = f"{user} is not banned from {room}"
    return _do("lift", said, data, json, room=room, user=user, kind="ban")


@app.command
def mute(
    room: str,
    user: str,
    /,
    *,
    for_: For = None,
    reason: Reason = "",
    json: Json = False,
    data: Data = None,
) -> int:
    """Let USER write in ROOM no more, for a time or until `unmute`."""
    said = f"{user} is muted in {room}"
    return _do("mute", said, data, json, for_=for_, room=room, user=user, reason=reason)


@app.command
def unmute(room: str, user: str, /, *, json: Json = False, data: Data = None) -> int:
    """Let USER write in ROOM again."""
    said = f"{user} is not muted in {room}"
    return _do("lift", said, data, json, room=room, user=user, kind="mute")


def _do(
    act: str,
    said: str,
    data: Path | None,
    json: bool,
    *,
    for_: str | None = None,
    **arguments: Any,
) -> int:
    def run() -> None:
        until = None if for_ is None else now_ms() + read_span("--for", for_) * 1000
        consult(directory(data), f"room {act}", until=until, **arguments)
        answer(said, arguments | {"until": until}, json=json)

    return attempt(run)


@app.command
def sanctions(room: str, /, *, json: Json = False, data: Data = None) -> int:
    """List the bans and mutes that are in force in ROOM."""

    def work() -> None:
        found = pages(
            directory(data),
            "room sanctions",
            key=lambda one: [one["user"], one["kind"]],
            room=room,
        )
        show(list(found), _SANCTIONS, json=json)

    return attempt(work)
