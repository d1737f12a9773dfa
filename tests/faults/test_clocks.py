"""
The wall clocks of nodes differ, and jump while people talk (H13).

Nobody is sent away by it, and nothing stops or is let loose: what lasts is measured by the other
clock, and what was said is in the order of its numbers, whatever time they say.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.conformance.engines import soon
from tests.support.cluster import HALL, UNBOUND, Cluster, token_of
from tests.support.fleet import NAMES, NOW, PATIENCE, Fleet, crowded
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer, needs_redis
from tests.support.wall import COMPILER, Wall, build

from conclave.auth.tokens import digest
from conclave.controllers.doubts import ALL_EVERY
from conclave.protocol.errors import Code, Reject
from conclave.storage.postgres.store import PostgresStore
from conclave.testing import Client

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    needs_redis,
    pytest.mark.skipif(COMPILER is None, reason="apt install gcc libc6-dev"),
]

DAY = 86_400
# How far the nodes are apart all the time.
SKEWS = dict(zip(NAMES, (0, 600, -600), strict=True))
RATE, BURST = 4, 12
AT_ONCE = 4 * BURST
# Of the test's bounds: a rate that is told to the others half a second later.
LATE = 1.0


def words() -> list[str]:
    """Without caps, but with a rate of messages, and with pings each second."""
    found = list(UNBOUND)
    found[found.index("--rate") + 1] = str(RATE)
    return [*found, "--burst", str(BURST), "--heartbeat-interval", "1"]


@pytest.fixture
async def cluster(
    tmp_path: Path, postgresql: Postgres, redis: RedisServer
) -> AsyncIterator[Cluster]:
    made = await Cluster.open(tmp_path, postgresql, redis, ["ann", "bob"])
    # Tokens that end in an hour, in one or three of which a clock that jumps would put an end.
    store = await PostgresStore.open(made.database, tmp_path / "look", alone=False)
    for name in NAMES:
        ends = time.time_ns() // 1_000_000 + 3_600_000
        await store.create_token("bob", digest(token_of(f"bob{name}")), name="t", expires_at=ends)
    await store.close()
    yield made
    await asyncio.to_thread(made.close)


async def server_time(client: Client) -> float:
    answer = await client.ask("heartbeat", timestamp=1, within=PATIENCE)
    return float(answer["server_time"]) / 1000


async def tries(client: Client, count: int) -> tuple[int, float]:
    """Say so much at once; return how much was taken, and when one may say more, in seconds."""

    async def one() -> float:
        try:
            await client.ask("chat", room=HALL, text="in haste", within=PATIENCE)
        except Reject as no:
            if no.code != Code.RATE_LIMITED or no.retry_after_ms is None:
                raise
            return no.retry_after_ms / 1000
        return 0.0

    waits = await asyncio.gather(*(one() for _ in range(count)))
    return waits.count(0.0), max(waits)


class Sitters:
    """On each node one whose token ends in an hour, and one who says as much as they may."""

    def __init__(self, fleet: Fleet, walls: dict[str, Wall]) -> None:
        self._fleet = fleet
        self._walls = walls
        self.quiet: dict[str, Client] = {}
        self.hasty: dict[str, Client] = {}

    async def sit(self, stack: AsyncExitStack) -> None:
        for name in NAMES:
            enter = stack.enter_async_context
            self.quiet[name] = await enter(self._fleet.cluster.client(name, f"bob{name}"))
            await self.quiet[name].ask("join:room", room=HALL, within=PATIENCE)
            self.hasty[name] = await enter(self._fleet.guest(name, f"hasty{name}"))

    async def jump(self, ahead: int) -> None:
        """Let all clocks jump while some have said as much as they may; see who may say more."""
        await asyncio.gather(*(self._jump(name, ahead) for name in NAMES))

    async def _jump(self, name: str, ahead: int) -> None:
        hasty = self.hasty[name]
        began = time.monotonic()
        taken, wait = await tries(hasty, AT_ONCE)
        assert 0 < taken < AT_ONCE, "it has spent what it had"
        self._walls[name].set(SKEWS[name] + ahead)
        off = await server_time(hasty) - time.time() - SKEWS[name] - ahead
        assert abs(off) < PATIENCE, "the clock has jumped"
        taken, wait = await tries(hasty, BURST)
        most = RATE * (time.monotonic() - began + LATE)
        assert taken <= most, "nobody may say more for it"
        assert wait <= BURST / RATE * 2, "nor must they wait for longer"
        await asyncio.sleep(wait)
        assert (await tries(hasty, 1))[0] == 1

    async def are_pinged(self) -> None:
        """Each node goes on to ask for signs of life, and everybody gives them."""
        metric = "conclave_pings_total"
        read = self._fleet.metrics
        before = {name: (await asyncio.to_thread(read, name))[metric] for name in NAMES}
        for name in NAMES:
            async with asyncio.timeout(PATIENCE):
                while (await asyncio.to_thread(read, name))[metric] < before[name] + 20:
                    await asyncio.sleep(0.2)

    def are_there(self) -> bool:
        return not any(one._end for one in (*self.quiet.values(), *self.hasty.values()))


def until_2038() -> int:
    """Return the seconds from now until the day on which 32 bits are too few for them."""
    return round(datetime(2038, 1, 20, tzinfo=UTC).timestamp() - time.time())


async def test_wall_clocks_that_differ_and_jump_end_nothing_and_let_nothing_loose(
    cluster, redis, tmp_path
) -> None:
    preload = build(tmp_path)
    walls = {name: Wall(preload, tmp_path / f"wall{name}", SKEWS[name]) for name in NAMES}
    fleet = Fleet(cluster, words())
    for name in NAMES:
        await fleet.start(name, replace(NOW, variables=walls[name].variables))
    async with AsyncExitStack() as stack:
        crowd = await stack.enter_async_context(crowded(fleet, tmp_path, 4, every=0.5))
        sitters = Sitters(fleet, walls)
        await sitters.sit(stack)
        await crowd.more()
        for ahead in (-DAY, DAY, until_2038(), 0):
            await sitters.jump(ahead)
            await sitters.are_pinged()
            # Hints are missed, and so all are looked at again: whether they may be here.
            await asyncio.to_thread(redis.kill)
            await asyncio.to_thread(redis.start)
            await soon(lambda: nobody_is_degraded(fleet), within=PATIENCE)
            await asyncio.sleep(ALL_EVERY + 14)
            await crowd.more()
            assert sitters.are_there()
        everybody = [*crowd.writing, *crowd.hearing]
        assert not sum(getattr(person, "reconnects", 0) for person in everybody)
        await order_is_that_of_numbers(sitters.quiet["a"])


def nobody_is_degraded(fleet: Fleet) -> bool:
    return not any(fleet.metrics(name)["conclave_engine_degraded"] for name in NAMES)


async def order_is_that_of_numbers(client: Client) -> None:
    """Pages are in the order of their numbers, and times go to 2038 and never back."""
    numbers: list[int] = []
    times: list[int] = []
    before = {}
    while True:
        asked = {"room": HALL, "limit": 100, **before}
        page = (await client.ask("get:history", **asked, within=PATIENCE))["messages"]
        if not page:
            break
        numbers = [one["seq"] for one in page] + numbers
        times = [one["timestamp"] for one in page] + times
        before = {"before": numbers[0]}
    assert len(numbers) > 100
    assert numbers == sorted(set(numbers))
    assert times == sorted(times)
    assert times[-1] // 1000 > 2**31
