"""What is no proper request: refused or ignored as the table says, and nothing comes of it."""

import json
import random
import time
from typing import Any

import pytest

from conclave import testing
from conclave.client.wire import Closed
from conclave.protocol.errors import Code
from conclave.protocol.requests import REQUESTS

NEST = 100_000
# However quickly connections follow each other here: what they say is what is judged.
OFF = {
    "rate": 0,
    "max_unauthenticated_per_address": 0,
    "max_http_per_address": 0,
    "connection_rate": 0,
    "http_rate": 0,
}


def chat(text: str) -> bytes:
    return b'{"type":"chat","data":{"room":"general","text":' + text.encode() + b"}}"


def beat(data: str) -> bytes:
    return b'{"type":"heartbeat","data":' + data.encode() + b"}"


# Not a request at all: `Invalid message format`.
REFUSED: dict[str, bytes] = {
    "empty": b"",
    "spaces": b" " * 1000,
    "64 KiB of spaces": b" " * 65_536,
    "true": b"true",
    "null": b"null",
    "a number": b"0",
    "a text": b'"x"',
    "a list": b"[]",
    "a list of requests": b'[{"type":"heartbeat"}]',
    "an empty object": b"{}",
    "no type": b'{"data":{}}',
    "a type that is null": b'{"type":null}',
    "a type that is a number": b'{"type":7}',
    "a type that is a list": b'{"type":["chat"]}',
    "data that is a list": beat("[]"),
    "data that is a text": beat('"x"'),
    "data that is null": beat("null"),
    "no data where there must be some": b'{"type":"chat"}',
    "an id that is a number": b'{"type":"heartbeat","id":7}',
    "an empty id": b'{"type":"heartbeat","id":""}',
    "an id of 65 letters": b'{"type":"heartbeat","id":"' + b"a" * 65 + b'"}',
    "an id with a space": b'{"type":"heartbeat","id":"a b"}',
    "an id with a line break at its end": b'{"type":"heartbeat","id":"a\\n"}',
    "a cut object": b'{"type":"heartbeat"',
    "two objects": b'{"type":"heartbeat"}{"type":"heartbeat"}',
    "trailing bytes": b'{"type":"heartbeat"}x',
    "a comma too many": b'{"type":"heartbeat",}',
    "single quotes": b"{'type':'heartbeat'}",
    "a comment": b'{"type":"heartbeat"/**/}',
    "a byte order mark": b'\xef\xbb\xbf{"type":"heartbeat"}',
    "NaN": beat('{"timestamp":NaN}'),
    "Infinity": beat('{"timestamp":Infinity}'),
    "-Infinity": beat('{"timestamp":-Infinity}'),
    "1e999": beat('{"timestamp":1e999}'),
    "a leading zero": beat('{"timestamp":01}'),
    "a leading plus": beat('{"timestamp":+1}'),
    "hexadecimal": beat('{"timestamp":0x1}'),
    "a raw control": chat('"a\x01b"'),
    "a raw line break": chat('"a\nb"'),
    "a raw NUL": chat('"a\x00b"'),
    "a lone surrogate": chat('"\\ud800"'),
    "a lone low surrogate": chat('"\\udc00"'),
    "a bad escape": chat('"\\x41"'),
    "a text that is null": chat("null"),
    "a text that is a number": chat("7"),
    "a text that is a list": chat('["a"]'),
    "a text that is an object": chat('{"a":1}'),
    "lists, 10,000 deep": b"[" * 10_000,
    "lists, 30,000 deep": b"[" * 30_000 + b"]" * 30_000,
    "objects, 10,000 deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "lists within unread data": b'{"type":"heartbeat","data":{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}}",  # noqa: E501
    "a room that is no text": b'{"type":"join:room","data":{"room":7}}',
    "a room without name": b'{"type":"join:room","data":{"room":""}}',
    "a room of 65 letters": b'{"type":"join:room","data":{"room":"' + b"r" * 65 + b'"}}',
    "a room with a space at its end": b'{"type":"join:room","data":{"room":"general "}}',
    "a room with an invisible letter": '{"type":"join:room","data":{"room":"gen\u200beral"}}'.encode(),  # noqa: E501
    "a number below 0": b'{"type":"get:history","data":{"room":"general","after":-1}}',
    "a number beyond 2^53": b'{"type":"get:history","data":{"room":"general","after":9007199254740992}}',  # noqa: E501
    "a number that is a fraction": b'{"type":"get:history","data":{"room":"general","after":1.5}}',
    "a limit of 0": b'{"type":"get:history","data":{"room":"general","limit":0}}',
    "a limit of 10^9": b'{"type":"get:history","data":{"room":"general","limit":1000000000}}',
    "another spelling of as": b'{"type":"get:history","data":{"room":"general","as":"all"}}',
    "an empty text": chat('""'),
    "a text of spaces": chat('"  \\n "'),
}  # fmt: skip

