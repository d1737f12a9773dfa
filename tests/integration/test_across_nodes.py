"""What is done on one server reaches who is connected to the other one."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from tests.conformance.engines import soon
from tests.support.cluster import HALL, Cluster, token_of
from tests.support.postgres import Postgres
from tests.support.proxy import Proxy
from tests.support.push_service import PushService
from tests.support.redis_server import RedisServer, needs_redis

from conclave.protocol.errors import Close, Reject
from conclave.testing import Client

pytestmark = [
    pytest.mark.slow,
    needs_redis,
]


@pytest.fixture
async def cluster(
    tmp_path: Path, postgresql: Postgres, shared_redis: RedisServer
) -> AsyncIterator[Cluster]:
    made = await Cluster.open(tmp_path, postgresql, shared_redis, ["ann", "bob", "eve"])
    await asyncio.gather(*(asyncio.to_thread(made.start, name) for name in "ab"))
    yield made
    await asyncio.to_thread(made.close)


async def both(cluster: Cluster, stack: AsyncExitStack) -> tuple[Client, Client]:
    """Let Ann in by one node and Bob by the other; Bob is in no room."""
    ann = await stack.enter_async_context(cluster.client("a", "ann"))
    await ann.ask("join:room", room=HALL)
    bob = await stack.enter_async_context(cluster.client("b", "bob"))
    return ann, bob


async def test_who_is_named_is_notified_and_what_is_unread_is_told(cluster) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await both(cluster, stack)
        said = await ann.ask("chat", room=HALL, text="hello @bob", mentions=["bob"])
        changed = await bob.expect("room:changed", room=HALL, within=4)
        assert changed["last_seq"] == said["seq"]
        told = await bob.expect("notice", room=HALL, mention=True, within=4)
        assert told["seq"] == said["seq"]


async def test_what_is_unread_is_told_although_the_hint_was_lost(cluster, shared_redis) -> None:
    async with Proxy(shared_redis.port) as proxy:
        far = f"redis://127.0.0.1:{proxy.port}/0"
        await asyncio.to_thread(cluster.start, "c", redis=far)
        async with cluster.client("a", "ann") as ann, cluster.client("c", "bob") as bob:
            await ann.ask("join:room", room=HALL)
            await ann.ask("room:create", room="court")
            await ann.ask("room:invite", room="court", user="bob")
            await bob.expect("room:changed", room="court", within=3)
            await asyncio.sleep(2)
            bob.forget()
            # Without a word, and so that nothing more comes.
            for link in proxy.links:
                link.held = True
            said = await ann.ask("chat", room=HALL, text="into the dark")
            await bob.expect("room:changed", room=HALL, last_seq=said["seq"], within=14)
            assert len(bob.told("room:changed", room="court")) <= 1
            await ann.ask("room:delete", room="court")
            await bob.expect("room:gone", room="court", within=14)
        await asyncio.to_thread(cluster.nodes["c"].kill)


async def test_a_room_that_is_deleted_is_gone_at_once_on_the_other_node(cluster) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await both(cluster, stack)
        eve = await stack.enter_async_context(cluster.client("b", "eve"))
        await bob.ask("join:room", room=HALL)
        await ann.ask("room:delete", room=HALL)
        await bob.expect("room:gone", room=HALL, within=2)
        await eve.expect("room:gone", room=HALL, within=2)
        with pytest.raises(Reject):
            await bob.ask("chat", room=HALL, text="into nothing")
        assert len(bob.told("room:gone")) == len(eve.told("room:gone")) == 1


@pytest.mark.parametrize("how", ["kick", "ban"])
async def test_who_is_sent_away_hears_no_more_on_the_other_node(cluster, how) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await both(cluster, stack)
        await bob.ask("join:room", room=HALL)
        await ann.ask(f"room:{how}", room=HALL, user="bob")
        began = time.monotonic()
        await ann.ask("chat", room=HALL, text="among us")
        gone = await bob.expect("room:gone", room=HALL, within=2)
        assert time.monotonic() - began < 2, gone
        await asyncio.sleep(0.5)
        assert bob.told("chat", text="among us") == []
        with pytest.raises(Reject):
            await bob.ask("chat", room=HALL, text="still here")


async def test_who_is_not_to_be_seen_is_not_seen_by_either_node(cluster) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await both(cluster, stack)
        await bob.ask("presence:set", status="invisible")
        await asyncio.sleep(0.5)
        other = await stack.enter_async_context(cluster.client("a", "bob"))
        assert other.told("presence:changed")[-1]["status"] == "invisible"
        await other.ask("join:room", room=HALL)
        await asyncio.sleep(0.5)
        assert [e for e in ann.told("chat") if "Bob" in e["text"]] == []
        # Back by the one that did not say so.
        await other.ask("presence:set", status="online")
        await ann.expect("chat", text="Bob has joined the room", within=5)
        await bob.expect("presence:changed", user="bob", status="online", within=5)


async def test_who_is_not_to_be_disturbed_is_not_by_either_node(cluster) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await both(cluster, stack)
        await bob.ask("presence:set", status="dnd")
        await asyncio.sleep(0.5)
        await ann.ask("chat", room=HALL, text="hello @bob", mentions=["bob"])
        await asyncio.sleep(1)
        assert bob.told("notice") == []


async def test_who_is_called_otherwise_is_so_on_the_other_node(cluster) -> None:
    async with AsyncExitStack() as stack:
        ann, bob = await both(cluster, stack)
        await bob.ask("join:room", room=HALL)
        eve = await stack.enter_async_context(cluster.client("a", "eve"))
        await eve.ask("join:room", room=HALL)
        await bob.ask("profile:set", display_name="Robert")
        await ann.expect("profile:changed", user="bob", display_name="Robert", within=3)
        again = await stack.enter_async_context(cluster.client("a", "bob"))
        await again.ask("join:room", room=HALL)
        seen = again.told("presence")[-1]["users"]
        assert {"id": "bob", "name": "Robert"}.items() <= next(
            one for one in seen if one["id"] == "bob"
        ).items()


@pytest.mark.parametrize("how", ["token revoke", "user deactivate"])
async def test_who_is_shut_out_on_one_is_out_on_both_in_two_seconds(cluster, how) -> None:
    async with AsyncExitStack() as stack:
        bobs = [await stack.enter_async_context(cluster.client(node, "bob")) for node in "aabbb"]
        ann = await stack.enter_async_context(cluster.client("b", "ann"))
        words = [*how.split(), "bob", "--all"] if how == "token revoke" else [*how.split(), "bob"]
        await asyncio.to_thread(conclave, *words, "--data", str(cluster.place / "a"))
        for bob in bobs:
            assert (await bob.ended(2))[0] in (Close.SESSION_REVOKED, Close.BANNED)
        await ann.ask("heartbeat", timestamp=1)
        with pytest.raises((Reject, AssertionError)):
            async with cluster.client("b", "bob"):
                pass


async def test_webhooks_are_told_all_once_and_in_order_and_by_the_other_when_one_dies(
    tmp_path, postgresql, shared_redis
) -> None:
    cluster = await Cluster.open(tmp_path, postgresql, shared_redis, ["ann", "bob"])
    async with PushService() as service, AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, cluster.close)
        for name in "ab":
            await asyncio.to_thread(cluster.start, name, "--webhook-origin", service.origin)
        words = ("outgoing", f"{service.origin}/in", "--name", "tell", "--room", HALL)
        await asyncio.to_thread(conclave, "webhook", *words, "--data", str(cluster.place / "a"))
        ann = await stack.enter_async_context(cluster.client("a", "ann"))
        bob = await stack.enter_async_context(cluster.client("b", "bob"))
        for one in (ann, bob):
            await one.ask("join:room", room=HALL)

        def told() -> list[str]:
            return [json.loads(got.body)["data"]["text"] for got in service.got]

        said = [f"message {n}" for n in range(20)]
        for n, text in enumerate(said):
            await (ann if n % 2 else bob).ask("chat", room=HALL, text=text)
        await soon(lambda: told() == said, within=15)
        # Whichever it was that told them.
        await asyncio.to_thread(cluster.nodes["a"].kill)
        await bob.ask("chat", room=HALL, text="after all")
        await soon(lambda: told() == [*said, "after all"], within=15)


async def test_a_file_that_came_by_one_node_is_given_by_the_other(cluster) -> None:
    path = f"/api/v1/rooms/{HALL}/attachments?name=a.txt"
    made = await asyncio.to_thread(asked, cluster, "a", "ann", path, b"hello")
    async with cluster.client("a", "ann") as ann:
        await ann.ask("join:room", room=HALL)
        id_ = json.loads(made)["id"]
        await ann.ask("chat", room=HALL, text="see", attachments=[{"id": id_}])
        got = await asyncio.to_thread(asked, cluster, "b", "bob", f"/api/v1/attachments/{id_}")
        assert got == b"hello"


def asked(cluster: Cluster, node: str, user: str, path: str, body: bytes | None = None) -> bytes:
    url = f"http://127.0.0.1:{cluster.nodes[node].port}{path}"
    headers = {"authorization": f"Bearer {token_of(user)}", "content-type": "text/plain"}
    with urlopen(Request(url, body, headers), timeout=10) as answer:
        data: bytes = answer.read()
        return data


def conclave(*words: str) -> None:
    """As an operator on the machine of a node."""
    command = [sys.executable, "-m", "conclave", *words]
    subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
