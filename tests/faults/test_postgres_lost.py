"""
Two whole nodes that lose PostgreSQL under load (H5): it swallows, or dies and is there again.

Nobody is told that something is stored meanwhile, whoever sends hears soon that it is not, and
when the database is there again all goes on: once, in order, with no connection too many.
"""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import psycopg
import pytest
from tests.support.checker import Book, check, history_of, read_journals
from tests.support.cluster import UNBOUND, Cluster
from tests.support.crowd import Sender, Subscriber, answer_to
from tests.support.node_process import NodeProcess
from tests.support.postgres import Postgres, running
from tests.support.proxy import Proxy
from tests.support.redis_server import BINARY, RedisServer

from conclave.client.wire import connect
from conclave.storage.postgres.store import PostgresStore

pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.timeout(400),
    pytest.mark.skipif(BINARY is None, reason="apt install redis-server"),
]

AWAY = 30.0
# Of a machine that does other things, too, a second more.
TOLD_WITHIN = 6.0
BACK_WITHIN = 5.0
ROOMS = ["one", "two", "three"]


class Timed(Sender):
    """A sender that notes when it was acknowledged, and how long it waited for each refusal."""

    def __init__(self, *words: object) -> None:
        super().__init__(*words, every=0.1)
        self.acked_at: list[float] = []
        self.refusals: list[tuple[str, float]] = []

    async def _send(self, wire, id_):
        text = f"I say {id_}"
        self.memory.pending = id_
        while True:
            self.journal.sent(self.room, id_, text)
            began = time.monotonic()
            wire.send("chat", id=id_, room=self.room, text=text)
            answer = await answer_to(wire, id_)
            if answer.type == "ack":
                break
            assert answer.data["retryable"], answer
            self.refusals.append((answer.data["code"], time.monotonic() - began))
            await asyncio.sleep(0.2)
        self.acked_at.append(time.monotonic())
        self.journal.acked(self.room, id_, answer.data["seq"], answer.data["message_id"])
        self.memory.pending = None
        self.acked += 1


@dataclass
class World:
    place: Path
    postgres: Postgres
    near: str
    proxy: Proxy
    nodes: list[NodeProcess]
    # What each node answered to `/health` and `/ready`, and when.
    health: list[int] = field(default_factory=list)
    ready: list[tuple[float, int]] = field(default_factory=list)

    async def watch(self) -> None:
        while True:
            for node in self.nodes:
                self.health.append(await asyncio.to_thread(status, node, "/health"))
                self.ready.append(
                    (time.monotonic(), await asyncio.to_thread(status, node, "/ready"))
                )
            await asyncio.sleep(0.5)

    async def connections(self) -> int:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"

        def ask() -> int:
            with psycopg.connect(self.near, autocommit=True) as connection:
                ((found,),) = connection.execute(query).fetchall()
            return int(found)

        return await asyncio.to_thread(ask)