# The same for who is in the room; others are told that they are not.
REFUSED_INSIDE = {
    **REFUSED,
    "two numbers at once": b'{"type":"get:history","data":{"room":"general","after":1,"before":2}}',
}

# Valid JSON with what we do not know: ignored, and the request is done.
IGNORED: dict[str, bytes] = {
    "an unknown field of data": beat('{"timestamp":1,"more":{"a":[1]}}'),
    "an unknown field of the envelope": b'{"type":"heartbeat","data":{},"more":1}',
    "__proto__": beat('{"__proto__":{"admin":true}}'),
    "constructor": beat('{"constructor":{"prototype":{}}}'),
    "10,000 keys": beat("{" + ",".join(f'"k{n}":0' for n in range(4_000)) + "}"),
    "a key twice": beat('{"timestamp":1,"timestamp":2}'),
    "an escaped NUL in an unknown field": beat('{"x":"\\u0000"}'),
    "spaces around it": b'  {"type":"heartbeat","data":{}}  ',
}

# Ends the connection at once, with this code.
CLOSED: dict[str, tuple[bytes, int]] = {
    "UTF-16": ('{"type":"heartbeat"}'.encode("utf-16"), 1007),
    "an overlong form": (b'{"type":"\xc0\xaf"}', 1007),
    "an encoded surrogate": (b'{"type":"\xed\xa0\x80"}', 1007),
    "half a letter": (b'{"type":"\xc3', 1007),
    "a byte more than 64 KiB": (b" " * 65_537, 1009),
}

# Names that look like insides of the server, or like other events.
TYPES = [
    "__class__", "__init__", "_private", "on_connect", "handle", "connect", "disconnect", "../x",
    "Chat", "CHAT", "chat ", " chat", "chat\n", "cһat", "ｃhat", "chat\u0000", "", "t" * 10_000,
    "message", "user:joined", "hello", "system", "ack", "error", "history", "presence", "entry",
    "auth:response", "room:changed", "reconnect", "0", "null", "constructor", "toString",
]  # fmt: skip


@pytest.fixture
async def server():
    async with testing.serve(**OFF) as node:
        yield node


@pytest.fixture
async def witness(server):
    """Somebody in the room, who must hear nothing of all this; and nothing must be stored."""
    async with server.client("admin-token-456") as admin:
        await admin.ask("join:room", room="general")
        await admin.expect("chat", type="user:joined")
        await admin.expect("room:changed")
        before = await server.node.store.heads(["general", "random", "support"])
        admin.forget()
        yield admin
        await admin.ask("heartbeat", timestamp=0)
        assert [e.type for e in admin.events if e.type not in ("heartbeat", "presence")] == []
        assert await server.node.store.heads(["general", "random", "support"]) == before
        assert {room.room for room in await server.node.store.public_rooms("admin1")} == {*before}


