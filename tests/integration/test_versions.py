"""Nodes of two versions are one chat, while one after the other is replaced (H14 in small)."""

from contextlib import AsyncExitStack
from pathlib import Path
from types import MethodType
from typing import Any

from tests.support.cluster import HALL, Cluster
from tests.support.fleet import PATIENCE, Crowd
from tests.support.moods import Moods, enriched
from tests.support.people import app
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer, needs_redis

from conclave import testing

pytestmark = needs_redis


class Pair:
    """Two nodes of this process at ports that they keep, each of this version or of a newer one."""

    def __init__(self, cluster: Cluster, place: Path) -> None:
        self.cluster = cluster
        self.nodes: dict[str, testing.Server] = {}
        self.ports = {name: free_port() for name in "ab"}
        self._place = place
        self._stacks: dict[str, AsyncExitStack] = {}

    @property
    def urls(self) -> list[str]:
        return [f"ws://127.0.0.1:{port}/ws" for port in self.ports.values()]

    async def start(self, name: str, *, newer: bool) -> None:
        stack = self._stacks[name] = AsyncExitStack()
        where: dict[str, Any] = {
            "database": self.cluster.database,
            "redis": self.cluster.redis.url,
            "data": self.cluster.furnish(name),
            "port": self.ports[name],
        }
        served = testing.serve(app(*[Moods] * newer), demo=False, rate=0.0, **where)
        node = self.nodes[name] = await stack.enter_async_context(served)
        seal = node._running.engine._seal  # type: ignore[attr-defined]
        if newer:
            seal.close = MethodType(lambda self, said: self._sealed(enriched(said)), seal)

    async def stop(self, name: str) -> None:
        await self._stacks.pop(name).aclose()

    def packets(self, name: str) -> dict[str, float]:
        return dict(self.nodes[name]._running.engine.packets)


async def test_a_newer_version_takes_the_place_of_this_one_and_nothing_is_lost(
    tmp_path: Path, postgresql: Postgres, shared_redis: RedisServer
) -> None:
    pair = Pair(await Cluster.open(tmp_path, postgresql, shared_redis, ["ann"]), tmp_path)
    for name in pair.ports:
        await pair.start(name, newer=False)
    crowd = Crowd(pair.urls, pair.urls[0], tmp_path / "crowd", 1, every=0.02)
    async with crowd.living(pair.cluster):
        await crowd.more(2)
        for name in pair.ports:
            await pair.stop(name)
            await pair.start(name, newer=True)
            await crowd.more(2)
            if name == "a":
                await both_hear_what_one_knows(pair)
            for other in pair.ports:
                heard = pair.packets(other)
                assert heard.pop("heard") > 0
                assert set(heard.values()) == {0}
    for name in pair.ports:
        await pair.stop(name)


async def both_hear_what_one_knows(pair: Pair) -> None:
    newer, older = pair.nodes["a"], pair.nodes["b"]
    async with newer.client("i-am-ann") as ann, older.client("i-am-bob") as bob:
        for one in (ann, bob):
            await one.ask("join:room", room=HALL, within=PATIENCE)
        receipt = await ann.ask("mood:say", room=HALL, mood="well", within=PATIENCE)
        told = await bob.expect("mood:said", within=PATIENCE)
        assert told == {"room": HALL, "user": "ann", "mood": "well"}
        kept = await bob.expect("entry", type="mood:kept", within=PATIENCE)
        assert (kept["seq"], kept["text"]) == (receipt["seq"], "I feel well")
