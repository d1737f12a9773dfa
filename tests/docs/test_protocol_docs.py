"""The docs show the examples as they are, all of them, and name only what exists."""

import json
import re
from pathlib import Path

import pytest
from scripts import tables

from conclave.http.headers import POLICY, SECURITY
from conclave.protocol.errors import Close, Code
from conclave.protocol.requests import REQUESTS

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = json.loads((ROOT / "tests/wire/examples.json").read_text("utf-8"))
PROTOCOL = (ROOT / "docs/protocol.md").read_text("utf-8")
PAGES = [path for path in tables.pages() if path.exists()]

# A path of this repository in backticks or in a link: all others are of somebody's machine.
NAMED = re.compile(r"(?:\.\./|`|\]\()((?:src|tests|scripts|docs|examples|benchmarks)/[\w./*-]+)")
# A module, named as one speaks of it: without what is before its floor.
MODULE = re.compile(r"`(\w+/\w+\.py)`")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_what_a_page_shows_of_other_files_is_current(path):
    text = path.read_text("utf-8")
    assert tables.filled(text) == text, "write it anew: .venv/bin/python scripts/tables.py"
    assert text.count("<!-- show ") == len(tables.PLACE.findall(text))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_each_file_that_a_page_names_exists(path):
    text = path.read_text("utf-8")
    for named in NAMED.findall(text):
        assert list(ROOT.glob(named.rstrip("."))), named
    for named in MODULE.findall(text):
        assert (ROOT / named).exists() or (ROOT / "src/conclave" / named).exists(), named


@pytest.mark.parametrize("kind", ["requests", "frames"])
def test_each_example_of_the_wire_is_shown(kind):
    for one in EXAMPLES[kind]:
        assert tables.line(kind, one["frame"]) in PROTOCOL, one["name"]


def test_each_request_has_a_heading_under_requests():
    part = PROTOCOL.split("\n## Requests\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^### `([^`]+)`$", part, re.MULTILINE)) == {e.type for e in REQUESTS}


def test_each_event_of_the_server_has_a_heading_under_events():
    part = PROTOCOL.split("\n## Events\n")[1].split("\n## ")[0]
    headings = set(re.findall(r"^### `([^`]+)`", part, re.MULTILINE))
    told = {one["frame"]["type"] for one in EXAMPLES["frames"]}
    assert headings | {"heartbeat", "typing"} == told


@pytest.mark.parametrize(("title", "kind"), [("Requests", "request"), ("Events", "event")])
def test_each_request_and_event_shows_its_fields(title, kind):
    part = PROTOCOL.split(f"\n## {title}\n")[1].split("\n## ")[0]
    for name in re.findall(r"^### `([^`]+)`", part, re.MULTILINE):
        place = f"<!-- show fields {kind}/{name} -->"
        assert place in part, f"write {place} and <!-- end --> there, then scripts/tables.py"


def test_each_shape_that_a_field_links_to_is_there():
    shapes = PROTOCOL.split("\n## Shapes\n")[1].split("\n## ")[0]
    headings = {name.lower() for name in re.findall(r"^### (\w+)$", shapes, re.MULTILINE)}
    linked = re.findall(r"\[(\w+)\]\(#([a-z]+)\)", PROTOCOL)
    assert headings >= {
        anchor for name, anchor in linked if name.lower() == anchor and name[0].isupper()
    }
    assert "line" in headings


def test_codes_stand_in_their_tables_in_the_order_of_the_code():
    errors = PROTOCOL.split("\n## Error codes\n")[1].split("\n## ")[0]
    closes = PROTOCOL.split("\n## Close codes\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` ", errors, re.MULTILINE) == [str(code) for code in Code]
    shown = re.findall(r"^\| `(\d+)` ", closes, re.MULTILINE)
    assert list(dict.fromkeys(shown)) == [str(int(close)) for close in Close]


def test_the_policy_of_the_page_stands_in_the_docs():
    security = (ROOT / "docs/security.md").read_text("utf-8")
    assert POLICY in security
    assert SECURITY["content-security-policy"] == POLICY


def test_each_decision_has_its_number_and_its_parts():
    pages = sorted((ROOT / "docs/decisions").glob("0*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        parts = re.findall(r"^## (.*)$", page.read_text("utf-8"), re.MULTILINE)
        assert parts == ["Context", "Decision", "Why", "What it costs"], page.name
        assert f"({page.name})" in (page.parent / "README.md").read_text("utf-8")


def test_a_place_without_names_ends_where_it_ends():
    page = "<!-- show costs -->\n<!-- end -->\nbetween\n<!-- show errors -->\nold\n<!-- end -->\n"
    filled = tables.filled(page)
    assert "\n<!-- end -->\nbetween\n<!-- show errors -->\n| code " in filled
    assert "old" not in filled
    assert tables.filled(filled) == filled


def test_the_scripts_check_finds_a_page_that_lags():
    page = "<!-- show examples auth -->\nan old one\n<!-- end -->"
    assert '"token":"user-token-123"' in tables.filled(page)
    assert "an old one" not in tables.filled(page)
