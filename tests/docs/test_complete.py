"""Every route, command and metric has its place somewhere in the docs."""

import re
from collections.abc import Iterator

from cyclopts import App
from tests.docs.test_docs import PAGES, places
from tests.integration.matrix import ROUTES

from conclave.cli.commands import build

DOCS = {path: path.read_text("utf-8") for path in PAGES if path.parent.name != "decisions"}
PLACES = {place for text in DOCS.values() for place in places(text)}


def named(route: str) -> set[str]:
    """Return how a table may call *route*: whole, or below what all of them begin with."""
    method, path = route.split(" ", 1)
    path = re.sub(r":\w+}", "}", path).replace("/{version}/{path}", "/VERSION/…")
    short = path.removeprefix("/api/v1")
    # Files of the page and the like are GETs, and called by their path alone.
    alone = {path} if method == "GET" and short == path else set()
    return {f"{method} {path}", f"{method} {short}", *alone}


def test_each_route_of_the_matrix_has_its_place() -> None:
    missing = [route for route in ROUTES if not named(route) & PLACES]
    assert missing == [], "each needs a row whose first cell has it, in the docs of its part"


def commands(app: App, words: str) -> Iterator[str]:
    for name in app:
        if not name.startswith("-"):
            yield f"{words} {name}"
            yield from commands(app[name], f"{words} {name}")


def test_each_command_is_shown_or_named() -> None:
    text = "\n".join(DOCS.values())
    said = " ".join(text.split())
    missing = []
    for command in commands(build(), "conclave"):
        *group, last = command.split()[1:]
        heading = f"## conclave {group[0] if group else last}\n"
        part = text.partition(heading)[2].partition("\n## ")[0]
        if command not in said and f"`{last}" not in part:
            missing.append(command)
    assert missing == [], "each is shown by an example, or named under its heading in docs/cli.md"


def test_the_commands_and_routes_are_looked_for() -> None:
    """Else a change of how they are found would find nothing missing."""
    assert len(list(commands(build(), "conclave"))) > 40
    assert len(ROUTES) > 50
    assert not named("GET /api/v1/nowhere") & PLACES
