"""`conclave invite`: links by which people make an account."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from conclave.cli.desk import Json, answer, consult, show
from conclave.cli.errand import Data, attempt, directory
from conclave.model import Role
from conclave.storage.errors import CannotDo

app = App(name="invite", help="Links by which people make an account.", help_format="plaintext")

Called = Annotated[str, Parameter(name="--name", help="What it is for, such as the new team.")]
OfRole = Annotated[Role, Parameter(help="What they become: user, admin, guest or bot.")]
Uses = Annotated[int, Parameter(help="How many accounts it makes; 0: as many as anybody likes.")]
Days = Annotated[int, Parameter(help="How many days it is good for; 0: for ever.")]

Room = Annotated[str | None, Parameter(help="Where they are a member at once, also if private.")]

_COLUMNS: Final = {
    "id": "ID",
    "kind": "KIND",
    "name": "NAME",
    "role": "ROLE",
    "user": "FOR",
    "room": "ROOM",
    "created_by": "BY",
    "created_at": "MADE",
    "expires_at": "UNTIL",
    "uses_left": "LEFT",
    "uses": "USED",
}


@app.command
def create(
    *,
    name: Called = "",
    role: OfRole = Role.USER,
    uses: Uses = 1,
    days: Days = 7,
    room: Room = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """
    Print a link by which somebody makes an account; it is shown this once.

    One of an admin is good once only, and ends.
    """

    def work() -> None:
        if uses < 0 or days < 0:
            raise CannotDo("--uses and --days are 0 or more")
        made = consult(
            directory(data),
            "invite create",
            name=name,
            role=str(role),
            uses=uses or None,
            days=days or None,
            room=room,
        )
        answer(made["url"], made, json=json)

    return attempt(work)


@app.command(name="list")
def list_(*, json: Json = False, data: Data = None) -> int:
    """List the links that are good now: invitations, password resets, the set-up."""
    return attempt(lambda: show(consult(directory(data), "invite list"), _COLUMNS, json=json))


@app.command
def revoke(id: str, /, *, json: Json = False, data: Data = None) -> int:  # noqa: A002 - the word of the list
    """Let the link ID, as `list` shows it, be good for nothing any more."""

    def work() -> None:
        consult(directory(data), "invite revoke", id=id)
        answer(f"{id} is revoked", {"id": id}, json=json)

    return attempt(work)
