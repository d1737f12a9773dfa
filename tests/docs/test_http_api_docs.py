"""The page on the HTTP API has each route of the chat with the event it is, and each status."""

import re
from pathlib import Path
from unittest.mock import MagicMock

from conclave.controllers import CHAT
from conclave.http.chat import chat_routes
from conclave.protocol.problems import STATUSES

PAGE = (Path(__file__).parents[2] / "docs/http-api.md").read_text("utf-8")


class Acts(MagicMock):
    """What routes ask of the chat when they are made."""

    def act(self, _event):
        return None


def routes():
    for handler in chat_routes(Acts(), MagicMock()):
        for path in handler.paths:
            for method in handler.http_methods:
                plain = re.sub(r":[a-z]+}", "}", path)
                yield f"{method} {plain}", handler.opt["event"]


def rows():
    found = re.findall(r"^\| `([A-Z]+ /[^`]*)` \| (?:`([^`]*)`)? \|", PAGE, re.MULTILINE)
    return {route: event for route, event in found if event}


def test_each_route_has_its_row_with_its_event_and_each_row_is_of_a_route():
    assert len(rows()) > 40
    assert dict(routes()) == rows()


def test_each_event_that_is_a_route_has_a_handler():
    handled = {
        method.handles[0].type
        for controller in CHAT
        for method in vars(controller).values()
        if hasattr(method, "handles")
    }
    assert {event for _, event in routes()} <= handled


def test_each_status_of_a_refusal_stands_in_the_table_with_its_codes():
    table = dict(re.findall(r"^\| (\d{3}) \| (.*) \|$", PAGE, re.MULTILINE))
    for code, status in STATUSES.items():
        if code != "unknown_type":
            assert f"`{code}`" in table[str(status)], code
