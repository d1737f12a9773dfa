"""Caps that no race gets past (D7 on one node, and the total cap)."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from tests.support.people import app

from conclave import Reject, testing
from conclave.client.wire import Refused

OFF = {
    "rate": 0,
    "connection_rate": 0,
    "max_connections_per_address": 0,
    "max_unauthenticated_per_address": 0,
}


async def _enter(stack: AsyncExitStack, server: testing.Server, names: list[str]):
    async def one(name: str) -> testing.Client:
        return await stack.enter_async_context(server.client(f"i-am-{name}"))

    # Not all at once: it is the joins that race, and all these clients live in this process.
    clients: list[testing.Client] = []
    for at in range(0, len(names), 50):
        clients += await asyncio.gather(*(one(name) for name in names[at : at + 50]))
    return clients


async def _join_at_once(clients: list[testing.Client], room: str) -> list[testing.Client]:
    """Return who got in; the others must hear that the room is full, and nothing else."""
    answers = await asyncio.gather(
        *(client.ask("join:room", room=room, within=30) for client in clients),
        return_exceptions=True,
    )
    for answer in answers:
        assert isinstance(answer, dict) or (
            isinstance(answer, Reject) and answer.code == "room_full"
        )
    return [c for c, answer in zip(clients, answers, strict=True) if isinstance(answer, dict)]


@pytest.mark.parametrize(
    ("limit", "crowd", "rounds"),
    [
        pytest.param(10, 50, 2, id="10 of 50"),
        pytest.param(100, 500, 20, id="100 of 500", marks=[pytest.mark.slow]),
    ],
)
@pytest.mark.timeout(600)
async def test_a_crowd_that_joins_at_once_fills_a_room_exactly(limit, crowd, rounds):
    async with testing.serve(app(), max_room_members=limit, **OFF) as server:
        for round_ in range(rounds):
            room = f"room {round_}"
            async with AsyncExitStack() as stack:
                clients = await _enter(stack, server, [f"u{n:03}" for n in range(crowd)])
                inside = await _join_at_once(clients, room)
                assert len(inside) == limit
                await _agree(server, inside, room, limit)

                for client in inside[: limit // 2]:
                    client.send("leave:room", room=room)
                    await client.ask("heartbeat", timestamp=0)
                outside = [client for client in clients if client not in inside]
                # Seats are free now; membership, once given, stays.
                more = await _join_at_once(outside, room)
                assert len(more) == limit // 2
                await _agree(server, inside[limit // 2 :] + more, room, limit)


async def _agree(server: testing.Server, inside: list[testing.Client], room: str, count: int):
    """The number told, the members in the store and those who hear what is said agree."""
    again = await inside[0].ask("join:room", room=room)
    assert again["room"] == room
    text = f"who is here? {inside[-1].events[-1]}"[:100]
    await inside[0].ask("chat", room=room, text=text)
    for client in inside:
        await client.expect("chat", within=30, type="message", text=text)
    told = inside[-1].told("presence", room=room)[-1]
    assert told["count"] <= count
    attached = {c.user for c in server.node.hub.connections if room in c.rooms}
    assert len(attached) == count


async def test_who_was_refused_is_no_member():
    async with testing.serve(app(), max_room_members=3, **OFF) as server:
        async with AsyncExitStack() as stack:
            clients = await _enter(stack, server, [f"u{n}" for n in range(12)])
            inside = await _join_at_once(clients, "general")
            members = await server.node.store.members("general")
        assert len(inside) == 3
        assert len(members) == 3


async def test_so_many_connections_there_may_be_and_not_one_more():
    caps = {**OFF, "max_connections": 20, "max_connections_per_user": 0}
    async with testing.serve(**caps) as server, AsyncExitStack() as stack:

        async def come() -> testing.Client | int:
            try:
                return await stack.enter_async_context(server.client())
            except Refused as no:
                return no.status

        came = await asyncio.gather(*(come() for _ in range(40)))
        inside = [c for c in came if isinstance(c, testing.Client)]
        assert len(inside) == 20
        assert {c for c in came if isinstance(c, int)} == {503}

        for client in inside[:5]:
            await client.close()
        came = await asyncio.gather(*(come() for _ in range(15)))
        assert sum(isinstance(c, testing.Client) for c in came) == 5
        for client in inside[5:]:
            await client.ask("heartbeat", timestamp=0)
