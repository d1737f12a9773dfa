"""A cap of a room that two nodes let people into: no race between them gets past it (D7)."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from tests.conformance.engines import soon
from tests.support.redis_server import needs_redis
from tests.support.two_servers import servers

from conclave import Reject, testing
from conclave.model import SYSTEM
from conclave.storage.sqlstore import SqlStore

pytestmark = needs_redis

COUNTS = [
    pytest.param(6, 24, 1, id="6 of 24"),
    pytest.param(100, 500, 20, id="100 of 500", marks=pytest.mark.slow),
]


async def enter(stack: AsyncExitStack, nodes: list[testing.Server], crowd: int):
    clients: list[testing.Client] = []
    for at in range(0, crowd, 50):
        clients += await asyncio.gather(
            *(
                stack.enter_async_context(nodes[n % 2].client(f"i-am-u{n:03}"))
                for n in range(at, min(at + 50, crowd))
            )
        )
    return clients


async def join_at_once(clients: list[testing.Client], room: str) -> list[testing.Client]:
    """Return who got in; the others must hear that the room is full, and nothing else."""
    asked = [_join(client, room) for client in clients]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    for answer in answers:
        assert isinstance(answer, dict) or (
            isinstance(answer, Reject) and answer.code == "room_full"
        ), repr(answer)
    return [c for c, answer in zip(clients, answers, strict=True) if isinstance(answer, dict)]


async def _join(client: testing.Client, room: str) -> dict[str, Any]:
    """Join; on a machine that is overloaded the database may say so, and it is asked again."""
    while True:
        try:
            return await client.ask("join:room", room=room, within=60)
        except Reject as no:
            if not no.retryable:
                raise
            await asyncio.sleep(0.2)


async def places_of(node: testing.Server, room: str) -> int:
    assert isinstance(node.node.store, SqlStore)
    query = "SELECT count(DISTINCT person) FROM places WHERE room = %s"
    found = await node.node.store.read(
        lambda connection: connection.exec_driver_sql(query, (room,)).scalar()
    )
    return int(found or 0)


async def agree(nodes: list[testing.Server], inside: int, room: str) -> None:
    """The places in the store, who is attached, and who is there by each node are as many."""
    assert await places_of(nodes[0], room) == inside
    attached = {
        one.user for node in nodes for one in node.node.hub.connections if room in one.rooms
    }
    assert len(attached) == inside
    for node in nodes:
        await soon(lambda node=node: node.node.attendance.count(room) == inside, within=60)  # type: ignore[misc]


@pytest.mark.parametrize(("limit", "crowd", "rounds"), COUNTS)
@pytest.mark.timeout(900)
async def test_a_crowd_on_two_nodes_fills_a_room_exactly(
    tmp_path, postgresql, redis, limit, crowd, rounds
) -> None:
    async with servers(tmp_path, postgresql, redis, max_room_members=limit) as nodes:
        for round_ in range(rounds):
            room = f"room {round_}"
            # Not made by who comes first: that one is a member whether there is room or not.
            await nodes[0].node.store.create_room(room, SYSTEM)
            async with AsyncExitStack() as stack:
                clients = await enter(stack, nodes, crowd)
                inside = await join_at_once(clients, room)
                assert len(inside) == limit
                await agree(nodes, limit, room)
                # Whom a full room refuses has become no member of it.
                assert len(await nodes[0].node.store.members(room)) == limit

                for client in inside[: limit // 2]:
                    client.send("leave:room", room=room)
                await asyncio.gather(*(c.ask("heartbeat", timestamp=0) for c in inside))
                outside = [client for client in clients if client not in inside]
                more = await join_at_once(outside, room)
                assert len(more) == limit // 2
                await agree(nodes, limit, room)


@pytest.mark.slow
async def test_who_is_in_by_one_node_comes_in_by_the_other_too(tmp_path, postgresql, redis) -> None:
    async with servers(tmp_path, postgresql, redis, max_room_members=1) as nodes:
        a, b = nodes
        async with a.client("i-am-ann") as here, b.client("i-am-ann") as there:
            await here.ask("join:room", room="hall")
            await there.ask("join:room", room="hall")
            async with b.client("i-am-bob") as bob:
                with pytest.raises(Reject) as full:
                    await bob.ask("join:room", room="hall")
                assert full.value.code == "room_full"
                await here.ask("leave:room", room="hall")
                with pytest.raises(Reject):
                    await bob.ask("join:room", room="hall")
                await there.ask("leave:room", room="hall")
                await bob.ask("join:room", room="hall")
