"""`conclave bot`: accounts of programs, and tokens that are good for what they need."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from conclave.cli.desk import Json, answer, consult
from conclave.cli.errand import Data, attempt, directory
from conclave.cli.scopes import scope_word
from conclave.model import Scope

app = App(
    name="bot",
    help="Accounts of programs, and tokens that are good for what they need.",
    help_format="plaintext",
)

Scopes = Annotated[
    list[Scope] | None,
    Parameter(
        name="--scope",
        name_transform=scope_word,
        help="What it is good for, again for more; else all a bot may.",
    ),
]
Rooms = Annotated[
    list[str] | None,
    Parameter(
        name="--room", help="Where it is good, and nowhere else, again for more; else anywhere."
    ),
]
Days = Annotated[int | None, Parameter(help="How many days it is good for; else for ever.")]


@app.command
def create(
    bot: str,
    /,
    *,
    name: Annotated[str | None, Parameter(help="What people see it called.")] = None,
    scope: Scopes = None,
    room: Rooms = None,
    days: Days = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """Make the account BOT, and print a token for its program; it is shown this once."""

    def work() -> None:
        consult(directory(data), "bot create", name=bot, display_name=name)
        made = consult(directory(data), "bot token", bot=bot, **_terms(scope, room, days))
        answer(made, {"bot": bot, "token": made}, json=json)

    return attempt(work)


@app.command
def token(
    bot: str,
    /,
    *,
    name: Annotated[str, Parameter(help="What it is for, such as deploy.")] = "",
    scope: Scopes = None,
    room: Rooms = None,
    days: Days = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """Print another token for BOT; it is shown this once."""

    def work() -> None:
        terms = _terms(scope, room, days)
        made = consult(directory(data), "bot token", bot=bot, name=name, **terms)
        answer(made, {"bot": bot, "token": made}, json=json)

    return attempt(work)


def _terms(scope: list[Scope] | None, room: list[str] | None, days: int | None) -> dict[str, Any]:
    scopes = None if scope is None else [str(one) for one in scope]
    return {"scopes": scopes, "rooms": room, "days": days}
