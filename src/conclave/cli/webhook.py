"""`conclave webhook`: programs that write into rooms, and addresses that are told what is said."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from conclave.cli.desk import Json, answer, consult, pages, show
from conclave.cli.errand import Data, attempt, directory
from conclave.model import HookKind
from conclave.storage.errors import CannotDo

app = App(
    name="webhook",
    help="Programs that write into rooms, and addresses that are told what is said.",
    help_format="plaintext",
)

Called = Annotated[str, Parameter(name="--name", help="What it is called.")]
InRoom = Annotated[str | None, Parameter(help="Only this room's.")]

_COLUMNS: Final = {
    "way": "WAY",
    "id": "ID",
    "name": "NAME",
    "room": "ROOM",
    "by": "BY",
    "used": "USED",
    "state": "STATE",
    "dead": "GIVEN UP",
    "url": "TO",
}
_LETTERS: Final = {
    "id": "ID",
    "room": "ROOM",
    "seq": "NUMBER",
    "at": "GIVEN UP",
    "tries": "TRIES",
    "why": "WHY",
}


@app.command(name="list")
def list_(*, room: InRoom = None, json: Json = False, data: Data = None) -> int:
    """List webhooks: who made them, how they are doing, and where outgoing ones lead."""

    def work() -> None:
        show(consult(directory(data), "webhook list", room=room), _COLUMNS, json=json)

    return attempt(work)


@app.command
def incoming(room: str, /, *, name: Called, json: Json = False, data: Data = None) -> int:
    """Print an address by which a program writes into ROOM; it is shown this once."""

    def work() -> None:
        made = consult(directory(data), "webhook incoming", room=room, name=name)
        answer(made["url"], made, json=json)

    return attempt(work)


@app.command
def command(
    room: str,
    url: str,
    /,
    *,
    command: Annotated[str, Parameter(help="What people type after the slash.")],
    name: Called,
    about: Annotated[str, Parameter(help="What people read of it.")] = "",
    hint: Annotated[str, Parameter(help="Of its arguments, such as [what].")] = "",
    json: Json = False,
    data: Data = None,
) -> int:
    """Let URL answer a slash command of ROOM; print the secret its receiver checks by."""

    def work() -> None:
        made = consult(
            directory(data),
            "webhook command",
            room=room,
            url=url,
            word=command,
            name=name,
            about=about,
            hint=hint,
        )
        answer(made["secret"], made, json=json)

    return attempt(work)


@app.command
def outgoing(
    url: str,
    /,
    *,
    name: Called,
    room: Annotated[
        str | None, Parameter(help="What is said in this room; else in all public ones.")
    ] = None,
    kind: Annotated[
        list[HookKind] | None,
        Parameter(help="Of what it is told, again for more; else of messages and their changes."),
    ] = None,
    json: Json = False,
    data: Data = None,
) -> int:
    """Tell URL what is said from now on; print the secret its receiver checks signatures by."""
    kinds = None if kind is None else [str(one) for one in kind]

    def work() -> None:
        made = consult(
            directory(data), "webhook outgoing", url=url, name=name, room=room, kinds=kinds
        )
        answer(made["secret"], made, json=json)

    return attempt(work)


@app.command
def enable(id: str, /, *, json: Json = False, data: Data = None) -> int:  # noqa: A002
    """Tell the outgoing webhook ID again, from where it ended."""
    return _turn(id, True, "is on", json=json, data=data)


@app.command
def disable(id: str, /, *, json: Json = False, data: Data = None) -> int:  # noqa: A002
    """Tell the outgoing webhook ID no more until it is enabled."""
    return _turn(id, False, "is off", json=json, data=data)


def _turn(hook: str, enabled: bool, said: str, *, json: Json, data: Data) -> int:
    def work() -> None:
        consult(directory(data), "webhook enable", id=hook, enabled=enabled)
        answer(f"{hook} {said}", {"id": hook, "enabled": enabled}, json=json)

    return attempt(work)


@app.command
def revoke(id: str, /, *, json: Json = False, data: Data = None) -> int:  # noqa: A002
    """End the webhook ID for ever; what was written by it stays."""

    def work() -> None:
        consult(directory(data), "webhook revoke", id=id)
        answer(f"{id} is revoked", {"id": id}, json=json)

    return attempt(work)


@app.command
def dead(id: str, /, *, json: Json = False, data: Data = None) -> int:  # noqa: A002
    """List what the outgoing webhook ID was told in vain."""

    def work() -> None:
        found = pages(directory(data), "webhook dead", key=lambda one: one["id"], id=id)
        show(list(found), _LETTERS, json=json)

    return attempt(work)


@app.command
def resend(id: str, letter: str, /, *, json: Json = False, data: Data = None) -> int:  # noqa: A002
    """Tell the outgoing webhook ID now what LETTER of `dead` says; the server must run."""

    def work() -> None:
        refused = consult(directory(data), "webhook resend", id=id, letter=letter)
        if refused:
            raise CannotDo(f"it was not taken: {refused}")
        answer(f"{letter} is taken", {"id": letter}, json=json)

    return attempt(work)


@app.command
def drop(id: str, letter: str, /, *, json: Json = False, data: Data = None) -> int:  # noqa: A002
    """Forget what LETTER of `dead` says: the outgoing webhook ID is not told it any more."""

    def work() -> None:
        consult(directory(data), "webhook drop", id=id, letter=letter)
        answer(f"{letter} is dropped", {"id": letter}, json=json)

    return attempt(work)


@app.command(name="test")
def try_(id: str, /, *, json: Json = False, data: Data = None) -> int:  # noqa: A002
    """Tell the outgoing webhook ID now something that nobody said; the server must run."""

    def work() -> None:
        refused = consult(directory(data), "webhook test", id=id)
        if refused:
            raise CannotDo(f"it was not taken: {refused}")
        answer(f"{id} takes it", {"id": id}, json=json)

    return attempt(work)
