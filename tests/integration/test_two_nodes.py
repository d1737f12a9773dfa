"""Two whole servers on one PostgreSQL and one Redis are one chat."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.request import urlopen

import pytest
from tests.support.cluster import HALL, Cluster, token_of
from tests.support.crowd import answer_to
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer, needs_redis

from conclave.client.wire import connect
from conclave.testing import Client

pytestmark = [
    pytest.mark.slow,
    needs_redis,
]


@pytest.fixture
async def cluster(
    tmp_path: Path, postgresql: Postgres, redis: RedisServer
) -> AsyncIterator[Cluster]:
    made = await Cluster.open(tmp_path, postgresql, redis, ["ann", "bob", "eve"])
    await asyncio.gather(*(asyncio.to_thread(made.start, name) for name in "ab"))
    yield made
    await asyncio.to_thread(made.close)


async def both(cluster: Cluster, stack: AsyncExitStack) -> tuple[Client, Client]:
    """Let Ann in by one node and Bob by the other."""
    ann = await stack.enter_async_context(cluster.client("a", "ann"))
    await ann.ask("join:room", room=HALL)
    bob = await stack.enter_async_context(cluster.client("b", "bob"))
    await bob.ask("join:room", room=HALL)
    await ann.expect("chat", text="Bob has joined the room")
    return ann, bob


async def test_what_is_said_on_one_is_heard_on_the_other_and_who_is_there(cluster) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await both(cluster, stack)
        (seen,) = bob.told("presence")[-1:]
        assert {one["id"] for one in seen["users"]} == {"ann", "bob"}
        for n, (speaker, listener) in enumerate([(ann, bob), (bob, ann)] * 5):
            said = await speaker.ask("chat", room=HALL, text=f"message {n}")
            heard = await listener.expect("chat", text=f"message {n}", within=2)
            assert heard["seq"] == said["seq"]


async def test_who_was_on_a_node_that_is_killed_leaves_once_in_45_seconds(cluster) -> None:
    async with AsyncExitStack() as stack:
        ann, _bob = await both(cluster, stack)
        cluster.nodes["b"].send_signal(signal.SIGKILL)
        began = time.monotonic()
        await ann.expect("chat", text="Bob has left the room", within=45)
        assert time.monotonic() - began > 10
        await asyncio.sleep(1)
        assert len(ann.told("chat", text="Bob has left the room")) == 1


async def test_a_node_that_is_stopped_takes_its_people_along_at_once(cluster) -> None:
    async with AsyncExitStack() as stack:
        ann, _bob = await both(cluster, stack)
        cluster.nodes["b"].send_signal(signal.SIGTERM)
        await ann.expect("chat", text="Bob has left the room", within=10)


def conclave(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conclave", *words]
    environ = {**os.environ, **variables}
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=30, check=False
    )


async def test_a_node_that_would_be_alone_does_not_start_beside_others(cluster, tmp_path) -> None:
    words = ("serve", "--port", "0", "--data", str(tmp_path / "c"))
    variables = {"CONCLAVE_DATABASE": cluster.database}
    refused = await asyncio.to_thread(conclave, *words, **variables)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "is in use by another server" in refused.stderr


async def test_nodes_that_have_not_the_same_secret_say_so(cluster) -> None:
    def ready(node: str) -> str:
        with urlopen(f"http://127.0.0.1:{cluster.nodes[node].port}/ready", timeout=30) as answer:
            return str(answer.read())

    assert "degraded" not in await asyncio.to_thread(ready, "a")
    await asyncio.to_thread(cluster.start, "c", secret=bytes(range(100, 132)))
    await asyncio.sleep(2.5)
    for node in "ac":
        assert "the same secret.key?" in await asyncio.to_thread(ready, node)


async def test_the_doctor_hears_by_redis_and_says_where_it_does_not(cluster, tmp_path) -> None:
    variables = {"CONCLAVE_DATABASE": cluster.database, "CONCLAVE_REDIS": cluster.redis.url}
    words = ("doctor", "--data", str(tmp_path / "a"))
    looked = await asyncio.to_thread(conclave, *words, **variables)
    assert "redis: Redis " in looked.stdout
    assert "carries conclave:hints" in looked.stdout
    await asyncio.to_thread(cluster.redis.kill)
    looked = await asyncio.to_thread(conclave, *words, **variables)
    assert looked.returncode == 1
    assert "PROBLEM  redis: conclave:hints: " in looked.stdout


async def test_a_page_that_was_let_in_by_one_node_opens_its_socket_on_the_other(cluster) -> None:
    def ticket() -> str:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{cluster.nodes['a'].port}/api/v1/tickets",
            headers={"Authorization": f"Bearer {token_of('ann')}"},
            method="POST",
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return str(json.load(answer)["ticket"])

    given = await asyncio.to_thread(ticket)
    for node, good in (("b", True), ("a", False)):
        async with connect(cluster.nodes[node].url) as wire:
            wire.send("auth", id="a", token=given)
            answer = await answer_to(wire, "a")
            assert (answer.type == "auth:response" and answer.data["success"]) is good
