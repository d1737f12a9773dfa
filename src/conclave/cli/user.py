"""`conclave user`: the people of a server, as the operator looks after them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from conclave.cli.desk import Json, answer, consult, pages, show, show_one
from conclave.cli.errand import Data, attempt, directory, say
from conclave.model import Role

app = App(name="user", help="The people of this server.", help_format="plaintext")

Query = Annotated[str, Parameter(help="Only those whose id or name has this in it.")]
Shown = Annotated[str | None, Parameter(name="--name", help="The name that is shown. [NAME]")]
OfRole = Annotated[Role, Parameter(help="user, admin, guest or bot.")]
Session = Annotated[
    str | None, Parameter(help="Only this session or token, by its id; else all of them.")
]

_COLUMNS: Final = {
    "id": "USER",
    "display_name": "NAME",
    "role": "ROLE",
    "active": "ACTIVE",
    "last_used_at": "LAST HERE",
    "sessions": "SESSIONS",
    "tokens": "TOKENS",
    "rooms": "ROOMS",
    "second_factor": "2ND FACTOR",
}
_SESSIONS: Final = {
    "id": "ID",
    "kind": "KIND",
    "name": "NAME",
    "created_at": "MADE",
    "last_used_at": "LAST USED",
    "expires_at": "UNTIL",
    "address": "FROM",
    "agent": "BY",
}


@app.command(name="list")
def list_(query: Query = "", /, *, json: Json = False, data: Data = None) -> int:
    """List all people, or those whose id or name has QUERY in it; also the deactivated."""
    return attempt(lambda: show(list(_people(directory(data), query)), _COLUMNS, json=json))


def _people(data: Path, query: str) -> Iterator[dict[str, Any]]:
    return pages(data, "user list", key=lambda one: one["id"], query=query)


@app.command(name="show")
def show_(user: str, /, *, json: Json = False, data: Data = None) -> int:
    """Say what there is to know of USER: an id, or the name of an account."""
    return attempt(lambda: show_one(consult(directory(data), "user show", user=user), json=json))


@app.command
def create(
    name: str,
    /,
    *,
    shown: Shown = None,
    role: OfRole = Role.USER,
    json: Json = False,
    data: Data = None,
) -> int:
    """
    Make the account NAME, and print a link by which its owner chooses a password, once.

    The link holds for a day; `conclave user reset-password` makes another. Bots get none:
    `conclave token create` lets them in.
    """

    def work() -> None:
        at = directory(data)
        made = consult(at, "user create", name=name, display_name=shown, role=str(role))
        link = None if role is Role.BOT else consult(at, "user reset", user=made["id"])
        if json:
            show_one(made | {"link": link}, json=True)
        elif link is not None:
            print(link)
        else:
            say(f"{made['id']} is made")

    return attempt(work)


@app.command
def deactivate(user: str, /, *, json: Json = False, data: Data = None) -> int:
    """
    Let USER in no more, and end what lets them in now: sockets, sessions, tokens, links.

    Rooms that they own alone get another owner. What they wrote stays; `activate` lets
    them in again, by their password or a new token.
    """
    return _change(user, "is deactivated", json=json, data=data, active=False)


@app.command
def activate(user: str, /, *, json: Json = False, data: Data = None) -> int:
    """Let USER in again."""
    return _change(user, "is active", json=json, data=data, active=True)


@app.command
def role(user: str, role: Role, /, *, json: Json = False, data: Data = None) -> int:
    """Make USER a user, admin, guest or bot."""
    return _change(user, f"is {role}", json=json, data=data, role=str(role))


@app.command
def rename(user: str, name: str, /, *, json: Json = False, data: Data = None) -> int:
    """Let USER be shown as NAME; the id stays."""
    return _change(user, f"is shown as {name}", json=json, data=data, display_name=name)


def _change(user: str, said: str, *, json: bool, data: Path | None, **change: Any) -> int:
    def work() -> None:
        now = consult(directory(data), "user change", user=user, **change)
        answer(f"{now['id']} {said}", now, json=json)

    return attempt(work)


@app.command(name="reset-password")
def reset_password(user: str, /, *, json: Json = False, data: Data = None) -> int:
    """
    Print a link by which USER chooses a new password, once and within a day.

    Give it to them yourself, and be sure that it is them. Sessions end when it is used.
    """

    def work() -> None:
        link = consult(directory(data), "user reset", user=user)
        answer(link, {"user": user, "link": link}, json=json)

    return attempt(work)


@app.command(name="drop-factors")
def drop_factors(user: str, /, *, json: Json = False, data: Data = None) -> int:
    """Forget the second factors of USER, who has lost them; be sure that it is them."""

    def work() -> None:
        consult(directory(data), "user factors", user=user)
        answer(f"{user} has no second factor any more", {"user": user}, json=json)

    return attempt(work)


@app.command
def sessions(user: str, /, *, json: Json = False, data: Data = None) -> int:
    """List the sessions and tokens that let USER in now, the last made first."""
    return attempt(
        lambda: show(consult(directory(data), "user sessions", user=user), _SESSIONS, json=json)
    )


@app.command(name="log-out")
def log_out(user: str, /, *, session: Session = None, json: Json = False, data: Data = None) -> int:
    """End all sessions of USER, revoke their tokens, and close their sockets."""

    def work() -> None:
        ended = consult(directory(data), "user log out", user=user, session=session)
        answer(f"{ended} ended", {"user": user, "ended": ended}, json=json)

    return attempt(work)
