"""
Clients that disconnect in the middle of what they asked for, five thousand times (H11).

What was asked of PostgreSQL and Redis for them is cancelled wherever it is. No answer may then
go to anybody else, and no connection to either may be lost or left over.
"""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

import httpx
import psycopg
import pytest
from tests.conformance.engines import soon
from tests.support.cluster import HALL, UNBOUND, Cluster, token_of
from tests.support.listeners import Listener
from tests.support.node_process import NodeProcess
from tests.support.postgres import Postgres
from tests.support.redis_server import BINARY, RedisServer

from conclave.testing import Client

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(BINARY is None, reason="apt install redis-server"),
]

STEADY = [f"s{n}" for n in range(10)]
LEAVING = [f"q{n}" for n in range(40)]
GONE = 5_000
AT_ONCE = 20
PLACES = ("--max-http-per-address", "0", "--max-http", "0")


def own(user: str) -> str:
    return f"of-{user}"


class Steady:
    """One who asks all the time, and knows what the answer must be."""

    def __init__(self, client: Client, user: str, base: str) -> None:
        self.client, self.user, self.base = client, user, base
        self.asked = 0

    async def run(self, done: asyncio.Event) -> None:
        headers = {"authorization": f"Bearer {token_of(self.user)}"}
        # Who keeps a connection for as long as the server does finds it closed now and then.
        kept = httpx.Limits(keepalive_expiry=2)
        async with httpx.AsyncClient(
            base_url=self.base, headers=headers, timeout=60, limits=kept
        ) as http:
            while not done.is_set():
                self.asked += 1
                await self._once(http, f"{self.user} says {self.asked}")

    async def _once(self, http: httpx.AsyncClient, text: str) -> None:
        said = await self.client.ask("chat", room=own(self.user), text=text)
        page = await self.client.ask("get:history", room=own(self.user), limit=1)
        assert [one["text"] for one in page["messages"]] == [text]
        assert page["messages"][0]["seq"] == said["seq"]
        mine = await self.client.ask("room:list", scope="mine")
        assert {one["room"] for one in mine["rooms"]} == {HALL, own(self.user)}
        me = await http.get("/api/v1/me")
        assert (me.status_code, me.json()["user"]["id"]) == (200, self.user), me.text


class Leaving:
    """Comes, asks for much, and is gone before it is answered."""

    def __init__(self, nodes: list[NodeProcess], random: Random) -> None:
        self.nodes, self.random = nodes, random
        self.gone = 0
        self.unanswered = 0

    async def run(self, count: int) -> None:
        for _ in range(count):
            node, user = self.random.choice(self.nodes), self.random.choice(LEAVING)
            by = self._by_http if self.random.random() < 0.3 else self._by_socket
            await by(node, user)
            self.gone += 1

    async def _by_socket(self, node: NodeProcess, user: str) -> None:
        one = await Listener.connect(node.port, token_of(user))
        room = own(user)
        asked = [
            asyncio.create_task(one.ask(kind, **words))
            for kind, words in (
                ("join:room", {"room": room}),
                ("chat", {"room": room, "text": f"{user} is going"}),
                ("get:history", {"room": room}),
                ("room:list", {"scope": "mine"}),
                ("chat", {"room": room, "text": f"{user} is gone"}),
            )
        ]
        await asyncio.sleep(self.random.random() ** 2 * 0.05)
        one.close()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        self.unanswered += sum(isinstance(answer, ConnectionError) for answer in answers)

    async def _by_http(self, node: NodeProcess, user: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(
            f"GET /api/v1/rooms/{own(user)}/messages HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {token_of(user)}\r\n\r\n".encode()
        )
        await writer.drain()
        await asyncio.sleep(self.random.random() ** 2 * 0.02)
        writer.transport.abort()
        self.unanswered += not reader._buffer  # type: ignore[attr-defined]


@asynccontextmanager
async def two_nodes(
    tmp_path: Path, postgresql: Postgres
) -> AsyncIterator[tuple[Cluster, RedisServer, list[Client]]]:
    async with AsyncExitStack() as stack:
        redis = await asyncio.to_thread(RedisServer(tmp_path).start)
        stack.callback(redis.kill)
        cluster = await Cluster.open(tmp_path, postgresql, redis, [*STEADY, *LEAVING])
        stack.callback(cluster.close)
        for name in "ab":
            await asyncio.to_thread(cluster.start, name, *UNBOUND, *PLACES)
        for user in LEAVING:
            async with cluster.client("a", user) as one:
                await one.ask("room:create", room=own(user), kind="private")
        clients = []
        for n, user in enumerate(STEADY):
            one = await stack.enter_async_context(cluster.client("ab"[n % 2], user))
            await one.ask("room:create", room=own(user), kind="private")
            await one.ask("join:room", room=own(user))
            clients.append(one)
        yield cluster, redis, clients


def connected(cluster: Cluster, redis: RedisServer) -> Counter[str]:
    """Return who has connections to the database and to Redis, and how many."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(cluster.database, autocommit=True) as connection:
        ((to_database,),) = connection.execute(query).fetchall()
    with socket.create_connection(("127.0.0.1", redis.port), 5) as asking:
        asking.sendall(b"INFO clients\r\n")
        told = asking.recv(4_096).decode()
    to_redis = next(line for line in told.splitlines() if line.startswith("connected_clients:"))
    # Those who ask this are among them.
    return Counter(postgres=to_database - 1, redis=int(to_redis.partition(":")[2]) - 1)


async def test_who_leaves_in_the_middle_of_it_leaves_no_answer_to_another_and_no_connection(
    tmp_path: Path, postgresql: Postgres
) -> None:
    async with two_nodes(tmp_path, postgresql) as (cluster, redis, clients):
        nodes = list(cluster.nodes.values())
        steady = [
            Steady(one, user, f"http://127.0.0.1:{nodes[n % 2].port}")
            for n, (one, user) in enumerate(zip(clients, STEADY, strict=True))
        ]
        leaving = [Leaving(nodes, Random(seed)) for seed in range(AT_ONCE)]
        # All connections that are ever needed are there.
        await asyncio.gather(*(one.run(10) for one in leaving))
        before = await asyncio.to_thread(connected, cluster, redis)
        done = asyncio.Event()
        asking = [asyncio.create_task(one.run(done)) for one in steady]
        await asyncio.gather(*(one.run(GONE // AT_ONCE) for one in leaving))
        done.set()
        await asyncio.gather(*asking)
        after = await asyncio.to_thread(connected, cluster, redis)
        told = {
            "fault": "H11",
            "gone": sum(one.gone for one in leaving),
            "unanswered": sum(one.unanswered for one in leaving),
            "asked_beside": 4 * sum(one.asked for one in steady),
            "connections": dict(after),
        }
        print(json.dumps(told))
        assert told["gone"] >= GONE
        assert told["unanswered"] >= GONE, "most were answered before they left"
        assert after == before
        await soon(lambda: logged(nodes) == [], within=1)
        # Nothing of theirs is in another's room.
        for one, user in zip(clients, STEADY, strict=True):
            page = await one.ask("get:history", room=own(user))
            assert all(line["text"].startswith(f"{user} says") for line in page["messages"])


def logged(nodes: list[NodeProcess]) -> list[str]:
    """Return what is no warning of what was to be expected."""
    lines = [line for node in nodes for line in node.log.read_text().splitlines()]
    return [line for line in lines if "exception" in line or "never retrieved" in line]