def status(node: NodeProcess, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{node.port}{path}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as no:
        return no.code


@asynccontextmanager
async def two_nodes(tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        postgres = await asyncio.to_thread(stack.enter_context, running())
        redis = await asyncio.to_thread(RedisServer(tmp_path).start)
        stack.callback(redis.kill)
        proxy = await stack.enter_async_context(Proxy(postgres.place / ".s.PGSQL.5432"))
        cluster = await Cluster.open(tmp_path, postgres, redis, ["ann"])
        stack.callback(cluster.close)
        near = cluster.database
        name = urlsplit(near).path.lstrip("/")
        cluster.database = f"postgresql://conclave@127.0.0.1:{proxy.port}/{name}"
        words = (*UNBOUND, "--app", "tests.support.people:APP")
        nodes = [await asyncio.to_thread(cluster.start, one, *words) for one in "ab"]
        yield World(tmp_path, postgres, near, proxy, nodes)


async def swallowed(world: World) -> tuple[float, float]:
    """Let all that goes to the database vanish; return when that began, and when it was over."""
    began = time.monotonic()
    world.proxy.darken()
    await asyncio.sleep(AWAY)
    world.proxy.heal()
    return began, time.monotonic()


async def dead(world: World, seconds: float = AWAY) -> tuple[float, float]:
    """Kill the server with all its processes, and start one that finds what it left."""
    began = time.monotonic()
    await asyncio.to_thread(world.postgres.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(world.postgres.start)
    return began, time.monotonic()


Fault = Callable[[World], Awaitable[tuple[float, float]]]


@pytest.mark.parametrize("fault", [swallowed, dead])
async def test_nothing_is_acknowledged_meanwhile_and_all_goes_on_soon_after(
    tmp_path: Path, fault: Fault
) -> None:
    async with two_nodes(tmp_path) as world:
        async with under_load(world) as senders:
            await asyncio.sleep(5)
            before = await world.connections()
            began, healed = await fault(world)
            await asyncio.sleep(BACK_WITHIN + 5)
        judge(world, senders, began, healed, before, await world.connections())


@asynccontextmanager
async def under_load(world: World) -> AsyncIterator[list[Timed]]:
    """Let twelve talk and six listen, and watch the nodes; at the end all is there once."""
    book = Book(world.place / "book.jsonl")
    urls = [node.url for node in world.nodes]
    senders = [Timed(urls[n % 2], f"s{n}", ROOMS[n % 3], book) for n in range(12)]
    readers = [Subscriber(urls[n % 2], f"r{n}", ROOMS[n % 3], book) for n in range(6)]
    tasks = [asyncio.create_task(one.run()) for one in (*readers, *senders)]
    watching = asyncio.create_task(world.watch())
    try:
        yield senders
        for one in senders:
            one.enough.set()
        await asyncio.wait_for(asyncio.gather(*tasks[len(readers) :]), 60)
        until = time.monotonic() + BACK_WITHIN
        for node in world.nodes:
            while (code := await asyncio.to_thread(status, node, "/ready")) != 200:
                assert time.monotonic() < until, (code, node.log.read_text()[-2_000:])
                await asyncio.sleep(0.1)
        store = await PostgresStore.open(world.near, world.place / "last", alone=False)
        history = await history_of(store, ROOMS)
        await store.close()
        await asyncio.gather(*(one.settle(history[one.room][-1].seq) for one in readers))
    finally:
        for task in (*tasks, watching):
            task.cancel()
        await asyncio.gather(*tasks, watching, return_exceptions=True)
        book.close()
    assert not check(read_journals([world.place / "book.jsonl"]), history)


KILLS = 10


async def test_killed_ten_times_under_load_it_has_once_all_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    """H7: what became of a commit that was under way is found out by its request id."""
    async with two_nodes(tmp_path) as world:
        random, back = Random(7), []
        async with under_load(world) as senders:
            for _ in range(KILLS):
                await asyncio.sleep(1 + random.random())
                _, healed = await dead(world, 0.0)
                acked = [one.acked for one in senders]
                while any(one.acked == was for one, was in zip(senders, acked, strict=True)):
                    assert time.monotonic() < healed + BACK_WITHIN
                    await asyncio.sleep(0.02)
                back.append(round(time.monotonic() - healed, 2))
        logs = [node.log.read_text() for node in world.nodes]
        told = {
            "fault": "H7",
            "kills": KILLS,
            "acked": sum(one.acked for one in senders),
            "in doubt": sum(log.count("commit_in_doubt") for log in logs),
            "all_back_after_s": back,
        }
        print(json.dumps(told))
        assert told["in doubt"] > 0


def judge(
    world: World, senders: list[Timed], began: float, healed: float, before: int, after: int
) -> None:
    refusals = [one for sender in senders for one in sender.refusals]
    acks = sorted(at for sender in senders for at in sender.acked_at)
    first = [min(at for at in one.acked_at if at > healed) - healed for one in senders]
    ready = [code for at, code in world.ready if began + 8 < at < healed]
    told = {
        "fault": "H5",
        "acked": len(acks),
        "refused": len(refusals),
        "longest_refusal_s": round(max(took for _, took in refusals), 2),
        "all_back_after_s": round(max(first), 2),
        "connections": [before, after],
        "reconnects": sum(one.reconnects for one in senders),
    }
    print(json.dumps(told))
    # What had been sent to the database before may be acknowledged in the moment after.
    assert not [at for at in acks if began + 1 < at < healed]
    assert {code for code, _ in refusals} == {"unavailable"} | {code for code, _ in refusals} & {
        "busy"
    }
    assert told["longest_refusal_s"] <= TOLD_WITHIN
    assert max(first) <= BACK_WITHIN
    assert after <= before
    assert set(world.health) == {200}
    assert ready
    assert set(ready) == {503}
    assert told["reconnects"] == 0


async def test_who_comes_while_it_is_away_is_told_to_come_again(tmp_path: Path) -> None:
    async with two_nodes(tmp_path) as world:
        world.proxy.darken()
        began = time.monotonic()
        async with connect(world.nodes[0].url) as wire:
            wire.send("auth", id="in", token="i-am-new")
            answer = await answer_to(wire, "in")
        assert answer.type == "error", answer
        assert answer.data["retryable"]
        assert time.monotonic() - began <= 2 * TOLD_WITHIN
        world.proxy.heal()