async def _say(client: testing.Client, text: bytes) -> str:
    """Send *text* and return the code of the error that answers it, or the answer's type."""
    client.forget()
    client.wire.send_text(text)
    client.send("room:list")
    await client.expect("rooms")
    first = client.events[0]
    if first.type == "error":
        assert first.data["message"] == "Invalid message format" or "code" in first.data
        return first.data["code"]
    return first.type


async def test_what_is_no_request_is_refused_and_the_connection_lives(server, witness, logs):
    for name, text in REFUSED.items():
        async with server.client() as john:
            began = time.thread_time()
            assert await _say(john, text) == Code.BAD_REQUEST, name
            # Of this thread, which is the server's and the client's: others may be busy.
            assert time.thread_time() - began < 0.5, name
            assert john.told("error")[0]["retryable"] is False
    assert not [line for line in logs if line["log_level"] in ("error", "critical")]


async def test_what_is_no_request_is_refused_in_a_room_too(server, logs):
    async with server.client() as admin:
        await admin.ask("join:room", room="general")
        await admin.expect("room:changed")
        before = await server.node.store.heads(["general"])
        for name, text in REFUSED_INSIDE.items():
            assert await _say(admin, text) == Code.BAD_REQUEST, name
            assert not admin.told("chat"), name
            await server.turn(7)
        assert await server.node.store.heads(["general"]) == before


async def test_what_is_unknown_is_ignored(server, witness):
    for name, text in IGNORED.items():
        async with server.client() as john:
            assert await _say(john, text) == "heartbeat", name


@pytest.mark.parametrize("name", CLOSED)
async def test_what_is_no_text_or_too_long_ends_the_connection(server, witness, name):
    text, code = CLOSED[name]
    async with server.client() as john:
        john.wire.send_text(text)
        assert (await john.ended())[0] == code


async def test_the_tenth_within_a_minute_closes(server, witness):
    async with server.client() as john:
        for _ in range(9):
            assert await _say(john, b"{") == Code.BAD_REQUEST
        john.wire.send_text(b"{")
        assert await john.ended() == (1008, "Too many bad requests")


async def test_nine_a_minute_never_close(server, witness):
    async with server.client() as john:
        for _ in range(3):
            for _ in range(9):
                assert await _say(john, b"{") == Code.BAD_REQUEST
            server.clock.turn(61)


async def test_no_name_but_that_of_an_event_is_understood(server, witness):
    for type_ in TYPES:
        async with server.client() as john:
            assert await _say(john, json.dumps({"type": type_}).encode()) == Code.UNKNOWN_TYPE
            assert await _say(john, json.dumps({"type": type_, "data": {}}).encode()) == (
                Code.UNKNOWN_TYPE
            )


