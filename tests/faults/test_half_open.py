"""
Two hundred people whose network ends without a word, and who come back by another node (G8).

The node they were on knows nothing of it: their sockets there are half open, and end by their
heartbeat. Meanwhile each is there once, hears everything once, and leaves nowhere.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.engines import soon
from tests.support.checker import Book, check, history_of, read_journals
from tests.support.cluster import UNBOUND, Cluster
from tests.support.crowd import Sender, Subscriber
from tests.support.metrics import read
from tests.support.ports import free_port
from tests.support.proxy import Proxy
from tests.support.redis_server import needs_redis

from conclave.client.wire import Wire, connect
from conclave.storage.postgres.store import PostgresStore
from conclave.testing import Client

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(300), needs_redis]

ROOMS = [f"square{n}" for n in range(10)]
PEOPLE = 200
# Seconds: of a heartbeat and the wait for its answer, and of what else such an end takes.
BEAT, LATE = 3, 3
SERVED_WITHIN = 1.0
WORDS = (
    *UNBOUND,
    *("--app", "tests.support.people:APP"),
    *("--heartbeat-interval", str(BEAT), "--heartbeat-timeout", str(BEAT)),
)


class Mover(Subscriber):
    """A subscriber who notes how long it takes to be served when it comes back."""

    def __init__(self, *words: Any) -> None:
        super().__init__(*words)
        self.served: list[float] = []
        self._came = 0.0

    async def _listen(self, wire: Wire) -> bool:
        self._came = time.monotonic()
        return await super()._listen(wire)

    def _resume(self, wire: Wire, page: Any) -> None:
        if self._epoch is not None:
            self.served.append(time.monotonic() - self._came)
        super()._resume(wire, page)


async def connections(port: int) -> float:
    return (await read(port))("conclave_connections")


async def test_whose_network_ends_without_a_word_is_served_at_once_by_another_node(
    tmp_path: Path, postgresql, redis
) -> None:
    cluster = await Cluster.open(tmp_path, postgresql, redis, ["ann"])
    try:
        metrics = free_port()
        for name, port in (("a", metrics), ("b", free_port())):
            listen = ("--metrics-listen", f"127.0.0.1:{port}")
            await asyncio.to_thread(cluster.start, name, *WORDS, *listen)
        here, there = cluster.nodes["a"], cluster.nodes["b"]
        async with (
            Proxy(here.port) as network,
            connect(there.url) as wire,
            under_load(tmp_path, cluster, network) as movers,
        ):
            watcher = await watching(wire, "watcher")
            each = {one.name for one in movers}
            await soon(lambda: there_by(watcher) >= each, within=60)
            before = len(watcher.events)
            await move(network, there.port)
            await soon(lambda: all(one.served for one in movers), within=30)
            began = time.monotonic()
            while (still := await connections(metrics)) > 0:
                assert time.monotonic() - began < 2 * BEAT + LATE, still
                await asyncio.sleep(0.2)
            # What their ends would tell of them came.
            await asyncio.sleep(3)
            told = [e.data for e in watcher.events[before:] if e.type == "chat"]
            assert not [one for one in told if one.get("type", "message") != "message"]
            for node in (here, there):
                async with connect(node.url) as anew:
                    assert there_by(await watching(anew, "late")) - {"late"} >= each
    finally:
        await asyncio.to_thread(cluster.close)


async def watching(wire: Wire, name: str) -> Client:
    """Come into all rooms as *name*."""
    client = Client(wire)
    assert (await client.ask("auth", token=f"i-am-{name}"))["success"]
    for room in ROOMS:
        await client.ask("join:room", room=room)
        await client.expect("presence", room=room)
    return client


def there_by(client: Client) -> set[str]:
    """Return who is there by what *client* was told, who is in one room only."""
    told = [one["id"] for data in client.told("presence") for one in data.get("users", ())]
    came = [data["member"] for data in client.told("chat", type="user:joined")]
    return {*told, *came}


@asynccontextmanager
async def under_load(place: Path, cluster: Cluster, network: Proxy) -> AsyncIterator[list[Mover]]:
    """Let one talk in each room by the second node and the others hear it by *network*."""
    book = Book(place / "book.jsonl")
    movers = [Mover(network.url, f"u{n:03}", ROOMS[n % 10], book) for n in range(PEOPLE)]
    url = cluster.nodes["b"].url
    senders = [Sender(url, f"s{n}", room, book, every=0.2) for n, room in enumerate(ROOMS)]
    hearing = [asyncio.create_task(one.run()) for one in movers]
    talking = [asyncio.create_task(one.run()) for one in senders]
    try:
        yield movers
        for one in senders:
            one.enough.set()
        await asyncio.wait_for(asyncio.gather(*talking), 30)
        store = await PostgresStore.open(cluster.database, place / "last", alone=False)
        history = await history_of(store, ROOMS)
        await store.close()
        await asyncio.gather(*(one.settle(history[one.room][-1].seq) for one in movers))
    finally:
        for task in (*hearing, *talking):
            task.cancel()
        await asyncio.gather(*hearing, *talking, return_exceptions=True)
        book.close()
    judge(movers, senders)
    assert not check(read_journals([place / "book.jsonl"]), history)


def judge(movers: list[Mover], senders: list[Sender]) -> None:
    served = sorted(seconds for one in movers for seconds in one.served)
    said = sum(one.acked for one in senders)
    print({"G8": {"resumes": len(served), "said": said, "slowest": round(served[-1], 3)}})
    assert len(served) == PEOPLE
    assert served[-1] < SERVED_WITHIN


async def move(network: Proxy, port: int) -> None:
    """End the clients' halves of all connections, some at a time; who comes goes to *port*."""
    links = list(network.links)
    assert len(links) == PEOPLE
    network._upstream = port
    for at in range(0, PEOPLE, 10):
        for link in links[at : at + 10]:
            link.reset_client()
        await asyncio.sleep(0.2)
