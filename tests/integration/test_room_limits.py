"""Rooms are for ever: making them is limited, and however many there are, lists fit."""

import json

import pytest

from conclave import Reject, testing
from conclave.model import SYSTEM
from conclave.storage.infos import MOST_LISTED


async def test_who_makes_many_rooms_must_wait():
    async with testing.serve(rate=1.0, burst=3) as server:
        async with server.client("user-token-123") as john:
            for n in range(3):
                await john.ask("room:create", room=f"mine {n}")
            with pytest.raises(Reject) as refused:
                await john.ask("room:create", room="one too many")
            assert refused.value.code == "rate_limited"
            with pytest.raises(Reject) as refused:
                await john.ask("join:room", room="made by joining")
            assert refused.value.code == "rate_limited"
        assert await server.node.store.find_room("made by joining") is None


async def test_thousands_of_rooms_keep_nobody_out():
    async with testing.serve() as server:
        for n in range(MOST_LISTED + 100):
            name = f"{n:04}" + "🦊" * 60
            await server.node.store.create_room(name, SYSTEM, topic="🦊" * 512)
        async with server.client("user-token-123") as john:
            listed = await john.ask("room:list", scope="public")
            assert 0 < len(listed["rooms"]) < MOST_LISTED
            assert len(json.dumps(listed, ensure_ascii=False).encode()) < 256 * 1024
