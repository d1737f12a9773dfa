"""The configurations of `deploy/` for nginx and HAProxy before two nodes, without cookies."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.support.checker import check, history_of, read_journals
from tests.support.cluster import HALL, Cluster, token_of
from tests.support.crowd import Sender, Subscriber
from tests.support.fronts import Front, Haproxy, NginxOfTwo
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.raw import Raw, upgrade
from tests.support.redis_server import RedisServer, needs_redis

from conclave.client import Client
from conclave.storage.postgres.store import PostgresStore

SEARCHED = f"{os.environ['PATH']}:/usr/sbin"
LIMITS = ("--rate", "0", "--connection-rate", "0", "--app", "tests.support.people:APP")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    needs_redis,
]


@pytest.fixture(params=[NginxOfTwo, Haproxy], ids=["nginx", "haproxy"])
def front(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Front]:
    if shutil.which(request.param.program, path=SEARCHED) is None:
        pytest.skip(f"apt install {request.param.program}")
    with request.param(tmp_path, free_port()) as made:
        # For all that is asked by TLS in this process.
        authority = tmp_path / "authority.pem"
        made.authority.cert_pem.write_to_path(authority)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        yield made


@pytest.fixture
async def cluster(
    front: Front, tmp_path: Path, postgresql: Postgres, shared_redis: RedisServer
) -> AsyncIterator[Cluster]:
    made = await Cluster.open(tmp_path, postgresql, shared_redis, ["ann", "bob"])
    try:
        await asyncio.gather(*(asyncio.to_thread(start, made, front, name) for name in "ab"))
        # The proxy was there before them, and looks again after two seconds at most.
        await asyncio.sleep(3)
        yield made
    finally:
        await asyncio.to_thread(made.close)


def start(cluster: Cluster, front: Front, name: str) -> None:
    """Start node a or b where the proxy expects it."""
    port = front.upstream + "ab".index(name)
    where = ("--behind-proxy", "--public-url", front.url)
    # This machine's other addresses stand for clients from elsewhere: only one is the proxy's.
    cluster.start(name, *where, "--trusted-proxy", "127.0.0.1", *LIMITS, port=port)


def enter(front: Front, source: str) -> Raw:
    client = Raw(front.port, tls=front.trusting(), source=source)
    forged = ["X-Forwarded-For: 203.0.113.1", "Forwarded: for=203.0.113.2"]
    client.send(upgrade(*forged, f"Origin: {front.url}", path="/ws"))
    assert client.read_head()[0] == 101
    return client


def addresses(cluster: Cluster, name: str) -> list[str]:
    """Return from where those are who are connected to a node, as it sees it."""
    data = cluster.nodes[name].log.parent
    command = [sys.executable, "-m", "conclave", "connection", "--json", "--data", str(data)]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line)["address"] for line in listed.stdout.splitlines()]


def ready(front: Front) -> int:
    with urllib.request.urlopen(f"{front.url}/ready", context=front.trusting()) as page:
        return page.status


async def test_both_take_people_and_see_where_they_come_from(front, cluster) -> None:
    sources = [f"127.0.0.{n}" for n in range(5, 45)]
    people = [await asyncio.to_thread(enter, front, source) for source in sources]
    try:
        seen = [await asyncio.to_thread(addresses, cluster, name) for name in "ab"]
        assert sorted(seen[0] + seen[1]) == sorted(sources)
        assert min(map(len, seen)) > 0, "each takes some"
    finally:
        for one in people:
            one.__exit__()


async def test_two_people_on_any_nodes_hear_each_other(front, cluster) -> None:
    async with (
        Client(front.url, token=token_of("ann"), tls=front.trusting()) as ann,
        Client(front.url, token=token_of("bob"), tls=front.trusting()) as bob,
    ):
        heard: asyncio.Queue[str] = asyncio.Queue()

        async def listen() -> None:
            async for line in bob.room(HALL).follow(since=0):
                if line.type == "message":
                    heard.put_nowait(line.text)

        listening = asyncio.create_task(listen())
        for n in range(5):
            await ann.room(HALL).send(f"message {n}")
        async with asyncio.timeout(20):
            assert [await heard.get() for _ in range(5)] == [f"message {n}" for n in range(5)]
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["drained", "killed"])
async def test_when_one_goes_the_other_takes_its_people_and_nothing_is_lost(
    front, cluster, tmp_path, number
) -> None:
    journals = tmp_path / "journals"
    journals.mkdir()
    url = front.url.replace("https:", "wss:") + "/ws"
    sending = [Sender(url, f"sender{n}", HALL, journals, every=0.1) for n in range(6)]
    hearing = [Subscriber(url, f"hearer{n}", HALL, journals) for n in range(4)]
    async with asyncio.TaskGroup() as tasks:
        talking = [tasks.create_task(person.run()) for person in sending]
        listening = [tasks.create_task(person.run()) for person in hearing]
        await acked_more(sending)
        busy = "a" if await asyncio.to_thread(addresses, cluster, "a") else "b"
        cluster.nodes[busy].send_signal(number)
        statuses, until = [], time.monotonic() + 6
        while time.monotonic() < until:
            statuses.append(await asyncio.to_thread(ready, front))
            await asyncio.sleep(0.2)
        assert set(statuses) == {200}
        await acked_more(sending)
        await asyncio.to_thread(cluster.nodes[busy].wait, 20)
        await asyncio.to_thread(start, cluster, front, busy)
        await acked_more(sending)
        for person in sending:
            person.enough.set()
        await asyncio.gather(*talking)
        store = await PostgresStore.open(cluster.database, tmp_path / "look", alone=False)
        history = await history_of(store, [HALL])
        await store.close()
        await asyncio.gather(*(person.settle(history[HALL][-1].seq, 30) for person in hearing))
        for task in listening:
            task.cancel()
    assert check(read_journals(journals.iterdir()), history) == []
    assert sum(person.reconnects for person in (*sending, *hearing)) >= 3


async def acked_more(sending: list[Sender]) -> None:
    before = [person.acked for person in sending]
    async with asyncio.timeout(40):
        while any(p.acked < was + 5 for p, was in zip(sending, before, strict=True)):
            await asyncio.sleep(0.05)