ONE = {"room": "general", "target": 1}
VALID: dict[str, dict[str, Any]] = {
    "auth": {"token": "user-token-123"},
    "heartbeat": {"timestamp": 1},
    "chat": {"text": "hi", "room": "general", "reply_to": 1, "thread": 1, "mentions": ["user1"]},
    "message:edit": {**ONE, "text": "ho"},
    "message:delete": ONE,
    "message:pin": ONE,
    "message:unpin": ONE,
    "reaction:add": {**ONE, "emoji": "👍"},
    "reaction:remove": {**ONE, "emoji": "👍"},
    "join:room": {"room": "general", "since": {"epoch": "e", "seq": 1}},
    "join:rooms": {"rooms": [{"room": "general"}]},
    "leave:room": {"room": "general"},
    "room:enter": {"room": "general"},
    "room:quit": {"room": "general"},
    "get:history": {"room": "general", "before": 1, "limit": 5, "as": "messages", "pinned": False},
    "search": {"query": "hi", "room": "general", "from": "user1", "before": 9, "cursor": "1f"},
    "typing": {"room": "general", "active": True},
    "read": {"room": "general", "seq": 1},
    "room:create": {"room": "r", "title": "t", "topic": "t", "kind": "public"},
    "room:update": {"room": "r", "title": "t", "topic": "t"},
    "room:list": {"scope": "mine"},
    "room:members": {"room": "general", "after": "user1"},
}
WHOM = {"room": "general", "user": "user1"}
VALID |= {
    **{f"room:{verb}": WHOM for verb in ("invite", "unban", "unmute")},
    "room:kick": {**WHOM, "reason": "r"},
    "room:ban": {**WHOM, "until": 1, "reason": "r"},
    "room:mute": {**WHOM, "until": 1, "reason": "r"},
    "room:role": {**WHOM, "role": "owner"},
    "room:archive": {"room": "r", "archived": False},
    "room:delete": {"room": "r"},
    "room:sanctions": {"room": "general", "after": ["user1", "ban"]},
    "room:link": {"room": "general", "name": "n", "uses": 1, "expires_at": 1},
    "room:links": {"room": "general"},
    "room:unlink": {"room": "general", "link": "l"},
    "room:accept": {"token": "t"},
    "room:direct": {"users": ["user1"]},
    "room:notify": {"room": "general", "notify": "none"},
    "room:favourite": {"room": "general", "favourite": True},
    "message:report": {**ONE, "reason": "r"},
    "reports": {"room": "general", "closed": True, "after": "r"},
    "report:close": {"report": "r", "outcome": "resolved"},
    "push:get": {},
    "push:subscribe": {
        "endpoint": "https://p.example.net/x",
        "p256dh": "B" * 87,
        "auth": "A" * 22,
        "with_text": True,
    },
    "push:unsubscribe": {"endpoint": "https://p.example.net/x"},
    "user:ignore": {"user": "user1"},
    "user:unignore": {"user": "user1"},
    "user:ignored": {},
    "auth:refresh": {"token": "user-token-123"},
    "people": {"query": "j", "after": "a"},
    "profile:get": {"user": "user1"},
    "profile:set": {"display_name": "John", "about": "x"},
    "presence:set": {"status": "away"},
    "presence:idle": {"idle": True},
    "command": {"room": "general", "name": "roll", "text": "2d6"},
    "command:list": {"room": "general"},
    "command:offer": {"commands": [{"name": "roll"}]},
    "command:answer": {"command": "0" * 16, "text": "seven", "to": "room"},
}
WRONG = [7.5, -1, [], {}, [1], {"a": 1}, "\u0000" * 70, False]


def test_every_request_is_among_the_mutated():
    assert {event.type for event in REQUESTS} == set(VALID)


def _fits(type_: str, field: str, value: Any) -> bool:
    """Return whether *value* is a proper one there, however odd."""
    proper = VALID[type_][field]
    if isinstance(value, bool) or isinstance(proper, bool):
        return isinstance(value, bool) and isinstance(proper, bool)
    if (type_, field) == ("heartbeat", "timestamp"):
        return isinstance(value, (int, float))
    if isinstance(proper, list):
        return value == []
    return isinstance(value, str) and field in _TEXTS


_TEXTS = {
    "token", "text", "endpoint", "title", "topic", "query", "reason", "name", "display_name",
    "about",
}  # fmt: skip


@pytest.mark.parametrize("type_", sorted(VALID))
async def test_a_field_of_another_type_is_a_bad_request(server, witness, type_):
    for field in VALID[type_]:
        async with server.client() as john:
            for value in WRONG:
                if not _fits(type_, field, value):
                    data = {**VALID[type_], field: value}
                    text = json.dumps({"type": type_, "data": data}).encode()
                    assert await _say(john, text) == Code.BAD_REQUEST, (field, value)
                server.clock.turn(7)


async def test_a_binary_frame_ends_the_connection(server, witness):
    async with server.client() as john:
        john.wire.send_binary(b'{"type":"heartbeat"}')
        assert (await john.ended())[0] == 1003


