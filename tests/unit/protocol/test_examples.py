"""The wire is pinned by examples: tests/wire/examples.json against the code, both ways."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conclave.model import Entry, Identity, Reaction, RoomInfo, State
from conclave.protocol.codec import BadRequest, Codec, encode, encode_reject
from conclave.protocol.commanding import Answered, Taken
from conclave.protocol.errors import CLOSES, MESSAGES, RETRYABLE, Close, Code, Reject, may_come_back
from conclave.protocol.event import Event
from conclave.protocol.events import InRoom, Joined, Line, Refreshed, Stored
from conclave.protocol.governing import LinkMade
from conclave.protocol.lines import entry_packet, notice_packet
from conclave.protocol.requests import REQUESTS

ROOT = Path(__file__).parent.parent.parent.parent
EXAMPLES = json.loads((ROOT / "tests/wire/examples.json").read_text(encoding="utf-8"))
CODEC = Codec(list(REQUESTS))

# What has no event class of its own: the lines of a room, a room, the data of an ack.
SHAPES: dict[str, Any] = {"chat": Line, "entry": Line, "room:changed": RoomInfo}
ACKS: dict[str, Any] = {
    "ack": dict,
    "ack-stored": Stored,
    "ack-room": RoomInfo,
    "ack-joined": Joined,
    "ack-refreshed": Refreshed,
    "ack-link": LinkMade,
    "ack-in-room": InRoom,
    "ack-command": Answered,
    "ack-command-said": Answered,
    "ack-answered": Taken,
    "ack-answered-room": Taken,
}


def told() -> dict[str, type[Event]]:
    """Return the events that the server tells, by their type."""
    ours = {one for one in Event.__subclasses__() if one.__module__.startswith("conclave.protocol")}
    return {one.type: one for one in ours - set(REQUESTS)}


def wire(frame: dict[str, Any]) -> bytes:
    """Return *frame* as JSON without a space, its keys in the order of the file."""
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False).encode()


def named(kind: str, name: str) -> dict[str, Any]:
    return next(one["frame"] for one in EXAMPLES[kind] if one["name"] == name)


def sources(*folders: str) -> str:
    paths = [p for f in folders for p in (ROOT / "src/conclave" / f).rglob("*.py")]
    return "\n".join(p.read_text("utf-8") for p in paths if p.name != "errors.py")


def ids(kind: str) -> list[str]:
    return [one["name"] for one in EXAMPLES[kind]]


def holds(whole: Any, part: Any) -> bool:
    """Return whether *whole* has all that *part* has; it may have more fields."""
    if isinstance(part, dict):
        return all(name in whole and holds(whole[name], part[name]) for name in part)
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(holds, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("example", EXAMPLES["requests"], ids=ids("requests"))
def test_each_request_is_understood_as_it_stands(example):
    decoded = CODEC.decode(wire(example["frame"]))
    assert decoded.event.type == example["frame"]["type"]
    assert decoded.id == example["frame"].get("id")
    kept = json.loads(msgspec.json.encode(decoded.event))
    assert holds(kept, example["frame"]["data"])


@pytest.mark.parametrize("example", EXAMPLES["requests"], ids=ids("requests"))
def test_each_request_names_answers_that_exist(example):
    for answer in example["answers"]:
        assert answer in ids("frames")
    assert bool(example["answers"]) == ("id" in example["frame"])


@pytest.mark.parametrize("example", EXAMPLES["frames"], ids=ids("frames"))
def test_each_frame_of_the_server_is_byte_for_byte_what_the_code_encodes(example):
    frame = example["frame"]
    shape = SHAPES.get(frame["type"]) or ACKS.get(example["name"]) or told()[frame["type"]]
    data = msgspec.convert(frame["data"], shape)
    assert encode(frame["type"], data, frame.get("id")).text == wire(frame)


def test_every_event_has_an_example_and_every_example_an_event():
    assert {one["frame"]["type"] for one in EXAMPLES["requests"]} == {e.type for e in REQUESTS}
    assert {one["frame"]["type"] for one in EXAMPLES["frames"]} == {*told(), *SHAPES}


def test_names_are_given_once():
    for kind in ("requests", "frames"):
        assert len(set(ids(kind))) == len(ids(kind))


def entry_of(data: dict[str, Any], **more: Any) -> Entry:
    """Return the entry that a line's *data* stand for."""
    return Entry(
        room=data["room"],
        seq=data["seq"],
        id=data["id"],
        type=data["type"],
        name=data["user"],
        user=data["user_id"],
        timestamp=data["timestamp"],
        text=data["text"],
        **more,
    )


def test_a_stored_message_travels_as_its_example():
    data = named("frames", "message-own")["data"]
    entry = entry_of(data, client_id=data["client_id"])
    assert entry_packet(entry, "user1").text == wire(named("frames", "message-own"))
    assert entry_packet(entry, "admin1").text == wire(named("frames", "message"))


