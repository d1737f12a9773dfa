"""
Ten thousand rooms, five thousand people in one room, and many rooms at once (F12).

On one server over SQLite, and on two nodes over PostgreSQL and Redis.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from tests.conformance.engines import soon
from tests.support.canary import scheduled
from tests.support.cluster import KEYS, Cluster, token_of
from tests.support.listeners import Listener
from tests.support.node_process import NodeProcess
from tests.support.postgres import running
from tests.support.redis_server import BINARY, RedisServer

from conclave.auth.secret import load_key
from conclave.auth.tokens import digest
from conclave.core.presence import MAX_LISTED, MAX_NOTICED
from conclave.model import Identity, User
from conclave.relay.roll import COUNT_EVERY
from conclave.storage import SqliteStore
from conclave.storage.postgres.moving import move

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(600)]

PLACES = (
    "--connection-rate", "0", "--http-rate", "0", "--max-connections", "0",
    "--max-connections-per-address", "0", "--max-unauthenticated-per-address", "0",
    "--max-http-per-address", "0", "--max-http", "0", "--rate", "0",
)  # fmt: skip
WHERE = [
    "alone",
    pytest.param(
        "two nodes",
        marks=pytest.mark.skipif(BINARY is None, reason="apt install redis-server"),
    ),
]
# How many join at a time.
AT_ONCE = 50
MIB = 1 << 20


async def seed(place: Path, people: int, rooms: dict[str, Iterable[int]]) -> None:
    """Make so many people with tokens, and *rooms* with those who are in them."""
    store = await SqliteStore.open(place)
    for key in KEYS:
        await asyncio.to_thread(load_key, place / key)

    async def make(n: int) -> None:
        await store.put_user(User(id=f"u{n}", name=f"u{n}", display_name=f"u{n}"))
        await store.create_token(f"u{n}", digest(token_of(f"u{n}")), name="test")

    async def furnish(room: str, members: Iterable[int]) -> None:
        first, *others = members
        await store.create_room(room, Identity(user=f"u{first}", name=f"u{first}"))
        for n in others:
            await store.ensure_member(room, Identity(user=f"u{n}", name=f"u{n}"))

    await in_parts([make(n) for n in range(people)])
    await in_parts([furnish(room, members) for room, members in rooms.items()])
    await store.close()


async def in_parts(work, size=AT_ONCE):
    for at in range(0, len(work), size):
        await asyncio.gather(*work[at : at + size])


@asynccontextmanager
async def served(
    tmp_path: Path, where: str, *words: str, people: int, rooms: dict[str, Iterable[int]]
) -> AsyncIterator[list[NodeProcess]]:
    """Give the nodes that there are."""
    await seed(tmp_path / "seed", people, rooms)
    async with AsyncExitStack() as stack:
        if where == "alone":
            node = await asyncio.to_thread(NodeProcess, tmp_path / "seed", *PLACES, *words)
            stack.callback(node.kill)
            yield [node]
            return
        postgres = await asyncio.to_thread(stack.enter_context, running("-c", "fsync=off"))
        database = await asyncio.to_thread(postgres.empty)
        await asyncio.to_thread(move, tmp_path / "seed", database)
        redis = await asyncio.to_thread(RedisServer(tmp_path).start)
        stack.callback(redis.kill)
        cluster = Cluster(tmp_path, database, redis)
        stack.callback(cluster.close)
        yield [await asyncio.to_thread(cluster.start, name, *PLACES, *words) for name in "ab"]


def tell(**numbers: object) -> None:
    print(json.dumps({"fault": "F12", **numbers}))


class Use:
    """What the nodes used since this was made."""

    def __init__(self, nodes: list[NodeProcess]) -> None:
        self._nodes = nodes
        self._cpu = [node.cpu for node in nodes]
        self._rss = [node.rss for node in nodes]

    @property
    def cpu(self) -> list[float]:
        now = [node.cpu for node in self._nodes]
        return [round(b - a, 2) for a, b in zip(self._cpu, now, strict=True)]

    @property
    def mib(self) -> list[float]:
        now = [node.rss for node in self._nodes]
        return [round((b - a) / MIB, 1) for a, b in zip(self._rss, now, strict=True)]


@pytest.mark.parametrize("where", WHERE)
async def test_five_thousand_in_one_room_are_told_a_number_once_a_second(
    tmp_path: Path, where: str
) -> None:
    half, count = 2_500, 5_000
    hall = {"hall": range(count)}
    words = ("--max-room-members", "0")
    async with served(tmp_path, where, *words, people=count, rooms=hall) as nodes:
        ears = [
            await Listener.connect(nodes[n % len(nodes)].port, token_of(f"u{n}"))
            for n in range(count)
        ]
        costs, whole = [], Use(nodes)
        for part in (ears[:half], ears[half:]):
            use, began = Use(nodes), time.monotonic()
            await in_parts([enter(one) for one in part])
            costs.append((sum(use.cpu), time.monotonic() - began))
        took = sum(seconds for _, seconds in costs)
        await soon(lambda: all(one.presence["count"] == count for one in ears), within=60)
        lists = [len(one.at) for one in ears]
        tell(
            where=where,
            people=count,
            cpu_s=[round(cpu, 2) for cpu, _ in costs],
            seconds=round(took, 1),
            lists_most=max(lists),
            list_bytes=max(len(one.last) for one in ears),
            mib=whole.mib,
        )
        for one in ears:
            assert not one.ended
            # Nobody's coming alone, but for the first few.
            assert one.notices <= MAX_NOTICED
            assert gaps_below(one.at[1:], 0.5 * COUNT_EVERY) == 0
            assert len(one.presence["users"]) == MAX_LISTED
        # They leave at once: told as a number, too.
        for one in ears:
            one.clear()
        for one in ears[half:]:
            one.close()
        await soon(lambda: all(one.presence["count"] == half for one in ears[:half]), within=90)
        assert sum(one.notices for one in ears[:half]) == 0
        for one in ears:
            one.close()


async def enter(one: Listener) -> None:
    answer = await one.ask("join:room", room="hall")
    assert answer["type"] == "history", answer


def gaps_below(at: list[float], least: float) -> int:
    """Return how many came sooner after the one before, at the sender: two may wait together."""
    return sum(c - a < least for a, c in zip(at, at[2:], strict=False))


@pytest.mark.parametrize("where", WHERE)
async def test_ten_thousand_rooms_with_one_member_each_hold_the_limits(
    tmp_path: Path, where: str
) -> None:
    people, each = 100, 100
    rooms = {f"r{n}": [n % people] for n in range(people * each)}
    rooms |= {f"more{n}": [0] for n in range(40)}
    async with served(tmp_path, where, people=people, rooms=rooms) as nodes:
        ears = [
            await Listener.connect(nodes[n % len(nodes)].port, token_of(f"u{n}"))
            for n in range(people)
        ]
        use, began = Use(nodes), time.monotonic()
        await asyncio.gather(*(enter_all(one, n, people, each) for n, one in enumerate(ears)))
        took, cpu, mib = time.monotonic() - began, use.cpu, use.mib
        # Each room has its one, and no more than so many are in one connection.
        refused = await ears[0].ask("join:rooms", rooms=[{"room": f"more{n}"} for n in range(40)])
        codes = [one["code"] for one in refused["data"]["refused"]]
        assert codes == ["too_many_rooms"] * 12
        over = await ears[1].ask("join:rooms", rooms=[{"room": f"r{n}"} for n in range(129)])
        assert over["data"]["code"] == "bad_request", over
        # While nobody does anything, and all rooms are looked through each five seconds.
        use = Use(nodes)
        ran, waited = map(sum, zip(*(scheduled(node.pid) for node in nodes), strict=True))
        acks = []
        until = time.monotonic() + 20
        while time.monotonic() < until:
            sent = time.monotonic()
            answer = await ears[2].ask("chat", room="r2", text=f"hello {sent}")
            assert answer["type"] == "ack", answer
            acks.append(time.monotonic() - sent)
            await asyncio.sleep(0.05)
        idle = use.cpu
        more = [scheduled(node.pid) for node in nodes]
        slowed = (sum(a + b for a, b in more) - ran - waited) / (sum(a for a, _ in more) - ran)
        acks.sort()
        p99 = acks[int(len(acks) * 0.99)]
        tell(
            where=where,
            rooms=people * each,
            seconds=round(took, 1),
            cpu_s=cpu,
            mib=mib,
            idle_cpu_share=[round(one / 20, 3) for one in idle],
            ack_p99_ms=round(p99 * 1000, 1),
            slowed=round(slowed, 1),
        )
        assert sum(mib) <= 128
        assert max(idle) / 20 <= 0.25, "ten thousand rooms in which nothing happens"
        assert p99 <= 0.25 * slowed
        for one in ears:
            # Its own comings are all that there are.
            assert one.notices <= 128
            assert not one.ended
            one.close()


async def enter_all(one: Listener, n: int, people: int, each: int) -> None:
    answer = await one.ask(
        "join:rooms", rooms=[{"room": f"r{n + k * people}"} for k in range(each)]
    )
    assert answer["type"] == "ack", answer
    assert answer["data"]["refused"] == []


@pytest.mark.parametrize("where", WHERE)
async def test_a_hundred_and_twenty_eight_rooms_in_one_message_are_joined(
    tmp_path: Path, where: str
) -> None:
    people = 20
    rooms = {f"r{n}": range(people) for n in range(128)}
    async with served(tmp_path, where, people=people, rooms=rooms) as nodes:
        wishes = [{"room": room} for room in rooms]
        took, use, asked = [], Use(nodes), 0
        for n in range(people):
            one = await Listener.connect(nodes[n % len(nodes)].port, token_of(f"u{n}"))
            began, left = time.monotonic(), wishes
            # All pages and all lists of who is there must fit into one queue: those that have
            # no place in it are said to be, and asked for once more.
            while left:
                answer = await one.ask("join:rooms", rooms=left)
                asked += 1
                assert answer["type"] == "ack", answer
                again = answer["data"]["refused"]
                assert {no["code"] for no in again} <= {"busy"}
                assert len(again) <= 8
                left = [{"room": no["room"]} for no in again]
            took.append(time.monotonic() - began)
        tell(
            where=where,
            rooms=128,
            people=people,
            asked=asked,
            worst_ms=round(max(took) * 1000),
            cpu_s=use.cpu,
            mib=use.mib,
        )
        assert max(took) <= 5
