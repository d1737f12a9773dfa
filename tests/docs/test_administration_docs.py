"""What admins read names everything that the code has."""

import re

import pytest
from tests.docs.test_docs import page, places

from conclave.cli.commands import build
from conclave.http.admin import admin_routes
from conclave.model import Action
from conclave.model.facts import PushCounts, ServerFacts


def test_each_action_has_its_place_in_the_docs() -> None:
    assert set(map(str, Action)) - places(page("docs/administration.md")) == set()


def test_each_route_of_the_office_has_its_place_in_the_docs() -> None:
    routes = set()
    for handler in admin_routes(*[_Anything()] * 6):  # type: ignore[arg-type]
        for path in handler.paths:
            plain = re.sub(r":\w+}", "}", path)
            routes |= {f"{method} {plain}" for method in handler.http_methods if method in _METHODS}
    assert len(routes) > 15
    assert routes - places(page("docs/administration.md")) == set()


def test_each_thing_that_a_server_says_of_itself_has_its_place_in_the_docs() -> None:
    fields = {*ServerFacts.__struct_fields__, *PushCounts.__struct_fields__}
    assert fields - places(page("docs/administration.md")) == set()


@pytest.mark.parametrize("command", ["user", "room", "invite", "report"])
def test_each_command_of_the_office_is_named_in_the_docs(command) -> None:
    text = page("docs/administration.md") + page("docs/cli.md")
    for word in (name for name in build()[command] if not name.startswith("-")):
        assert re.search(rf"`{command} {word}|conclave {command}\s+{word}|`{word}", text), word


_METHODS = {"GET", "POST", "PATCH", "DELETE"}


class _Anything:
    """Whatever a route is made with; none is called."""

    def __getattr__(self, name: str) -> object:
        return self
