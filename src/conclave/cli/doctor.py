"""`conclave doctor`: is this installation in good order, and why may somebody do what?"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from cyclopts import App, Parameter

from conclave.cli.checks import (
    Finding,
    State,
    check_data,
    check_database,
    check_hooks,
    check_postgres,
    check_public,
    check_redis,
    check_running,
    check_settings,
    check_tls,
)
from conclave.cli.checks.finding import problem
from conclave.cli.desk import Json, consult, moment, show_json
from conclave.cli.errand import FAILED, Data, attempt, directory, say
from conclave.cli.sources import BadSettings, load, nearest_of
from conclave.model import Act
from conclave.settings import Settings
from conclave.storage.errors import CannotDo

app = App(
    name="doctor",
    help="Look whether this installation is in good order; explain decisions.",
    help_format="plaintext",
)

Config = Annotated[Path | None, Parameter(help="The TOML file of the server.")]
Other = Annotated[str | None, Parameter(name="--to", help="The user it would be done to.")]
Own = Annotated[bool, Parameter(help="It is about their own message.", negative="")]

_MARKS: Final = {State.GOOD: "ok", State.WARNING: "warning", State.PROBLEM: "PROBLEM"}


@app.default
def look(*, config: Config = None, json: Json = False, data: Data = None) -> int:
    """
    Look whether this installation is in good order, and say what to do where it is not.

    Settings are read as `conclave serve` reads them: give it the same variables and files.
    Nothing is changed. The exit code is 1 if there is a problem; warnings are none.
    """
    return attempt(lambda: _look(data, config, json=json))


def _look(data: Path | None, config: Path | None, *, json: bool) -> int:
    found = _all_findings(data, config)
    if json:
        show_json(msgspec.to_builtins(one) for one in found)
    else:
        for one in found:
            say(f"{_MARKS[one.state]:<8} {one.check}: {one.says}")
            if one.advice:
                say(f"{'':<8} {one.advice}")
    return FAILED if any(one.state is State.PROBLEM for one in found) else 0


def _all_findings(data: Path | None, config: Path | None) -> list[Finding]:
    flags = {} if data is None else {"data": str(data)}
    named = config or (Path(found) if (found := os.environ.get("CONCLAVE_CONFIG")) else None)
    try:
        settings = load(flags, os.environ, named)
    except BadSettings as wrong:
        return [problem("settings", line, "no server starts so") for line in wrong.problems]
    return [
        *check_settings(settings, os.environ),
        *check_data(settings.home),
        *_database(settings),
        *check_redis(settings),
        *check_tls(settings),
        *check_running(settings.home),
        *check_public(settings),
    ]


def _database(settings: Settings) -> list[Finding]:
    if settings.database is not None:
        return check_postgres(settings.database)
    return [*check_database(settings.home), *check_hooks(settings.home)]


@app.command
def why(
    user: str,
    action: str,
    room: str | None = None,
    /,
    *,
    to: Other = None,
    own: Own = False,
    json: Json = False,
    data: Data = None,
) -> int:
    """
    Explain whether USER may do ACTION in ROOM, step by step, as the server decides it.

    ACTION is a word of the table of rights, such as write, ban or «delete the room», with
    spaces or hyphens. Actions that are about no room take none. The exit code is 0 if they
    may, 1 if not.
    """

    def work() -> int:
        answer = consult(
            directory(data), "doctor why", user=user, act=_act(action), room=room, other=to, own=own
        )
        if json:
            show_json([answer])
        else:
            _explain(answer)
        return 0 if answer["allowed"] else FAILED

    return attempt(work)


def _act(word: str) -> Act:
    wanted = word.lower().replace("-", " ").replace("_", " ").strip()
    names = {act.name.lower().replace("_", " "): act for act in Act} | {
        str(act): act for act in Act
    }
    if wanted not in names:
        raise CannotDo(f"{word!r} is no action{nearest_of(wanted, names)}")
    return names[wanted]


def _explain(answer: Mapping[str, Any]) -> None:
    place = "" if answer["room"] is None else f" in {answer['room']}"
    say(f"May {answer['user']} {answer['act']}{place}?")
    for one in answer["sanctions"]:
        until = (
            "until it is taken back" if one["until"] is None else f"until {moment(one['until'])}"
        )
        reason = f": {one['reason']}" if one["reason"] else ""
        say(f"  a {one['kind']} by {one['by']}, {until}{reason}")
    for step in answer["steps"]:
        say(f"  {'no ' if step['code'] else 'yes'}  {step['because']}")
    say("They may." if answer["allowed"] else f"They may not: {answer['code']}.")
