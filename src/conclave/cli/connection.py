"""`conclave connection`: who is connected to the server that runs, and what became of one."""

from itertools import chain
from operator import itemgetter
from typing import Annotated, Any, Final

from cyclopts import Parameter

from conclave.cli.control import NotRunning, ask_all
from conclave.cli.desk import Json, moment, show, show_json
from conclave.cli.errand import Data, attempt, directory, say
from conclave.cli.printable import printable
from conclave.storage.errors import CannotDo

_COLUMNS: Final = {
    "id": "ID",
    "user": "USER",
    "address": "ADDRESS",
    "since": "SINCE",
    "rooms": "ROOMS",
    "waiting_bytes": "WAITING",
    "pings": "PINGS",
    "owes_pong": "OWES PONG",
}

Id = Annotated[str | None, Parameter(help="Of a connection, as the list and the log have it.")]


def connection(
    id: Id = None,  # noqa: A002 - the word of the list
    /,
    *,
    json: Json = False,
    data: Data = None,
) -> int:
    """
    Show who is connected, the newest first; with an ID, what became of that connection.

    The server must run; of several workers all are asked. Each remembers the last 20,000 things
    that happened to its connections,
    ended ones too; looking at one is written down in the audit log.
    """

    def work() -> None:
        try:
            if id is None:
                lists = ask_all(directory(data), "connection list")
                newest = sorted(chain(*lists), key=itemgetter("since"), reverse=True)
                show(newest, _COLUMNS, json=json)
            else:
                # The one that knows it; the others say that they do not.
                _show(ask_all(directory(data), "connection show", id=id)[0], json=json)
        except NotRunning as error:
            raise CannotDo("no server runs there, and only that knows of connections") from error

    return attempt(work)


def _show(found: dict[str, Any], *, json: bool) -> None:
    if json:
        show_json([found])
        return
    for line in found["lines"]:
        say(printable(f"{moment(line['at'])}  {line['what']:<18} {line['about']}".rstrip()))
    now = found["now"]
    if now is not None:
        pong = ", and owes an answer to the last" if now["owes_pong"] else ""
        say(f"It is open: {now['waiting_bytes']} bytes wait for it, {now['pings']} pings{pong}.")