def test_an_entry_that_is_no_message_travels_as_its_example():
    data = named("frames", "member-added")["data"]
    extra = {key: data[key] for key in ("member", "member_name", "role")}
    entry = entry_of(data, extra=extra)
    assert entry_packet(entry).text == wire(named("frames", "member-added"))


def test_a_message_travels_as_it_is_now():
    (data, _gone) = named("frames", "history-now")["data"]["messages"]
    gave = (Reaction("👍", 2, ("admin1", "user1"), True),)
    state = State(edited_at=data["edited_at"], pinned=True, reactions=gave)
    told = json.loads(entry_packet(entry_of(data, state=state), "user1").text)
    assert told["data"] == data


@pytest.mark.parametrize(
    "name",
    [
        "message-reply",
        "edited",
        "deleted",
        "reacted",
        "room-updated",
        "room-archived",
        "room-settings",
        "member-role",
    ],
)
def test_what_an_entry_has_besides_a_text_travels_in_fields_of_its_own(name):
    data = named("frames", name)["data"]
    own = {"type", "text", "room", "user", "timestamp", "seq", "id", "user_id"}
    entry = entry_of(data, extra={key: data[key] for key in data.keys() - own})
    assert json.loads(entry_packet(entry).text) == named("frames", name)


def test_whatever_an_application_stores_with_an_entry_travels_in_its_data():
    data = named("frames", "entry-of-an-application")["data"]
    entry = entry_of(data, extra=data["data"])
    assert entry_packet(entry).text == wire(named("frames", "entry-of-an-application"))
    # Not even a field of the line itself is taken over by what is stored beside it.
    sly = entry_packet(entry_of(data, extra={"seq": 1, "user_id": "admin1", "role": "owner"}))
    assert json.loads(sly.text)["data"] == {
        **{key: value for key, value in data.items() if key != "data"},
        "role": "owner",
        "data": {"seq": 1, "user_id": "admin1"},
    }


@pytest.mark.parametrize("name", ["joined", "left"])
def test_a_notice_travels_as_its_example(name):
    data = named("frames", name)["data"]
    who = Identity(user=data["member"], name=data["member_name"])
    notice = notice_packet(*(data[key] for key in ("type", "text", "room", "timestamp")), who)
    assert notice.text == wire(named("frames", name))


def test_a_refusal_travels_as_its_example():
    assert encode_reject(Reject(Code.NOT_IN_ROOM), "c-2").text == wire(named("frames", "error"))
    later = Reject(Code.RATE_LIMITED, retry_after_ms=100)
    assert encode_reject(later, "c-3").text == wire(named("frames", "error-retry"))


def test_every_error_code_stands_there_with_its_message_and_nothing_else_does():
    assert [one["code"] for one in EXAMPLES["errors"]] == [str(code) for code in Code]
    for one in EXAMPLES["errors"]:
        assert one["message"] == MESSAGES[one["code"]]
        assert one["retryable"] == (one["code"] in RETRYABLE)


@pytest.mark.parametrize("example", EXAMPLES["errors"], ids=lambda one: one["code"])
def test_a_code_is_of_today_if_some_code_sends_it(example):
    code = Code(example["code"])
    used = re.search(rf"\bCode\.{code.name}\b", sources("")) is not None
    assert example["today"] == used


def test_every_close_code_stands_there_and_nothing_else_does():
    assert list(dict.fromkeys(one["code"] for one in EXAMPLES["closes"])) == [int(c) for c in Close]
    assert set(CLOSES) == set(Close)


@pytest.mark.parametrize(
    "example", EXAMPLES["closes"], ids=lambda one: f"{one['code']} {one['reason']}"
)
def test_a_close_advises_what_the_code_says(example):
    assert may_come_back(example["code"], example["reason"]) == example["come_back"]
    text = sources("") + (ROOT / "src/conclave/protocol/errors.py").read_text("utf-8")
    assert f'"{example["reason"]}"' in text
    used = re.search(rf"\bClose\.{Close(example['code']).name}\b", sources("")) is not None
    assert example["today"] == used


@pytest.mark.parametrize("example", EXAMPLES["advice"], ids=lambda one: str(one["code"]))
def test_a_code_of_nobody_advises_by_its_range(example):
    assert may_come_back(example["code"]) == example["come_back"]


@pytest.mark.parametrize("example", EXAMPLES["refused"], ids=lambda one: one["text"] or "nothing")
def test_what_is_no_request_is_refused_with_its_code_and_id(example):
    with pytest.raises(BadRequest) as refused:
        CODEC.decode(example["text"].encode())
    assert refused.value.code == example["code"]
    assert refused.value.id == example["id"]


@pytest.mark.parametrize("example", EXAMPLES["taken"], ids=lambda one: one["text"])
def test_what_is_unusual_but_right_is_taken(example):
    decoded = CODEC.decode(example["text"].encode())
    assert decoded.event.type == example["type"]
    assert decoded.id == example["id"]


def test_orders_name_frames_that_exist():
    known = {"client": set(ids("requests")), "server": set(ids("frames"))}
    for order in EXAMPLES["orders"]:
        for who, what, *_ in order["steps"]:
            assert who == "close" or what in known[who]