ROUNDS = [pytest.param(60, id="500"), pytest.param(2_300, id="20,000", marks=pytest.mark.slow)]


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.timeout(600)
async def test_mutated_requests_get_documented_answers_and_break_nothing(server, rounds, logs):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    codes = {str(code) for code in Code} - {Code.INTERNAL}
    ends: set[int] = set()
    for _ in range(rounds):
        async with server.client() as john:
            await john.ask("join:room", room="general")
            try:
                for _ in range(9):
                    john.wire.send_text(_mutated(dice))
                await john.ask("heartbeat", timestamp=0)
            except Closed as end:
                ends.add(end.code)
            assert {answer["code"] for answer in john.told("error")} <= codes
    assert ends <= {1008, 4503}
    assert not [line for line in logs if line["log_level"] in ("error", "critical")]


def _mutated(dice: random.Random) -> bytes:
    """Return a proper request with one thing wrong, or a few bytes, or nothing."""
    type_ = dice.choice(sorted(VALID))
    data = dict(VALID[type_])
    match dice.randrange(5):
        case 0:
            data.pop(dice.choice(sorted(data) or ["anything"]), None)
        case 1:
            data[dice.choice(sorted(data) or ["anything"])] = _anything(dice, 3)
        case 2:
            type_ = dice.choice([*TYPES, *VALID])
        case 3:
            data[dice.choice(["id", "type", "user", "seq"])] = _anything(dice, 3)
    text = bytearray(json.dumps({"type": type_, "data": data}).encode())
    if dice.random() < 0.4:
        for _ in range(dice.randrange(1, 4)):
            text[dice.randrange(len(text))] = dice.randrange(32, 127)
    return bytes(text)


def _anything(dice: random.Random, depth: int) -> Any:
    kind = dice.randrange(7 if depth else 5)
    if kind == 5:
        return [_anything(dice, depth - 1) for _ in range(dice.randrange(4))]
    if kind == 6:
        return {str(n): _anything(dice, depth - 1) for n in range(dice.randrange(4))}
    return [None, True, dice.randrange(-(2**70), 2**70), dice.random() * 1e300, "x" * 70][kind]


HOSTILE = [
    "'; DROP TABLE entry; --", '" OR 1=1 --', "1; PRAGMA writable_schema=1", "%s%d%n",
    "{0.__class__}", "${jndi:ldap://x}", "$(id)", "`id`",
    "*", "general*", "?", "[g]eneral", "general:*", "_", "%",
    "a\\'b", "\\", "\\\\", '"', "'", "''", "--", "/*", "*/", ";", "NULL", "0x27", "char(39)",
    "<script>", "../../etc/passwd", "a/b", "a?b#c", "a&b=c", "PUBLISH x y", "é", "東京",
]  # fmt: skip


async def test_texts_that_speak_to_databases_come_back_as_they_went_in(server):
    async with server.client() as john:
        await john.ask("join:room", room="general")
        for text in [*HOSTILE, "a\r\nPUBLISH room x", "tab\tand\nline"]:
            await john.ask("chat", room="general", text=text)
            kept = text.replace("\r\n", "\n")
            assert (await john.expect("chat", type="message"))["text"] == kept
        page = await john.ask("get:history", room="general")
        texts = [m["text"] for m in page["messages"]]
        assert texts[-2:] == ["a\nPUBLISH room x", "tab\tand\nline"]
        assert texts[1:-2] == HOSTILE


async def test_rooms_named_like_patterns_are_rooms_of_their_own(server):
    async with server.client() as john, server.client("admin-token-456") as admin:
        for name in HOSTILE:
            page = await john.ask("join:room", room=name)
            assert (page["room"], page["messages"]) == (name, [])
        await admin.ask("join:room", room="general")
        await admin.ask("chat", room="general", text="for general only")
        await john.ask("chat", room="*", text="for the star only")
        await john.ask("heartbeat", timestamp=0)
        assert {m["room"] for m in john.told("chat", type="message")} == {"*"}
        assert len(await server.node.store.public_rooms("user1")) == 3 + len(HOSTILE)
