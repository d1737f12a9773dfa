"""
Whatever comes, it is a request or a `BadRequest`: never anything else, never slow.

The corpus is the one of E1: item by item, what is refused with which code and what is let
through because only unknown fields are odd about it.
"""

import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conclave.protocol.codec import BadRequest, Codec, Decoded
from conclave.protocol.events import REQUESTS, Event, GetHistory, Heartbeat, JoinRoom, Say

CODEC = Codec(list(REQUESTS))
# An item of the corpus may take this long to refuse.
MAX_SECONDS = 0.005
BAD, UNKNOWN, FINE = "bad_request", "unknown_type", "fine"


def chat(**more: str) -> bytes:
    """Return a good `chat`, with raw JSON for what is in *more*."""
    fields = {"text": '"hi"', "room": '"hall"', **more}
    data = ",".join(f'"{name}":{raw}' for name, raw in fields.items())
    return f'{{"type":"chat","id":"c-1","data":{{{data}}}}}'.encode()


def envelope(raw: str) -> bytes:
    """Return a good `chat` with *raw* JSON members besides."""
    return f'{{"type":"chat","data":{{"text":"hi","room":"hall"}},{raw}}}'.encode()


def answer(text: bytes) -> str:
    try:
        CODEC.decode(text)
    except BadRequest as no:
        return no.code
    return FINE


CORPUS: dict[str, tuple[bytes, str]] = {
    # No JSON at all.
    "empty": (b"", BAD),
    "a space": (b" ", BAD),
    "64 KiB of spaces": (b" " * 65_536, BAD),
    "64 KiB of spaces before a request": (b" " * 65_000 + chat(), FINE),
    "words": (b"hello", BAD),
    "a NUL byte": (b"\x00", BAD),
    "an open brace": (b"{", BAD),
    "half a request": (chat()[:20], BAD),
    "trailing bytes": (chat() + b"x", BAD),
    "two requests": (chat() * 2, BAD),
    "a trailing comma": (b'{"type":"chat","data":{"text":"hi","room":"hall"},}', BAD),
    "single quotes": (b"{'type':'chat'}", BAD),
    "a comment": (b'{"type":"chat"/* */}', BAD),
    "a byte order mark": (b"\xef\xbb\xbf" + chat(), BAD),
    "UTF-16": (chat().decode().encode("utf-16"), BAD),
    "UTF-16 without a mark": (chat().decode().encode("utf-16-le"), BAD),
    "UTF-32": (chat().decode().encode("utf-32-be"), BAD),
    # JSON, but no envelope.
    "true": (b"true", BAD),
    "null": (b"null", BAD),
    "zero": (b"0", BAD),
    "a string": (b'"x"', BAD),
    "a list": (b"[]", BAD),
    "a list of requests": (b"[" + chat() + b"]", BAD),
    "an empty object": (b"{}", BAD),
    "no type": (b'{"data":{"text":"hi","room":"hall"}}', BAD),
    "a type of null": (b'{"type":null,"data":{}}', BAD),
    "a number as type": (b'{"type":1,"data":{}}', BAD),
    "a list as type": (b'{"type":["chat"],"data":{}}', BAD),
    "no data": (b'{"type":"chat"}', BAD),
    "data of null": (b'{"type":"chat","data":null}', BAD),
    "a string as data": (b'{"type":"chat","data":"hi"}', BAD),
    "a list as data": (b'{"type":"chat","data":["hi","hall"]}', BAD),
    "no data where none is needed": (b'{"type":"heartbeat"}', FINE),
    "an empty id": (envelope('"id":""'), BAD),
    "a number as id": (envelope('"id":7'), BAD),
    "an id of 65": (envelope(f'"id":"{"x" * 65}"'), BAD),
    "an id of 64": (envelope(f'"id":"{"x" * 64}"'), FINE),
    "an id with a line break": (envelope('"id":"a\\n"'), BAD),
    "an id with a space": (envelope('"id":"a b"'), BAD),
    "an id of other letters": (envelope('"id":"idé"'), BAD),
    "an id of null": (envelope('"id":null'), FINE),
    # Numbers.
    "NaN": (chat(odd="NaN"), BAD),
    "Infinity": (chat(odd="Infinity"), BAD),
    "-Infinity": (chat(odd="-Infinity"), BAD),
    "NaN as a heartbeat": (b'{"type":"heartbeat","data":{"timestamp":NaN}}', BAD),
    "1e999 as a heartbeat": (b'{"type":"heartbeat","data":{"timestamp":1e999}}', BAD),
    "5000 digits as a heartbeat": (
        b'{"type":"heartbeat","data":{"timestamp":' + b"9" * 5000 + b"}}",
        BAD,
    ),
    "a leading zero": (chat(odd="01"), BAD),
    "a plus sign": (chat(odd="+1"), BAD),
    "a hexadecimal number": (chat(odd="0x10"), BAD),
    "2^53 as a number": (b'{"type":"get:history","data":{"room":"a","before":%d}}' % 2**53, BAD),
    "2^53-1 as a number": (
        b'{"type":"get:history","data":{"room":"a","before":%d}}' % (2**53 - 1),
        FINE,
    ),
    "2^64 as a number": (b'{"type":"get:history","data":{"room":"a","before":%d}}' % 2**64, BAD),
    "5000 digits as a number": (
        b'{"type":"get:history","data":{"room":"a","before":' + b"1" * 5000 + b"}}",
        BAD,
    ),
    "a negative number": (b'{"type":"get:history","data":{"room":"a","before":-1}}', BAD),
    "half a number": (b'{"type":"get:history","data":{"room":"a","before":1.5}}', BAD),
    "1e999 as a number": (b'{"type":"get:history","data":{"room":"a","before":1e999}}', BAD),
    "a limit of zero": (b'{"type":"get:history","data":{"room":"a","limit":0}}', BAD),
    "a limit of 10^9": (b'{"type":"get:history","data":{"room":"a","limit":1000000000}}', BAD),
    # Strings.
    "a lone surrogate": (chat(text='"\\ud800"'), BAD),
    "a lone low surrogate": (chat(text='"\\udc00x"'), BAD),
    "surrogates the wrong way round": (chat(text='"\\udc00\\ud800"'), BAD),
    "a surrogate pair": (chat(text='"\\ud83d\\ude00"'), FINE),
    "a lone surrogate as room": (chat(room='"\\ud800"'), BAD),
    "a raw control": (chat(text='"a\x01b"'), BAD),
    "a raw line break": (chat(text='"a\nb"'), BAD),
    "a raw NUL": (chat(text='"a\x00b"'), BAD),
    "an escaped NUL": (chat(text='"a\\u0000b"'), FINE),
    "an unknown escape": (chat(text='"\\x41"'), BAD),
    "half an escape": (chat(text='"\\u00"'), BAD),
    "overlong UTF-8": (chat().replace(b"hi", b"\xc0\xaf"), BAD),
    "a surrogate in UTF-8": (chat().replace(b"hi", b"\xed\xa0\x80"), BAD),
    "a stray continuation": (chat().replace(b"hi", b"\x80"), BAD),
    "half a character": (chat().replace(b"hi", b"\xe2\x82"), BAD),
    "beyond Unicode": (chat().replace(b"hi", b"\xf4\x90\x80\x80"), BAD),
    "an empty room": (chat(room='""'), BAD),
    "a room of 65": (chat(room=f'"{"x" * 65}"'), BAD),
    "a text of 64 KiB": (chat(text=f'"{"x" * 65_536}"'), FINE),
    "a longer text": (chat(text=f'"{"x" * 65_537}"'), BAD),
    # Depth and width.
    "10,000 brackets": (b"[" * 10_000, BAD),
    "100,000 brackets": (b"[" * 100_000, BAD),
    "100,000 objects": (b'{"a":' * 100_000, BAD),
    "brackets as an unknown field": (chat(odd="[" * 30_000 + "]" * 30_000), BAD),
    "objects as an unknown field": (chat(odd='{"a":' * 10_000 + "1" + "}" * 10_000), BAD),
    "brackets beside the data": (envelope(f'"odd":{"[" * 30_000 + "]" * 30_000}'), BAD),
    "brackets as the data": (b'{"type":"chat","data":' + b"[" * 30_000 + b"]" * 30_000 + b"}", BAD),
    "brackets as the text": (chat(text="[" * 30_000 + "]" * 30_000), BAD),
    "a few brackets as an unknown field": (chat(odd="[" * 50 + "]" * 50), FINE),
    "10,000 unknown fields": (chat(**{f"k{n}": "0" for n in range(10_000)}), FINE),
    "10,000 fields beside the data": (envelope(",".join(f'"k{n}":0' for n in range(9_999))), FINE),
    # Keys.
    "the same key twice": (b'{"type":"chat","type":"chat","data":{"text":"a","room":"b"}}', FINE),
    "two types, the last one counts": (b'{"type":"chat","type":"nope","data":{}}', UNKNOWN),
    "the same field twice": (
        b'{"type":"chat","data":{"text":1,"text":"hi","room":"hall"}}',
        BAD,
    ),
    "__proto__": (chat(__proto__='{"admin":true}'), FINE),
    "constructor": (chat(constructor='{"prototype":{}}'), FINE),
    "__class__": (chat(__class__='"Auth"'), FINE),
    "an empty key": (envelope('"":0'), FINE),
    "a key without quotes": (b'{type:"chat","data":{}}', BAD),
    "Type": (b'{"Type":"chat","data":{"text":"hi","room":"hall"}}', BAD),
    "Text": (b'{"type":"chat","data":{"Text":"hi","room":"hall"}}', BAD),
}


