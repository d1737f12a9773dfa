"""Each route of the HTTP API has its row in the protocol, and each row a route."""

import re
from pathlib import Path
from unittest.mock import Mock

from conclave.http.api import account_routes
from conclave.http.door import door_routes

PAGE = (Path(__file__).parents[2] / "docs/protocol.md").read_text("utf-8")


def routes():
    for handler in (*account_routes(Mock(), Mock(), Mock()), *door_routes(Mock())):
        for path in handler.paths:
            for method in handler.http_methods:
                if method not in ("HEAD", "OPTIONS"):
                    yield f"{method} {re.sub(r':[a-z]+}', '}', path)}"


def rows():
    api = PAGE[PAGE.index("### The API") :]
    return re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", api[: api.index("\n## ")], re.MULTILINE)


def test_each_route_has_its_row():
    there = list(routes())
    assert len(there) > 20
    assert set(there) - set(rows()) == set()


def test_each_row_is_of_a_route():
    assert set(rows()) - set(routes()) == set()
