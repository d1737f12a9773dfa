"""The client of docs/own-client.md, which shares only the protocol, loses and doubles nothing."""

import asyncio
import re
from pathlib import Path

import pytest
import websockets
from examples.own_client import Room, is_final
from tests.support.proxy import Proxy

from conclave import testing

ROOT = Path(__file__).parents[2]
TEXTS = [f"text {number}" for number in range(12)]
BREAKS = 3


async def test_each_entry_comes_once_and_each_text_is_stored_once_while_its_network_breaks() -> (
    None
):
    async with testing.serve() as server, Proxy(server.port) as proxy:
        room = Room(proxy.url, "user-token-123", "general")
        for text in TEXTS:
            room.say(text)
        seen = []
        broken = 0
        async with asyncio.timeout(30):
            async for entry in room.entries():
                seen.append(entry)
                if broken < BREAKS and entry["text"] == TEXTS[3 * broken]:
                    broken += 1
                    proxy.links[-1].reset()
                if entry["text"] == TEXTS[-1]:
                    break
        assert broken == BREAKS
        assert len(proxy.links) > BREAKS
        # The first page has messages only; from then on every entry is told.
        first = next(n for n, entry in enumerate(seen) if entry["text"] == TEXTS[0])
        numbers = [entry["seq"] for entry in seen[first:]]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert [e["text"] for e in seen if e["text"].startswith("text")] == TEXTS


async def test_a_wrong_token_ends_it() -> None:
    async with testing.serve() as server, asyncio.timeout(10):
        room = Room(server.url, "nobody-has-this", "general")
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await anext(room.entries())
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        assert is_final(closed.value.rcvd)


def test_it_uses_nothing_of_conclave() -> None:
    source = (ROOT / "examples/own_client.py").read_text("utf-8")
    imported = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))
    assert imported == {"asyncio", "json", "random", "uuid", "websockets"}
