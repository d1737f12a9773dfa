"""
Whatever comes, it is a request or a `BadRequest`: never anything else, never slow.

The corpus is checked item by item, the names and types of fields one by one, and what
nobody thought of by thousands of random inputs.
"""

import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.protocol.corpus import BAD, CORPUS, FINE, UNKNOWN, chat

from conclave.protocol.codec import BadRequest, Codec, Decoded
from conclave.protocol.event import Event
from conclave.protocol.requests import REQUESTS, GetHistory, Heartbeat, JoinRoom, Say

CODEC = Codec(list(REQUESTS))
# An item of the corpus may take this long to refuse.
MAX_SECONDS = 0.005


def answer(text: bytes) -> str:
    try:
        CODEC.decode(text)
    except BadRequest as no:
        return no.code
    return FINE


@pytest.mark.parametrize("name", CORPUS)
def test_each_item_of_the_corpus_gets_its_answer_soon(name: str) -> None:
    text, expected = CORPUS[name]
    took = []
    for _ in range(3):
        began = time.thread_time()
        assert answer(text) == expected
        took.append(time.thread_time() - began)
    # The best of three, of this thread's own time: the machine may be busy, the codec may not.
    assert min(took) <= MAX_SECONDS


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 60


NAMES = [
    "__class__", "_private", "on_connect", "../x", "x" * 10_240, "сhat", "chаt", "ｃｈａｔ", "CHAT",
    "Chat", "chat ", " chat", "chat\u200b", "chat\x00", "join:room:", "join::room", "join", ":", "",
    "system", "hello", "error", "ack", "history", "presence", "auth:response", "entry", "Say",
    "decode", "_data", "%s", "{0}", "${x}", "*", "chat\n", "auth\u0000", "__proto__", "constructor",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_not_registered_is_an_unknown_type(name: str) -> None:
    text = json.dumps({"type": name, "id": "c-1", "data": {"text": "hi", "room": "hall"}})
    with pytest.raises(BadRequest) as no:
        CODEC.decode(text.encode())
    assert no.value.code == UNKNOWN
    assert no.value.id == "c-1", "the answer finds its request"
    assert not no.value.retryable


GOOD: dict[str, dict[str, Any]] = {
    "auth": {"token": "t"},
    "auth:refresh": {"token": "t"},
    "heartbeat": {"timestamp": 1},
    "chat": {"text": "hi", "room": "hall", "reply_to": 1, "thread": 1, "mentions": ["ann"]},
    "message:edit": {"room": "hall", "target": 1, "text": "ho"},
    **{f"message:{verb}": {"room": "hall", "target": 1} for verb in ("delete", "pin", "unpin")},
    "reaction:add": {"room": "hall", "target": 1, "emoji": "👍"},
    "reaction:remove": {"room": "hall", "target": 1, "emoji": "👍"},
    "join:rooms": {"rooms": [{"room": "hall", "since": {"epoch": "e", "seq": 1}}]},
    "room:enter": {"room": "hall"},
    "room:quit": {"room": "hall"},
    "people": {"query": "x", "after": "ann"},
    "profile:get": {"user": "ann"},
    "profile:set": {"display_name": "Ann", "about": "x"},
    "presence:set": {"status": "dnd"},
    "presence:idle": {"idle": True},
    "read": {"room": "hall", "seq": 1},
    "room:update": {
        "room": "hall",
        "title": "t",
        "topic": "t",
        "settings": {"slow_mode": 5, "history": "joined"},
    },
    "room:members": {"room": "hall", "after": "ann"},
    "search": {
        "query": "x",
        "room": "hall",
        "from": "ann",
        "before": 2,
        "after": 1,
        "limit": 1,
        "cursor": "a0",
    },
    "command": {"room": "hall", "name": "roll", "text": "6"},
    "command:list": {"room": "hall"},
    "command:offer": {"commands": [{"name": "roll", "about": "a", "hint": "h"}]},
    "command:answer": {"command": "0123456789abcdef", "text": "x", "to": "room"},
    "join:room": {"room": "hall", "since": {"epoch": "e", "seq": 1, "id": "m"}},
    "leave:room": {"room": "hall"},
    "get:history": {
        "room": "hall",
        "before": 1,
        "thread": 1,
        "pinned": True,
        "limit": 5,
        "as": "entries",
    },
    "typing": {"room": "hall", "active": True},
    "room:create": {"room": "hall", "title": "t", "topic": "t", "kind": "private"},
    "room:list": {"scope": "public", "after": "hall"},
    **{f"room:{verb}": {"room": "hall", "user": "ann"} for verb in ("invite", "unban", "unmute")},
    "room:kick": {"room": "hall", "user": "ann", "reason": "r"},
    "room:ban": {"room": "hall", "user": "ann", "until": 1, "reason": "r"},
    "room:mute": {"room": "hall", "user": "ann", "until": 1, "reason": "r"},
    "room:role": {"room": "hall", "user": "ann", "role": "owner"},
    "room:archive": {"room": "hall", "archived": False},
    "room:delete": {"room": "hall"},
    "room:sanctions": {"room": "hall", "after": ["ann", "ban"]},
    "room:link": {"room": "hall", "name": "n", "uses": 1, "expires_at": 1},
    "room:links": {"room": "hall"},
    "room:unlink": {"room": "hall", "link": "l"},
    "room:accept": {"token": "t"},
    "room:direct": {"users": ["ann"]},
    "room:notify": {"room": "hall", "notify": "all"},
    "room:favourite": {"room": "hall", "favourite": True},
    "message:report": {"room": "hall", "target": 1, "reason": "r"},
    "reports": {"room": "hall", "closed": True, "after": "r"},
    "report:close": {"report": "r", "outcome": "resolved"},
    "push:get": {},
    "push:subscribe": {
        "endpoint": "https://p.example.net/x",
        "p256dh": "B" * 87,
        "auth": "A" * 22,
        "with_text": True,
    },
    "push:unsubscribe": {"endpoint": "https://p.example.net/x"},
    "user:ignore": {"user": "ann"},
    "user:unignore": {"user": "ann"},
    "user:ignored": {},
}
# What one field takes, and all others refuse.
MEANT = [
    ("active", True),
    ("idle", True),
    ("with_text", True),
    ("archived", True),
    ("closed", True),
    ("favourite", True),
    ("pinned", True),
    ("mentions", []),
    ("commands", []),
    ("attachments", []),
    ("rooms", []),
    ("settings", {}),
    ("settings", {"a": 1}),
    ("users", []),
]
OTHER: list[Any] = [None, True, 7, -1, 1.5, "", "word", "x" * 70_000, [], [1], {}, {"a": 1}]


def encoded(type_: str, data: Any) -> bytes:
    return json.dumps({"type": type_, "data": data}).encode()


def test_every_request_of_the_protocol_stands_in_the_table_here() -> None:
    assert {event.type for event in REQUESTS} == set(GOOD)
    for type_, data in GOOD.items():
        assert CODEC.decode(encoded(type_, data)).event.type == type_


def fields() -> list[tuple[type[Event], str]]:
    return [(event, name) for event in REQUESTS for name in event.__struct_encode_fields__]


@pytest.mark.parametrize(("event", "name"), fields(), ids=lambda x: getattr(x, "type", x))
def test_a_field_takes_values_of_its_own_type_only(event: type[Event], name: str) -> None:
    refused = 0
    for other in OTHER:
        got = answer(encoded(event.type, {**GOOD[event.type], name: other}))
        assert got in (BAD, FINE)
        refused += got == BAD
    assert refused >= len(OTHER) - 4


@pytest.mark.parametrize("value", [[], {}, {"a": 1}, [1], True])
@pytest.mark.parametrize(("event", "name"), fields(), ids=lambda x: getattr(x, "type", x))
def test_no_field_takes_what_no_field_is(event: type[Event], name: str, value: Any) -> None:
    if (name, value) in MEANT:
        return
    assert answer(encoded(event.type, {**GOOD[event.type], name: value})) == BAD


def required() -> list[tuple[type[Event], str]]:
    of = msgspec.structs.fields
    return [
        (event, field.encode_name) for event in REQUESTS for field in of(event) if field.required
    ]


@pytest.mark.parametrize(("event", "name"), required(), ids=lambda x: getattr(x, "type", x))
def test_a_field_that_is_missing_is_a_bad_request(event: type[Event], name: str) -> None:
    data = {key: value for key, value in GOOD[event.type].items() if key != name}
    assert answer(encoded(event.type, data)) == BAD


def test_what_was_decoded_keeps_nothing_of_the_text() -> None:
    text = bytearray(chat())
    decoded = CODEC.decode(memoryview(text))
    text[:] = b"x" * len(text)
    assert decoded == Decoded(Say("hi", "hall"), "c-1")


def test_a_number_that_no_room_has_is_for_the_store_to_answer() -> None:
    since = {"epoch": "e", "seq": -(2**63), "id": "m"}
    event = CODEC.decode(encoded("join:room", {"room": "hall", "since": since})).event
    assert isinstance(event, JoinRoom)


def test_the_types_are_those_of_the_codec_alone() -> None:
    codec = Codec([Heartbeat])
    with pytest.raises(BadRequest, match=UNKNOWN):
        codec.decode(chat())
    assert isinstance(codec.decode(b'{"type":"heartbeat"}').event, Heartbeat)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ENVELOPES = st.fixed_dictionaries(
    {"type": st.sampled_from([*GOOD, "nope"]) | JSON},
    optional={"data": st.sampled_from([*GOOD.values()]) | JSON, "id": st.text() | JSON},
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a good request with bytes of it changed, doubled, moved or cut out."""
    type_ = draw(st.sampled_from([*GOOD]))
    text = bytearray(encoded(type_, GOOD[type_]))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text)))
        to = draw(st.integers(at, min(len(text), at + 12)))
        text[at:to] = draw(st.binary(max_size=6) | st.just(bytes(text[at:to] * 2)))
    return bytes(text)


INPUTS = st.one_of(
    st.binary(max_size=300),
    JSON.map(lambda value: json.dumps(value).encode()),
    ENVELOPES.map(lambda value: json.dumps(value).encode()),
    mutated(),
)


def decodes_or_refuses(text: bytes) -> None:
    got = answer(text)
    assert got in (BAD, UNKNOWN, FINE)
    if got != FINE:
        return
    decoded = CODEC.decode(text)
    assert isinstance(decoded.event, REQUESTS)
    if isinstance(decoded.event, GetHistory) and decoded.event.before is not None:
        assert 0 <= decoded.event.before < 2**53


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=400, deadline=None, suppress_health_check=QUIET)
@given(INPUTS)
def test_anything_is_a_request_or_a_bad_request(text: bytes) -> None:
    decodes_or_refuses(text)


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(max_examples=20_000, deadline=None, suppress_health_check=QUIET)
@given(INPUTS)
def test_anything_much_longer_is_a_request_or_a_bad_request(text: bytes) -> None:
    decodes_or_refuses(text)
