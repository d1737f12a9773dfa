"""`conclave report`: messages that people reported."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from conclave.cli.desk import Json, answer, consult, pages, show
from conclave.cli.errand import Data, attempt, directory
from conclave.model import Outcome

app = App(name="report", help="Messages that people reported.", help_format="plaintext")

Closed = Annotated[
    bool, Parameter(help="Those that are closed, in place of the open.", negative="")
]
Came = Annotated[
    Outcome, Parameter(name="--outcome", help="resolved: something was done; or dismissed.")
]

_COLUMNS: Final = {
    "id": "ID",
    "at": "TIME",
    "room": "ROOM",
    "seq": "NUMBER",
    "author": "WROTE",
    "user": "REPORTED",
    "reason": "BECAUSE",
    "text": "TEXT",
    "outcome": "OUTCOME",
}


@app.command(name="list")
def list_(*, closed: Closed = False, json: Json = False, data: Data = None) -> int:
    """List reports of all rooms, the oldest first, with what the messages say now."""

    def work() -> None:
        found = pages(directory(data), "report list", key=lambda one: one["id"], closed=closed)
        show(list(found), _COLUMNS, json=json)

    return attempt(work)


@app.command
def close(
    id: str,  # noqa: A002 - the word of the list
    /,
    *,
    outcome: Came = Outcome.RESOLVED,
    json: Json = False,
    data: Data = None,
) -> int:
    """Close the report ID, as `list` shows it."""

    def work() -> None:
        consult(directory(data), "report close", id=id, outcome=str(outcome))
        answer(f"{id} is closed: {outcome}", {"id": id, "outcome": str(outcome)}, json=json)

    return attempt(work)
