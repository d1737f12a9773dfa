"""
Frames made of the schemas, against a real server.

What is of the shape that a request has is never refused for its shape; what is not is
refused in clear words; nothing fails inside; and all that the server tells is of the shape
that the schemas say.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from random import Random
from typing import Any

import jsonschema
import pytest
import websockets
from tests.support.shaped import Shaped, off

from conclave import App, testing
from conclave.controllers.vocabulary import vocabulary
from conclave.protocol.errors import MESSAGES, Code
from conclave.protocol.spec.definitions import key, schema_of

SCHEMA = schema_of(vocabulary(App()), "1")
DEFS = SCHEMA["$defs"]
TYPES = [
    frame["properties"]["type"]["const"]
    for name, frame in DEFS.items()
    # Who has come in and comes in again is closed.
    if name.startswith("request.") and name != "request.auth"
]
OFF = {
    "rate": 0,
    "max_unauthenticated_per_address": 0,
    "max_http_per_address": 0,
    "connection_rate": 0,
    "http_rate": 0,
}
TOKENS = ("user-token-123", "admin-token-456")
KNOWN: dict[str, list[Any]] = {
    "room": ["general", "general", "general", "random", "support", "plans"],
    "user": ["user1", "admin1", "john"],
    "target": [1, 2, 3],
    "seq": [0, 1, 2],
    "emoji": ["👍", "🎉"],
    "endpoint": ["https://push.example.net/wpush/v2/a"],
    "since": [None],
}
JOIN = '{"type":"join:room","data":{"room":"general"}}'
OF_SHAPE = {MESSAGES[Code.BAD_REQUEST], MESSAGES[Code.UNKNOWN_TYPE]}
# The tenth bad request within a minute ends a connection.
MOST_BAD = 8


@cache
def judge(name: str) -> Any:
    schema = {part: value for part, value in SCHEMA.items() if part != "anyOf"}
    return jsonschema.Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"})


def misshapen(frame: Any, name: str) -> str:
    return "; ".join(error.message[:200] for error in judge(name).iter_errors(frame))


class Talk:
    """One connection, which has come in; it says one thing and hears all that follows."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._fences = 0

    async def say(self, text: str) -> list[dict[str, Any]]:
        """Send *text*; return all that came before a request that waits for all before it."""
        self._fences += 1
        fence = f"fence-{self._fences}"
        await self._socket.send(text)
        leave = {"type": "leave:room", "id": fence, "data": {"room": "nowhere"}}
        await self._socket.send(json.dumps(leave))
        told = []
        while (frame := json.loads(await self._socket.recv())).get("id") != fence:
            told.append(frame)
        return told


@asynccontextmanager
async def come_in(server: testing.Server, token: str) -> AsyncIterator[Talk]:
    url = f"ws://127.0.0.1:{server.port}/ws"
    async with websockets.connect(url, max_size=None) as socket:
        talk = Talk(socket)
        await talk.say(json.dumps({"type": "auth", "data": {"token": token}}))
        yield talk


def check_told(told: list[dict[str, Any]]) -> None:
    for frame in told:
        assert misshapen(frame, key("event", frame["type"])) == "", frame
        assert frame["data"].get("code") != "internal", frame


def check_answer(sent: dict[str, Any], told: list[dict[str, Any]]) -> None:
    """Hold the one answer of *sent*, which is of its shape, to what it may be."""
    check_told(told)
    (answer,) = [frame for frame in told if frame.get("id") == sent["id"]]
    if answer["type"] != "error":
        assert misshapen(answer, key("answer", sent["type"])) == "", (sent, answer)
    else:
        # What is refused for its meaning is told so in words of its own.
        assert answer["data"]["message"] not in OF_SHAPE, (sent, answer)


def judged(text: str) -> str:
    """Return why *text* is none of the requests, by the schemas alone; nothing if it is one."""
    try:
        frame = json.loads(text)
        type_ = frame["type"]
    except (ValueError, KeyError, TypeError):
        return "no request at all"
    if not isinstance(type_, str) or key("request", type_) not in DEFS:
        return "a type that nobody takes"
    return misshapen(frame, key("request", type_))


def check_refusal(text: str, told: list[dict[str, Any]]) -> None:
    """Hold what came of *text*, which may be anything, to what is clear."""
    check_told(told)
    errors = [frame["data"]["code"] for frame in told if frame["type"] == "error"]
    wrong = judged(text)
    if wrong:
        assert set(errors) & {"bad_request", "unknown_type"}, (text[:500], wrong, told)


async def fuzz_well_shaped(seed: int, count: int) -> None:
    random = Random(seed)
    shaped = Shaped(DEFS, random, KNOWN)
    async with testing.serve(**OFF) as server:
        for token in TOKENS:
            for _ in range(count):
                async with come_in(server, token) as talk:
                    for type_ in random.sample(TYPES, len(TYPES)):
                        # It may have been left, or deleted.
                        check_told(await talk.say(JOIN))
                        frame = shaped.frame(key("request", type_)) | {"id": f"f-{random.random()}"}
                        check_answer(frame, await talk.say(json.dumps(frame)))


async def fuzz_off(seed: int, count: int) -> None:
    random = Random(seed)
    shaped = Shaped(DEFS, random, KNOWN)
    async with testing.serve(**OFF) as server:
        for turn in range(count):
            async with come_in(server, TOKENS[turn % 2]) as talk:
                await talk.say(JOIN)
                for _ in range(MOST_BAD):
                    text = off(shaped.frame(key("request", random.choice(TYPES))), random)
                    if len(text.encode()) <= 65_536:
                        check_refusal(text, await talk.say(text))
        # It goes on.
        async with come_in(server, TOKENS[0]) as talk:
            (answer,) = await talk.say('{"type":"room:list","id":"last"}')
            assert answer["type"] == "rooms"


@pytest.mark.parametrize("seed", [1])
async def test_what_is_of_the_shape_of_a_request_is_not_refused_for_it(seed):
    await fuzz_well_shaped(seed, 1)


@pytest.mark.parametrize("seed", [1])
async def test_what_is_a_little_off_is_refused_in_clear_words(seed):
    await fuzz_off(seed, 20)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(2, 22))
async def test_many_of_the_shape_of_a_request_are_not_refused_for_it(seed):
    await fuzz_well_shaped(seed, 3)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(2, 8))
async def test_many_that_are_a_little_off_are_refused_in_clear_words(seed):
    await fuzz_off(seed, 400)


async def until_closed(socket: Any) -> tuple[list[dict[str, Any]], int]:
    told = []
    try:
        while True:
            told.append(json.loads(await socket.recv()))
    except websockets.ConnectionClosed as closed:
        return told, closed.rcvd.code


async def test_a_token_of_any_shape_is_answered_once_and_ends_the_connection():
    shaped = Shaped(DEFS, Random(1), {})
    async with testing.serve(**OFF) as server:
        for _ in range(5):
            frame = {**shaped.frame("request.auth"), "id": "a-1"}
            async with websockets.connect(f"ws://127.0.0.1:{server.port}/ws") as socket:
                await socket.send(json.dumps(frame))
                told, code = await until_closed(socket)
            (answer,) = [one for one in told if one.get("id") == "a-1"]
            assert misshapen(answer, "answer.auth") == ""
            assert answer["data"] == {"success": False, "code": "auth_failed"}
            assert code == 1008
