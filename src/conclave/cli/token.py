"""
`conclave token`: tokens for people and programs, made by who may read the data directory.

A running server is asked to do it; without one the database is opened here. The token is
printed alone on standard output, so that it can be piped; all else goes to standard error.
"""

from typing import Annotated, Final

from cyclopts import App, Parameter

from conclave.cli.desk import Json, answer, consult, show, show_one
from conclave.cli.errand import Data, attempt, directory, say
from conclave.cli.scopes import scope_word
from conclave.model import Role, Scope
from conclave.storage.errors import CannotDo

app = App(name="token", help="Tokens for people and programs.", help_format="plaintext")

_COLUMNS: Final = {
    "id": "ID",
    "user": "USER",
    "kind": "KIND",
    "name": "NAME",
    "scopes": "GOOD FOR",
    "rooms": "IN",
    "created_at": "MADE",
    "expires_at": "ENDS",
    "last_used_at": "LAST USED",
    "address": "FROM",
    "agent": "BY",
}


@app.command
def create(
    user: str,
    /,
    *,
    name: Annotated[str, Parameter(help="What it is for, such as laptop.")] = "",
    days: Annotated[
        int | None, Parameter(help="How many days it is good for; else for ever.")
    ] = None,
    role: Annotated[
        Role | None, Parameter(help="For a new user: user, admin, guest or bot. [user]")
    ] = None,
    scope: Annotated[
        list[Scope] | None,
        Parameter(
            name_transform=scope_word,
            help="What it is good for, again for more; else all that the user may.",
        ),
    ] = None,
    room: Annotated[
        list[str] | None,
        Parameter(help="Where it is good, and nowhere else, again for more; else anywhere."),
    ] = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """
    Print a new token for USER, who is created if missing.

    It is shown this once: only its SHA-256 is kept. Users are named with 2 to 32 of
    a-z 0-9 . _ - beginning with a letter or digit.
    """
    wishes = {
        "user": user,
        "name": name,
        "days": days,
        "role": None if role is None else str(role),
        "scopes": None if scope is None else [str(one) for one in scope],
        "rooms": room,
    }

    def work() -> None:
        token = consult(directory(data), "token create", make=True, **wishes)
        answer(token, {"user": user, "token": token}, json=json)

    return attempt(work)


@app.command(name="list")
def list_(
    user: Annotated[str | None, Parameter(help="Only this user's.")] = None,
    /,
    *,
    json: Json = False,
    data: Data = None,
) -> int:
    """
    Print the tokens and sessions that let somebody in, the last made first.

    The tokens themselves are nowhere: what is printed names them for `conclave token revoke`.
    """

    def work() -> None:
        show(consult(directory(data), "token list", user=user), _COLUMNS, json=json)

    return attempt(work)


@app.command
def revoke(
    user: str,
    /,
    *ids: str,
    all_: Annotated[
        bool, Parameter(name="--all", help="All tokens and sessions of USER.", negative="")
    ] = False,
    json: Json = False,
    data: Data = None,
) -> int:
    """
    Make tokens and sessions of USER worthless for ever, by their IDS, and print which.

    Beside a running server all that came in with them is disconnected at once.
    """

    def work() -> None:
        if all_ == bool(ids):
            raise CannotDo("say which: the ids that `conclave token list` prints, or --all")
        wanted = None if all_ else list(ids)
        ended = consult(directory(data), "token revoke", user=user, ids=wanted)
        if json:
            show_one({"user": user, "revoked": ended}, json=True)
        else:
            say(*ended)

    return attempt(work)
