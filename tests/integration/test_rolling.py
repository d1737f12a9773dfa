"""
Three nodes are restarted one by one under load: as what they were, and as another version.

G11 and H14 of the limits: what was acknowledged is there once and in order, everybody is told all
of it, and nobody is without a server for long. Two versions live beside each other: what one of
them says and the other does not know is ignored.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.cluster import HALL, Cluster
from tests.support.earlier import earliest
from tests.support.fleet import (
    NAMES,
    NEWER,
    NOW,
    PATIENCE,
    Crowd,
    Fleet,
    Version,
    crowded,
)
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer, needs_redis

from conclave.protocol.errors import Reject

pytestmark = [
    pytest.mark.slow,
    needs_redis,
    pytest.mark.timeout(600),
]

# G11: for so long a client may be without a server, in 99 of 100 cases.
AWAY_WITHIN = 5.0


@pytest.fixture
async def fleet(tmp_path: Path, postgresql: Postgres, redis: RedisServer) -> AsyncIterator[Fleet]:
    cluster = await Cluster.open(tmp_path, postgresql, redis, ["ann", "bob"])
    yield Fleet(cluster)
    await asyncio.to_thread(cluster.close)


async def moods_are_told(fleet: Fleet) -> None:
    """Say what only a newer node knows, to one of each version: both hear it."""
    newer = next(name for name, version in fleet.versions.items() if version.newer)
    older = next(name for name, version in fleet.versions.items() if not version.newer)
    async with fleet.guest(newer, "ann") as ann, fleet.guest(older, "bob") as bob:
        said = {"room": HALL, "mood": "well"}
        with pytest.raises(Reject, match="unknown_type"):
            await bob.ask("mood:say", **said, within=PATIENCE)
        receipt = await ann.ask("mood:say", **said, within=PATIENCE)
        told = await bob.expect("mood:said", within=PATIENCE)
        kept = await bob.expect("entry", type="mood:kept", within=PATIENCE)
        assert told == {**said, "user": "ann"}
        assert (kept["seq"], kept["text"]) == (receipt["seq"], "I feel well")


async def test_nodes_are_restarted_one_by_one_three_times_and_nobody_is_away_for_long(
    fleet, tmp_path
) -> None:
    await asyncio.gather(*(fleet.start(name, NOW) for name in NAMES))
    away: list[float] = []
    async with crowded(fleet, tmp_path, 8) as crowd:
        await crowd.more()
        for name in NAMES * 3:
            began = time.monotonic()
            await fleet.replace(name, NOW)
            await crowd.more()
            each = crowd.book.longest_away(began)
            away += each.values()
            print({who: round(seconds, 1) for who, seconds in each.items()})
        await fleet.understand_each_other()
    away.sort()
    late = away[len(away) * 99 // 100]
    print(f"of {len(away)} one in two was away {away[len(away) // 2]:.2f} s, p99 {late:.2f} s,")
    print(f"the longest {away[-1]:.2f} s")
    assert len(away) == 9 * len(crowd.writing)
    assert late <= AWAY_WITHIN


async def pass_over(fleet: Fleet, crowd: Crowd, version: Version) -> None:
    """Replace one node after the other by *version*; while both are there they get along."""
    for name in NAMES:
        await fleet.replace(name, version)
        await crowd.more()
        if len({one.newer for one in fleet.versions.values()}) > 1:
            await moods_are_told(fleet)
        await fleet.understand_each_other()


async def test_a_newer_version_comes_node_by_node_and_is_taken_back_and_nothing_is_lost(
    fleet, tmp_path
) -> None:
    await asyncio.gather(*(fleet.start(name, NOW) for name in NAMES))
    async with crowded(fleet, tmp_path, 6) as crowd:
        await crowd.more()
        await pass_over(fleet, crowd, NEWER)
        await pass_over(fleet, crowd, NOW)
    for name in NAMES:
        log = (fleet.cluster.place / name / "server.log").read_text()
        assert "node_gone" not in log, "none took another for dead"


async def test_the_earliest_version_that_may_be_there_is_replaced_by_this_one_node_by_node(
    fleet, tmp_path
) -> None:
    before = earliest(tmp_path / "earlier")
    if before is None:
        pytest.skip("no history: clone the repository with git")
    await asyncio.gather(*(fleet.start(name, before) for name in NAMES))
    async with crowded(fleet, tmp_path, 6) as crowd:
        await crowd.more()
        await pass_over(fleet, crowd, NOW)
        await pass_over(fleet, crowd, before)
