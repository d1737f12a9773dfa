"""
No number of 2^53 or more reaches a browser, which would round it (E10).

Whatever numbers a client sends, what it and the others are told stays below; a heartbeat alone
gets back what it sent, for it is the sender's own.
"""

from typing import Any

import msgspec

from conclave import Event, Reject, testing
from conclave.protocol.requests import REQUESTS, Heartbeat

ROOM = "general"
LARGEST = 2**53
NUMBERS = [2**53, 2**63, 10**30]


def _is_number(kind: msgspec.inspect.Type) -> bool:
    parts = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    return any(isinstance(part, msgspec.inspect.IntType) for part in parts)


def _numbers_of(request: type[Event]) -> list[str]:
    info = msgspec.inspect.type_info(request)
    assert isinstance(info, msgspec.inspect.StructType)
    return [field.encode_name for field in info.fields if _is_number(field.type)]


def _all_numbers(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [found for one in value.values() for found in _all_numbers(one)]
    if isinstance(value, list):
        return [found for one in value for found in _all_numbers(one)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


WITH_NUMBERS = [
    (request, name)
    for request in REQUESTS
    if request is not Heartbeat
    for name in _numbers_of(request)
]


def test_there_are_requests_with_numbers() -> None:
    names = {f"{request.type} {name}" for request, name in WITH_NUMBERS}
    assert {"read seq", "get:history before", "message:edit target", "chat reply_to"} <= names


async def test_no_number_too_large_for_a_browser_is_ever_told():
    words = {"room": ROOM, "text": "a text", "emoji": "👍", "query": "text", "rooms": []}
    async with (
        testing.serve(rate=0, burst=0) as server,
        server.client() as john,
        server.client("admin-token-456") as admin,
    ):
        for client in (john, admin):
            await client.ask("join:room", room=ROOM)
            await client.ask("chat", id="first", room=ROOM, text="a text")
        for request, name in WITH_NUMBERS:
            needed = {key: words[key] for key in request.__struct_fields__ if key in words}
            for number in NUMBERS:
                async with server.client() as john_again:
                    await john_again.ask("join:room", room=ROOM)
                    code = await _refusal(john_again, request.type, **{**needed, name: number})
                    assert code in ("", "bad_request", "no_such_message"), (request, name)
                    assert _largest(john_again) < LARGEST
        for since in ({"epoch": "x", "seq": number} for number in NUMBERS):
            page = await john.ask("join:room", room=ROOM, since=since)
            assert page["reset"] is True
        # Its own mark is no further than the end.
        rooms = (await john.ask("room:list"))["rooms"]
        assert all(room["read_seq"] <= room["last_seq"] for room in rooms)
        assert max(_largest(john), _largest(admin)) < LARGEST


async def test_a_heartbeat_gets_back_its_own_number_and_a_time():
    async with testing.serve(rate=0) as server, server.client() as john:
        for number in NUMBERS:
            if not await _refusal(john, "heartbeat", timestamp=number):
                answer = john.told("heartbeat")[-1]
                assert (answer["timestamp"], answer["server_time"] < LARGEST) == (number, True)


async def _refusal(client: testing.Client, request: str, **data: Any) -> str:
    """Return the code that a request is refused with, or nothing."""
    try:
        await client.ask(request, **data)
    except Reject as no:
        return str(no.code)
    return ""


def _largest(client: testing.Client) -> int:
    return max(map(abs, _all_numbers([event.data for event in client.events])))
