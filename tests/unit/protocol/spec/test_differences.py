"""What breaks programs that were right before is found, whichever side it is said by."""

import copy
from typing import Any

import pytest
from tests.unit.protocol.spec.words import CHAT, SCHEMA

from conclave.protocol.spec.asyncapi import asyncapi
from conclave.protocol.spec.differences import NotADescription, changes


def changed(change: Any, of: Any = CHAT) -> list[tuple[bool, str]]:
    new = copy.deepcopy(of)
    change(new["$defs"])
    return [(one.breaking, one.words) for one in changes(of, new)]


def fields(shape: str, **schemas: Any) -> Any:
    return lambda defs: defs[shape]["properties"].update(schemas)


def required(shape: str, name: str) -> Any:
    return lambda defs: defs[shape]["required"].append(name)


def both(*several: Any) -> Any:
    return lambda defs: [one(defs) for one in several]


def without(shape: str, name: str) -> Any:
    def drop(defs: Any) -> None:
        del defs[shape]["properties"][name]
        defs[shape]["required"] = [one for one in defs[shape].get("required", []) if one != name]

    return drop


def optional(shape: str, name: str) -> Any:
    return lambda defs: defs[shape]["required"].remove(name)


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
NOTHING = {"type": "null"}

# What clients send: it may be taken no less.
ASKED = {
    "a field of another type": (
        fields("Say", text=NUMBER),
        "request chat, text: type was string, is integer",
    ),
    "a field that is gone": (without("Say", "thread"), "request chat, thread: removed"),
    "a new field that is required": (
        both(fields("Say", mood=TEXT), required("Say", "mood")),
        "request chat, mood: required, and was not there",
    ),
    "a field that is required now": (
        required("Say", "reply_to"),
        "request chat, reply_to: required now",
    ),
    "a smaller bound": (
        fields("Say", text={"type": "string", "maxLength": 10}),
        "request chat, text: maxLength was 65536, is 10",
    ),
    "a new bound": (
        fields("GetProfile", user={"type": "string", "maxLength": 64, "minLength": 2}),
        "request profile:get, user: minLength was 1, is 2",
    ),
    "a pattern": (
        fields("SetTyping", room={"type": "string", "maxLength": 64, "pattern": "^a"}),
        'request typing, room: pattern was none, is "^a"',
    ),
    "a value less": (
        fields("SetPresence", status={"enum": ["away", "dnd", "invisible"]}),
        'request presence:set, status: "online" is no longer taken',
    ),
    "words in place of any text": (
        fields("FindPeople", query={"enum": ["a", "b"]}),
        'request people, query: type was string, is "a" or "b"',
    ),
    "no null": (
        fields("GetHistory", before={"type": "integer", "minimum": 0}),
        "request get:history, before: type was null, is integer",
    ),
    "items that are fewer": (
        fields("OpenDirect", users={"type": "array", "items": TEXT, "maxItems": 2}),
        "request room:direct, users: maxItems was 9, is 2",
    ),
    "something deep": (
        fields("Position", seq=TEXT),
        "request join:room, since.seq: type was integer, is string",
    ),
    "a request less": (lambda defs: defs.pop("request.typing"), "request typing: removed"),
}

# What clients get: it may be told no more.
TOLD = {
    "a field of another type": (
        fields("Read", seq=TEXT),
        "event read, seq: type was integer, is string",
    ),
    "a field that is gone": (without("Typing", "active"), "event typing, active: removed"),
    "an optional field that is gone": (
        without("RoomGone", "until"),
        "event room:gone, until: removed",
    ),
    "a field that may be missing": (
        optional("Read", "seq"),
        "event read, seq: may be missing now",
    ),
    "a value more": (
        lambda defs: defs["SanctionKind"]["enum"].append("exile"),
        'event sanctions, sanctions[].kind: may be "exile" now',
    ),
    "null": (
        fields("Notice", text={"anyOf": [TEXT, NOTHING]}),
        "event notice, text: type was string, is null",
    ),
    "items of another type": (
        fields("History", messages={"type": "array", "items": TEXT}),
        "event history, messages[]: type was object, is string",
    ),
    "an event less": (lambda defs: defs.pop("event.notice"), "event notice: removed"),
    "an answer that carries less": (
        without("Stored", "seq"),
        "answer to chat, seq: removed",
    ),
    "another answer": (
        lambda defs: defs["answer.room.direct"].update(defs["answer.room.links"]),
        'answer to room:direct, type: may be "links" now',
    ),
    "an error less": (
        lambda defs: defs["ErrorCode"]["anyOf"].pop(0),
        "error auth_required: removed",
    ),
    "an error that is not to be tried again": (
        lambda defs: defs["ErrorCode"]["anyOf"][-2].update({"x-retryable": False}),
        "error internal: no longer may be retried",
    ),
    "a close that sends away": (
        lambda defs: defs["CloseCode"]["oneOf"][0].update({"x-come-back": False}),
        "close 1000: no longer invites back",
    ),
}