@pytest.mark.parametrize("name", CORPUS)
def test_each_item_of_the_corpus_gets_its_answer_soon(name: str) -> None:
    text, expected = CORPUS[name]
    took = []
    for _ in range(3):
        began = time.perf_counter()
        assert answer(text) == expected
        took.append(time.perf_counter() - began)
    # The best of three: the machine may be busy, the codec may not.
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
    "heartbeat": {"timestamp": 1},
    "chat": {"text": "hi", "room": "hall"},
    "join:room": {"room": "hall", "since": {"epoch": "e", "seq": 1, "id": "m"}},
    "leave:room": {"room": "hall"},
    "get:history": {"room": "hall", "before": 1, "limit": 5, "as": "entries"},
    "typing": {"room": "hall", "active": True},
    "room:create": {"room": "hall", "title": "t", "topic": "t", "kind": "private"},
    "room:list": {"scope": "public"},
}
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
    if (name, value) == ("active", True):
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


@settings(max_examples=2_000, deadline=None, suppress_health_check=QUIET)
@given(INPUTS)
def test_anything_is_a_request_or_a_bad_request(text: bytes) -> None:
    decodes_or_refuses(text)


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None, suppress_health_check=QUIET)
@given(INPUTS)
def test_anything_much_longer_is_a_request_or_a_bad_request(text: bytes) -> None:
    decodes_or_refuses(text)
