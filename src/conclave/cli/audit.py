"""`conclave audit`: who did what to whom, from where."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from conclave.cli.control import NotRunning, ask
from conclave.cli.desk import Json, cells, consult, read_moment, show, show_json
from conclave.cli.errand import Data, attempt, directory
from conclave.storage.errors import CannotDo

User = Annotated[str | None, Parameter(help="Lines about this user, as who did it or to whom.")]
Actor = Annotated[
    str | None, Parameter(help="Who did it: a user, or @operator, @server, @stranger.")
]
Target = Annotated[str | None, Parameter(help="The user it was done to.")]
What = Annotated[
    str | None, Parameter(name="--action", help="What: user.role, or user for all about users.")
]
InRoom = Annotated[str | None, Parameter(name="--room", help="In which room.")]
Since = Annotated[
    str | None, Parameter(help="From then on: 2026-03-31, 2026-03-31T14:00 (UTC), 2h or 7d ago.")
]
Until = Annotated[str | None, Parameter(help="Before then.")]
Before = Annotated[
    int | None, Parameter(help="Lines with numbers below this one: the page before.")
]
Limit = Annotated[int, Parameter(help="How many lines at most, up to 500.")]
Follow = Annotated[bool, Parameter(help="Go on as lines are written, until Ctrl-C.", negative="")]

_COLUMNS: Final = {
    "id": "NUMBER",
    "at": "TIME",
    "actor": "WHO",
    "action": "WHAT",
    "target": "WHOM",
    "room": "ROOM",
    "address": "FROM",
    "details": "MORE",
}
_LOOK_EVERY_S: Final = 0.5
_AT_ONCE: Final = 500


def audit(
    *,
    user: User = None,
    actor: Actor = None,
    target: Target = None,
    action: What = None,
    room: InRoom = None,
    since: Since = None,
    until: Until = None,
    before: Before = None,
    limit: Limit = 100,
    follow: Follow = False,
    json: Json = False,
    data: Data = None,
) -> int:
    """
    Print who did what to whom, from where: the end of the audit log, the newest last.

    All that is asked for must hold. What people say, and secrets, are not in it.
    """

    def work() -> None:
        asked = {
            "user": user,
            "actor": actor,
            "target": target,
            "action": action,
            "room": room,
            "since": None if since is None else read_moment("--since", since),
            "until": None if until is None else read_moment("--until", until),
        }
        last = _print_last(directory(data), asked, before, limit, json=json)
        if follow:
            _follow(directory(data), asked, last, json=json)

    return attempt(work, left="that is all so far")


def _print_last(
    data: Path, asked: Mapping[str, Any], before: int | None, limit: int, *, json: bool
) -> int:
    """Print a page; return the number of its last line."""
    if limit < 1:
        raise CannotDo(f"--limit is {limit}: give 1 or more")
    lines = consult(data, "audit", **asked, before=before, limit=limit)
    lines.reverse()
    show(lines, _COLUMNS, json=json)
    return lines[-1]["id"] if lines else 0


def _follow(data: Path, asked: Mapping[str, Any], last: int, *, json: bool) -> None:
    given = {name: value for name, value in asked.items() if value is not None}
    while True:
        try:
            lines = ask(data, "audit", **given, after=last, limit=_AT_ONCE)
        except NotRunning as gone:
            raise CannotDo(f"no server runs in {data}: there is nothing to follow") from gone
        for line in lines:
            last = line["id"]
            if json:
                show_json([line])
            else:
                print(*cells(line, _COLUMNS), sep="  ", flush=True)
        time.sleep(_LOOK_EVERY_S)