# What nobody notices who was right before.
HARMLESS = {
    "a new field that may be left away": fields("Say", mood=TEXT),
    "a new field that is told": both(fields("Read", at=NUMBER), required("Read", "at")),
    "a larger bound": fields("Say", text={"type": "string", "maxLength": 100_000}),
    "no bound": fields("Say", text=TEXT),
    "a value more that is taken": fields(
        "SetPresence", status={"enum": ["online", "away", "dnd", "invisible", "here"]}
    ),
    "any text in place of words": fields("SetPresence", status=TEXT),
    "null that is taken": fields("Auth", token={"anyOf": [TEXT, NOTHING]}),
    "a number in place of a whole one, taken": fields("MarkRead", seq={"type": "number"}),
    "a value less that is told": lambda defs: defs["SanctionKind"]["enum"].remove("ban"),
    "a field that is always told": required("RoomGone", "until"),
    "a field that need not be given": optional("Say", "text"),
    "another description": fields("Read", seq={"type": "integer", "description": "How far"}),
    "a new error": lambda defs: defs["ErrorCode"]["anyOf"].insert(0, {"const": "odd"}),
    "a new request": lambda defs: defs.update({"request.new": defs["request.chat"]}),
}


def test_changing_a_fields_type_is_reported_as_breaking():
    assert (True, "request chat, text: type was string, is integer") in changed(
        fields("Say", text=NUMBER)
    )
    assert (True, "event read, seq: type was integer, is string") in changed(
        fields("Read", seq=TEXT)
    )


@pytest.mark.parametrize("name", [*ASKED])
def test_what_clients_send_is_taken_no_less(name):
    change, words = ASKED[name]
    assert (True, words) in changed(change)


@pytest.mark.parametrize("name", [*TOLD])
def test_clients_get_nothing_that_they_were_not_told_of(name):
    change, words = TOLD[name]
    assert (True, words) in changed(change)


@pytest.mark.parametrize("name", [*HARMLESS])
def test_what_is_harmless_is_not_called_breaking(name):
    assert [words for breaking, words in changed(HARMLESS[name]) if breaking] == []


def test_what_is_the_same_has_no_changes_in_either_format():
    assert changes(CHAT, CHAT) == []
    assert changes(asyncapi(SCHEMA, "1"), SCHEMA) == []
    assert changes(asyncapi(CHAT, "1"), asyncapi(CHAT, "2")) == []


def test_what_an_application_adds_breaks_nothing_and_what_it_takes_away_does():
    added = changes(CHAT, SCHEMA)
    assert [one.breaking for one in added] == [False] * len(added)
    assert "request board:draw: added" in {one.words for one in added}
    gone = changes(SCHEMA, CHAT)
    assert "event board:drawn: removed" in {one.words for one in gone if one.breaking}


def test_what_breaks_comes_first_and_nothing_is_said_twice():
    found = changed(both(fields("Say", mood=TEXT), without("Line", "emoji")))
    assert [breaking for breaking, _ in found] == sorted((b for b, _ in found), reverse=True)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("document", [None, [], {}, {"$defs": {}}, {"$defs": {"Say": {}}}])
def test_another_document_is_refused(document):
    with pytest.raises(NotADescription):
        changes(document, CHAT)


def test_a_shape_that_holds_itself_is_compared_once():
    def loop(defs: Any) -> None:
        defs["Line"]["properties"]["reply"] = {"$ref": "#/$defs/Line"}

    deep = copy.deepcopy(CHAT)
    loop(deep["$defs"])
    assert changes(deep, deep) == []
    assert (True, "event chat, text: type was string, is integer") in changed(
        fields("Line", text=NUMBER), deep
    )
