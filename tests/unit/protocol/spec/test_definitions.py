"""The JSON Schema says what the server takes and tells: examples fit, all else does not."""

import inspect
from importlib import import_module
from typing import Any

import jsonschema
import pytest
from tests.unit.protocol.spec.words import CHAT, EXAMPLES, SCHEMA

from conclave.protocol.errors import Close, Code, may_come_back
from conclave.protocol.event import Event
from conclave.protocol.requests import REQUESTS
from conclave.protocol.spec.definitions import key
from conclave.protocol.told import TOLD

FRAMES = {one["name"]: one["frame"] for one in EXAMPLES["frames"]}
# Told by nobody who is no client, or only within others.
_MODULES = ("events", "governing", "pushing")


def judge(name: str, document: dict[str, Any] = CHAT) -> Any:
    """Return a validator of the definition *name*."""
    schema = {part: value for part, value in document.items() if part != "anyOf"}
    return jsonschema.Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"})


def refusal(frame: dict[str, Any], name: str, document: dict[str, Any] = CHAT) -> str:
    return "; ".join(error.message for error in judge(name, document).iter_errors(frame))


def test_it_is_a_schema_of_its_dialect():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("one", EXAMPLES["requests"], ids=lambda one: one["name"])
def test_each_example_of_a_request_fits(one):
    frame = one["frame"]
    assert refusal(frame, key("request", frame["type"])) == ""
    assert refusal(frame, "FromClient") == ""
    assert judge("FromClient").is_valid({**frame, "unknown": 1})


@pytest.mark.parametrize("one", EXAMPLES["frames"], ids=lambda one: one["name"])
def test_each_example_of_what_is_told_fits(one):
    assert refusal(one["frame"], key("event", one["frame"]["type"])) == ""
    assert refusal(one["frame"], "FromServer") == ""


@pytest.mark.parametrize("one", EXAMPLES["requests"], ids=lambda one: one["name"])
def test_what_answers_an_example_fits_what_answers_its_type(one):
    if one["frame"]["type"] == "auth:refresh":
        # One that ends has a time in its ack, and one that does not has an empty one.
        assert set(one["answers"]) == {"ack", "ack-refreshed"}
    for name in one["answers"]:
        answer = {**FRAMES[name], "id": "a-1"}
        assert refusal(answer, key("answer", one["frame"]["type"])) == "", name


@pytest.mark.parametrize("one", EXAMPLES["errors"], ids=lambda one: one["code"])
def test_each_code_of_an_error_is_in_the_table(one):
    rows = {row["const"]: row for row in CHAT["$defs"]["ErrorCode"]["anyOf"] if "const" in row}
    assert rows[one["code"]]["x-retryable"] == one["retryable"]
    assert list(rows) == [str(code) for code in Code]


def test_each_code_of_a_close_says_whether_to_come_back():
    rows = {row["const"]: row["x-come-back"] for row in CHAT["$defs"]["CloseCode"]["oneOf"]}
    assert rows == {int(code): may_come_back(code) for code in Close}


def test_all_that_may_be_asked_and_told_is_in_it():
    defs = CHAT["$defs"]
    assert {key("request", event.type) for event in REQUESTS} <= defs.keys()
    asked = {name.removeprefix("request.") for name in defs if name.startswith("request.")}
    assert asked == {event.type.replace(":", ".") for event in REQUESTS}
    assert asked == {name.removeprefix("answer.") for name in defs if name.startswith("answer.")}


def test_each_event_of_the_chat_is_told_or_asked():
    modules = [import_module(f"conclave.protocol.{name}") for name in _MODULES]
    found = {
        one
        for module in modules
        for one in vars(module).values()
        if inspect.isclass(one) and issubclass(one, Event) and one is not Event
    }
    assert found <= {*TOLD.values(), *REQUESTS}
    assert TOLD.keys() == {frame["type"] for frame in FRAMES.values()}


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ({"type": "chat", "data": {"room": "general"}}, "'text' is a required property"),
        ({"type": "chat"}, "'data' is a required property"),
        ({"type": "chat", "data": {"room": "", "text": "hi"}}, "'' should be non-empty"),
        ({"type": "chat", "data": {"room": "general", "text": 7}}, "7 is not of type 'string'"),
        (
            {"type": "chat", "id": "a b", "data": {"room": "general", "text": "hi"}},
            "is not valid under any",
        ),
    ],
)
def test_what_has_another_shape_does_not_fit(frame, why):
    assert why in refusal(frame, "request.chat")


def test_the_comment_above_a_field_says_what_it_is():
    fields = CHAT["$defs"]["BanUser"]["properties"]
    assert fields["until"]["description"] == "null: until somebody takes it back."


def test_what_is_always_told_is_required_and_what_is_left_away_is_not():
    defs = CHAT["$defs"]
    assert "closed_by" in defs["Report"]["required"]
    assert "muted" not in defs["RoomInfo"]["required"]
    assert "expires_at" not in defs["AuthResponse"]["required"]
    assert "mentions" not in defs["Say"]["required"]


# ── an application's own ───────────────────────────────────────────────────────────────


def test_events_of_an_application_stand_beside_the_chats_own():
    drawn = {"type": "board:drawn", "data": {"room": "a", "at": {"x": 1, "y": 0}, "by": None}}
    assert refusal(drawn, "FromServer", SCHEMA) == ""
    assert "'by' is a required" in refusal(
        {"type": "board:drawn", "data": {"room": "a", "at": {"x": 1, "y": 0}}},
        "event.board.drawn",
        SCHEMA,
    )
    assert SCHEMA["$defs"]["request.board.draw"]["description"] == "Draws a line."
    assert SCHEMA["$defs"]["request.board.draw"]["x-needs"] == "room"
    assert SCHEMA["$defs"]["request.board.ask"]["required"] == ["type"]


def test_what_is_there_of_the_chat_does_not_depend_on_an_application():
    changed = {name for name, one in CHAT["$defs"].items() if SCHEMA["$defs"][name] != one}
    # Of a line an application says what is in its data.
    assert changed == {"FromClient", "FromServer", "Line"}


def test_a_line_of_an_application_has_the_data_of_its_kind_unless_it_was_erased():
    line = {"type": "board:kept", "text": "", "room": "a", "user": "b", "timestamp": 1}
    for data, fits in (({"lines": 1}, True), ({"lines": "many"}, False), (None, False)):
        told = {"type": "entry", "data": {**line, "data": data}}
        assert judge("event.entry", SCHEMA).is_valid(told) == fits, data
    assert judge("event.entry", SCHEMA).is_valid({"type": "entry", "data": line})
    assert SCHEMA["$defs"]["entry.board.kept"]["description"] == "What a board looks like."


def test_a_shape_that_is_called_as_another_gets_a_name_of_its_own():
    defs = SCHEMA["$defs"]
    assert list(defs["AppProfile"]["properties"]) == ["colour"]
    assert defs["Draw"]["properties"]["by"] == {"$ref": "#/$defs/AppProfile"}
    assert list(defs["AppRequests"]["properties"]) == ["many"]


def test_what_answers_is_what_the_handler_says_it_returns():
    defs = SCHEMA["$defs"]
    drawn, cleared, nothing = defs["answer.board.ask"]["anyOf"]
    assert drawn["properties"]["type"] == {"const": "board:drawn"}
    assert cleared["properties"]["data"] == {"$ref": "#/$defs/Cleared"}
    assert nothing["properties"]["data"] == {"type": "object"}
    assert defs["answer.board.clear"]["properties"]["data"] == {"$ref": "#/$defs/Cleared"}
