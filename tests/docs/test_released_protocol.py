"""What was released is kept to: what breaks somebody is said in docs/protocol.md, or fails here."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from conclave import App
from conclave.controllers.vocabulary import vocabulary
from conclave.protocol.spec.definitions import schema_of
from conclave.protocol.spec.differences import changes

DOCS = Path(__file__).parent.parent.parent / "docs"
RELEASED = json.loads((DOCS / "released.json").read_text("utf-8"))
SECTION = re.compile(r"^## What breaks\n(.*?)(?=^## )", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"^\* `([^`]+)`: \S", re.MULTILINE)
NOTHING = "Since then nothing has broken."


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    return schema_of(vocabulary(App()), "now")


def breaking(schema: dict[str, Any]) -> set[str]:
    return {one.words for one in changes(RELEASED, schema) if one.breaking}


def test_what_breaks_since_the_last_release_is_said_and_nothing_else_is(now):
    (section,) = SECTION.findall((DOCS / "protocol.md").read_text("utf-8"))
    said = set(SAID.findall(section))
    assert breaking(now) == said, (
        "say it under «What breaks» of docs/protocol.md: * `words`: what to do"
    )
    assert (NOTHING in section) == (said == set())


def test_another_type_a_needed_field_and_an_event_that_is_gone_would_be_noticed(now):
    broken = copy.deepcopy(now)
    defs = broken["$defs"]
    del defs["event.typing"]
    wanted = defs["request.join.room"]["properties"]["data"]
    wanted = defs[wanted["$ref"].rpartition("/")[2]] if "$ref" in wanted else wanted
    wanted["properties"]["room"] = {"type": "integer"}
    wanted["required"] = [*wanted["required"], "since"]
    found = breaking(broken)
    assert "event typing: removed" in found
    assert len([words for words in found if words.startswith("request join:room")]) >= 2
