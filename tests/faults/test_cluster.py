"""
Whole servers on one PostgreSQL and one Redis, of which something fails.

H1 H4 H8 H9 H10 of the limits: what was acknowledged is told to all, once and in order, whatever
befalls Redis; who is there is true in the end, and nobody leaves more than once.
"""

import asyncio
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.conformance.engines import soon
from tests.support.checker import history_of
from tests.support.cluster import HALL, UNBOUND, Cluster, token_of
from tests.support.postgres import Postgres
from tests.support.proxy import Proxy
from tests.support.redis_server import RedisServer, needs_redis

from conclave.client.wire import connect
from conclave.protocol.errors import Reject
from conclave.storage.postgres.store import PostgresStore
from conclave.testing import Client

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),
    needs_redis,
]

PEOPLE = ["ann", "bob", "eve"]


@asynccontextmanager
async def made(
    place: Path, postgresql: Postgres, redis: RedisServer, people: list[str], *nodes: str
) -> AsyncIterator[Cluster]:
    cluster = await Cluster.open(place, postgresql, redis, people)
    try:
        for name in nodes:
            await asyncio.to_thread(cluster.start, name, *UNBOUND)
        yield cluster
    finally:
        await asyncio.to_thread(cluster.close)


class Talk:
    """Two who write all the time, one on each node, and what both are told."""

    def __init__(self, ann: Client, bob: Client) -> None:
        self.sides = (ann, bob)
        self.acked: dict[int, str] = {}
        self.slowest = 0.0
        self.refused = 0

    async def write(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        await asyncio.gather(*(self._write(one, f"s{n}", ends) for n, one in enumerate(self.sides)))

    async def _write(self, one: Client, name: str, ends: float) -> None:
        n = 0
        while time.monotonic() < ends:
            n, began = n + 1, time.monotonic()
            said = await self._say(one, f"{name} {n}")
            self.slowest = max(self.slowest, time.monotonic() - began)
            assert said["seq"] not in self.acked
            self.acked[said["seq"]] = f"{name} {n}"
            await asyncio.sleep(0.02)

    async def _say(self, one: Client, text: str) -> dict[str, Any]:
        while True:
            try:
                id_ = text.replace(" ", "-")
                return await one.ask("chat", id=id_, room=HALL, text=text)
            except Reject as no:
                if not no.retryable:
                    raise
                # The same id finds out whether it was stored.
                self.refused += 1
                await asyncio.sleep(0.2)

    def told(self, one: Client) -> list[int]:
        return [data["seq"] for data in one.told("chat") if "seq" in data]

    async def settle(self, within: float) -> None:
        """All is told to both, nothing twice and nothing out of order, and says what was said."""
        last = max(self.acked)
        for one in self.sides:
            # Its own are not told to who wrote them: each hears of the other's.
            await soon(lambda one=one: self._has(one, last), within=within)  # type: ignore[misc]
            numbers = self.told(one)
            assert numbers == sorted(set(numbers))
            texts = {data["seq"]: data["text"] for data in one.told("chat") if "seq" in data}
            assert texts == {seq: text for seq, text in self.acked.items() if seq in texts}
        assert set(self.told(self.sides[0])) | set(self.told(self.sides[1])) >= set(self.acked)

    def _has(self, one: Client, last: int) -> bool:
        mine = f"s{self.sides.index(one)} "
        others = {seq for seq, text in self.acked.items() if not text.startswith(mine)}
        return others <= set(self.told(one)) and last > 0


@asynccontextmanager
async def talking(cluster: Cluster, first: str = "a", second: str = "b") -> AsyncIterator[Talk]:
    async with cluster.client(first, "ann") as ann, cluster.client(second, "bob") as bob:
        for one in (ann, bob):
            await one.ask("join:room", room=HALL)
        yield Talk(ann, bob)


async def test_thirty_seconds_without_redis_keep_nobody_from_writing(
    tmp_path, postgresql, redis
) -> None:
    async with (
        made(tmp_path, postgresql, redis, PEOPLE, "a", "b") as cluster,
        talking(cluster) as talk,
    ):

        async def fail() -> None:
            await asyncio.sleep(3)
            await asyncio.to_thread(redis.kill)
            await asyncio.sleep(30)
            await asyncio.to_thread(redis.start)
            # And once more, at once empty again.
            await asyncio.sleep(6)
            await asyncio.to_thread(redis.kill)
            await asyncio.to_thread(redis.start)

        await asyncio.gather(talk.write(45), fail())
        await talk.settle(within=3)
        assert len(talk.acked) > 500
        assert talk.slowest < 2
        assert not talk.refused


@pytest.mark.parametrize("how", ["refused", "dark", "deaf"])
async def test_a_node_that_is_cut_off_from_redis_alone_loses_nothing_and_is_heard_again(
    tmp_path, postgresql, redis, how
) -> None:
    async with (
        Proxy(redis.port) as proxy,
        made(tmp_path, postgresql, redis, PEOPLE, "a") as cluster,
    ):
        far = f"redis://127.0.0.1:{proxy.port}/0"
        await asyncio.to_thread(cluster.start, "b", *UNBOUND, redis=far)
        async with talking(cluster) as talk:
            eve = await talk.sides[1].ask("heartbeat", timestamp=1)
            assert eve

            async def cut() -> None:
                await asyncio.sleep(2)
                until = time.monotonic() + 20
                proxy.refusing = how == "refused"
                while time.monotonic() < until:
                    for link in proxy.links:
                        link.held |= how == "dark"
                        link.deaf |= how == "deaf"
                        if how == "refused":
                            link.reset()
                    await asyncio.sleep(0.2)
                proxy.refusing = False

            await asyncio.gather(talk.write(26), cut())
            await talk.settle(within=5)
            assert not talk.refused
            await all_are_seen(cluster)
        await asyncio.to_thread(cluster.nodes["b"].kill)


async def all_are_seen(cluster: Cluster) -> None:
    """Who is there is true again, and nobody is there who is not."""
    async with cluster.client("a", "eve") as eve_a:
        await eve_a.ask("join:room", room=HALL)
        await soon(lambda: seen(eve_a) == {"ann", "bob", "eve"}, within=45)


@pytest.mark.parametrize("how", ["cut", "darken", "deafen"])
@pytest.mark.parametrize("both", [False, True], ids=["from PostgreSQL", "from both"])
async def test_a_node_that_is_cut_off_from_postgresql_numbers_nothing_and_goes_on_afterwards(
    tmp_path, postgresql, redis, how: str, both: bool
) -> None:
    """H8: what it is told meanwhile it refuses, and the other node goes on."""
    async with (
        Proxy(postgresql.place / ".s.PGSQL.5432") as to_postgres,
        Proxy(redis.port) as to_redis,
        made(tmp_path, postgresql, redis, PEOPLE, "a") as cluster,
    ):
        name = urlsplit(cluster.database).path.lstrip("/")
        cluster.database = f"postgresql://conclave@127.0.0.1:{to_postgres.port}/{name}"
        far = f"redis://127.0.0.1:{to_redis.port}/0"
        await asyncio.to_thread(cluster.start, "b", *UNBOUND, redis=far)
        async with talking(cluster) as talk:
            ways = [to_postgres, to_redis] if both else [to_postgres]
            numbered = []

            async def cut() -> None:
                await asyncio.sleep(2)
                for way in ways:
                    getattr(way, how)()
                before = len(talk.acked)
                await asyncio.sleep(20)
                numbered.append(len(talk.acked) - before)
                for way in ways:
                    way.heal()

            await asyncio.gather(talk.write(28), cut())
            await talk.settle(within=10)
            print({"H8": {"how": how, "both": both, "refused": talk.refused, "said": numbered}})
            assert how == "deafen" or talk.refused
            # By the other one, which noticed nothing.
            assert numbered[0] > 200
            assert (await numbers_of(cluster)) == set(talk.acked)
            await all_are_seen(cluster)
        await asyncio.to_thread(cluster.nodes["b"].kill)


async def numbers_of(cluster: Cluster) -> set[int]:
    """Return the numbers of what was said in the hall, by its log."""
    store = await PostgresStore.open(cluster.database, cluster.place / "last", alone=False)
    history = await history_of(store, [HALL])
    await store.close()
    return {line.seq for line in history[HALL] if line.type == "message"}


def seen(client: Client) -> set[str]:
    """Return who is there, by what *client* was told."""
    here: set[str] = set()
    for event in client.events:
        if event.type == "presence":
            here = {one["id"] for one in event.data["users"]}
        elif event.type == "chat" and event.data.get("type") == "user:joined":
            here.add(event.data["member"])
        elif event.type == "chat" and event.data.get("type") == "user:left":
            here.discard(event.data["member"])
    return here


def left(client: Client) -> Counter[str]:
    """Return how often *client* was told that each has left."""
    return Counter(data["member"] for data in client.told("chat", type="user:left"))


def came(client: Client) -> Counter[str]:
    """Return how often *client* was told that each has joined."""
    return Counter(data["member"] for data in client.told("chat", type="user:joined"))


async def test_five_hundred_people_of_a_node_that_is_killed_leave_once_each(
    tmp_path, postgresql, redis
) -> None:
    people = [f"u{n}" for n in range(500)]
    rooms = [f"room{n}" for n in range(12)]
    async with (
        made(tmp_path, postgresql, redis, ["ann", *people], "a", "b") as cluster,
        AsyncExitStack() as stack,
    ):
        ann = await stack.enter_async_context(cluster.client("a", "ann"))
        for room in rooms:
            await ann.ask("room:create", room=room)
            await ann.ask("join:room", room=room)
        for n, user in enumerate(people):
            one = await stack.enter_async_context(cluster.client("b", user))
            await one.ask("join:room", room=rooms[n % 12])
        told = ann.told
        await soon(lambda: len(told("chat", type="user:joined")) == 512, within=10)
        cluster.nodes["b"].send_signal(signal.SIGKILL)
        await soon(lambda: len(told("chat", type="user:left")) >= 500, within=45)
        await asyncio.sleep(5)
        assert Counter(left(ann)) == Counter(people)


async def test_a_node_that_sleeps_for_a_minute_is_dead_and_then_there_again(
    tmp_path, postgresql, redis
) -> None:
    """Each of its people leaves once, and comes again if they are still there."""
    people = ["ann", "bob", "eve", "dan"]
    async with (
        made(tmp_path, postgresql, redis, people, "a", "b") as cluster,
        Proxy(cluster.nodes["b"].port) as network,
        cluster.client("a", "ann") as ann,
        cluster.client("b", "bob") as bob,
        by(network.url, "eve") as eve,
        by(cluster.nodes["b"].url, "dan") as dan,
    ):
        for one in (ann, bob, eve, dan):
            await one.ask("join:room", room=HALL)
        await soon(lambda: seen(ann) == set(people), within=30)
        cluster.nodes["b"].send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        await soon(lambda: seen(ann) == {"ann"}, within=45)
        said = await ann.ask("chat", room=HALL, text="while it sleeps")
        # One hangs up meanwhile, and the network of another ends without a word.
        await dan.close()
        network.darken()
        await asyncio.sleep(60 - (time.monotonic() - stopped))
        cluster.nodes["b"].send_signal(signal.SIGCONT)
        # What it missed it reads, and whoever is there is told to be there.
        await bob.expect("chat", seq=said["seq"], within=30)
        await soon(lambda: seen(ann) == {"ann", "bob"}, within=45)
        # On the node that slept those who do not answer leave, and nobody else.
        await soon(lambda: left(bob) == {"eve": 1, "dan": 1}, within=60)
        # What it would tell of it came.
        await asyncio.sleep(5)
        assert left(ann) == {"bob": 1, "eve": 1, "dan": 1}
        assert came(ann) == {"ann": 1, "bob": 2, "eve": 1, "dan": 1}
        assert (left(bob), seen(bob)) == ({"eve": 1, "dan": 1}, {"ann", "bob"})
        assert "stood_still" in cluster.nodes["b"].log.read_text()


@asynccontextmanager
async def by(url: str, user: str) -> AsyncIterator[Client]:
    async with connect(url) as wire:
        client = Client(wire)
        try:
            assert (await client.ask("auth", token=token_of(user)))["success"]
            yield client
        finally:
            await client.close()


async def test_one_person_with_ten_tabs_on_three_nodes_is_there_as_long_as_one_is_open(
    tmp_path, postgresql, redis
) -> None:
    random = Random(11)
    async with (
        made(tmp_path, postgresql, redis, PEOPLE, "a", "b", "c") as cluster,
        cluster.client("a", "ann") as ann,
    ):
        await ann.ask("join:room", room=HALL)
        tabs: list[AsyncExitStack] = []
        for _ in range(1_000):
            if tabs and (len(tabs) >= 10 or random.random() < 0.5):
                await tabs.pop(random.randrange(len(tabs))).aclose()
                continue
            tab = AsyncExitStack()
            try:
                one = await tab.enter_async_context(cluster.client(random.choice("abc"), "bob"))
                await one.ask("join:room", room=HALL)
            except Reject:
                await tab.aclose()
                continue
            tabs.append(tab)
        await agree(cluster, {"ann", "bob"} if tabs else {"ann"}, lambda: seen(ann))
        for tab in tabs:
            await tab.aclose()
        await agree(cluster, {"ann"}, lambda: seen(ann))


async def agree(cluster: Cluster, who: set[str], told: Callable[[], set[str]]) -> None:
    """Who was told, and whoever asks anew on any node, find *who* is there."""
    await soon(lambda: told() == who, within=15)
    for node in cluster.nodes:
        async with cluster.client(node, "eve") as eve:
            await eve.ask("join:room", room=HALL)
            await soon(lambda eve=eve: seen(eve) == who | {"eve"}, within=10)  # type: ignore[misc]
            await eve.ask("leave:room", room=HALL)


@pytest.mark.parametrize(
    ("limit", "seconds"), [("1mb 256kb 5", 20), ("32mb 8mb 60", 90)], ids=["20 s", "90 s"]
)
async def test_a_node_that_redis_drops_since_it_reads_too_slowly_connects_again(
    tmp_path, postgresql, limit: str, seconds: int
) -> None:
    """H4: the second by the limits that Redis has by itself."""
    limits = ("--client-output-buffer-limit", f"pubsub {limit}")
    redis = await asyncio.to_thread(RedisServer(tmp_path, *limits).start)
    try:
        async with (
            made(tmp_path, postgresql, redis, PEOPLE, "a", "b") as cluster,
            talking(cluster) as talk,
        ):
            node, said = cluster.nodes["b"], []

            async def stop() -> None:
                await asyncio.sleep(1)
                node.send_signal(signal.SIGSTOP)
                said.append(await asyncio.to_thread(flood, redis, seconds))
                node.send_signal(signal.SIGCONT)

            ends = time.monotonic() + seconds + 6
            await asyncio.gather(stop(), talk._write(talk.sides[0], "s0", ends))
            await soon(lambda: talk._has(talk.sides[1], max(talk.acked)), within=10)
            numbers = talk.told(talk.sides[1])
            assert numbers == sorted(set(numbers))
            assert talk.slowest < 2, "who was not stopped did not notice"
            print({"H4": {"packets of 8 KB": said, "slowest": round(talk.slowest, 3)}})
            assert said[0] / seconds > 500
            log = (tmp_path / "redis.log").read_text()
            assert "overcoming of output buffer limits" in log, "it was not dropped"
    finally:
        await asyncio.to_thread(redis.kill)


def flood(redis: RedisServer, seconds: float) -> int:
    """Say 8 KB a thousand times a second, for whoever cannot follow; return how often."""
    packet = b"x" * 8_192
    head = f"*3\r\n$7\r\nPUBLISH\r\n$14\r\nconclave:hints\r\n${len(packet)}\r\n".encode()
    began, said = time.monotonic(), 0
    with socket.create_connection(("127.0.0.1", redis.port), 20) as stranger:
        while (now := time.monotonic() - began) < seconds:
            stranger.sendall((head + packet + b"\r\n") * 10)
            for _ in range(10):
                stranger.recv(4)
            said += 10
            time.sleep(max(0.0, said / 1_000 - now))
    return said
