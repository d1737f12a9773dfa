"""
Five thousand clients lose their server at once and come back (F9).

The server is killed: of one alone that is started again, and of one of two nodes, whose clients
come to the other. What the store was asked is counted by the databases themselves.
"""

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from tests.support.checker import Book, check, history_of, read_journals
from tests.support.cluster import KEYS, Cluster, token_of
from tests.support.crowd import Sender
from tests.support.node_process import NodeProcess
from tests.support.postgres import Postgres, running
from tests.support.redis_server import BINARY, RedisServer
from tests.support.stampede import Herd, Returner
from tests.support.statements import FOR_ALL, asked_since

from conclave.auth.secret import load_key
from conclave.auth.tokens import digest
from conclave.client.wire import connect
from conclave.model import Identity, User
from conclave.storage import SqliteStore
from conclave.storage.postgres.moving import move
from conclave.storage.postgres.store import PostgresStore

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(600)]

ROOMS = 100
EACH = 3
BACK_WITHIN = 60.0
CALM_AFTER = 30.0
MOST_ATTEMPTS = 8
MOST_QUERIES = 3
# Beside the two that are each one's own: statements of a node that starts, and of what it does now
# and then. Fewer clients than are asked for share them among few.
ASKED_BY_A_NODE = 300
ALL_OF_THEM = 5_000
SPEAKERS = 10
COUNTED = ("-c", "shared_preload_libraries=pg_stat_statements",
           "-c", "pg_stat_statements.track_utility=off", "-c", "fsync=off")  # fmt: skip
# All from one address, which may come so often; and nothing else keeps them out. Of fewer as
# many fewer are let in, so that it takes them as long.
RATE = 300 / 5_000
WORDS = (
    "--rate", "0", "--http-rate", "0", "--max-connections", "0",
    "--max-connections-per-user", "0", "--max-connections-per-address", "0",
    "--max-unauthenticated-per-address", "0", "--max-http-per-address", "0",
    "--max-http", "0",
)  # fmt: skip
PROGRAM = ("--app", "tests.support.statements:APP")


def words(count: int) -> tuple[str, ...]:
    return (*WORDS, "--connection-rate", f"{count * RATE}", *PROGRAM)


def rooms_of(n: int) -> list[str]:
    return [f"room{(n + k) % ROOMS}" for k in range(EACH)]


def speakers() -> list[str]:
    return [f"s{n}" for n in range(SPEAKERS)]


async def seed(place: Path, count: int) -> dict[str, int]:
    """Make the people, their tokens and their rooms; return where each room ends."""
    store = await SqliteStore.open(place)
    for key in KEYS:
        await asyncio.to_thread(load_key, place / key)
    root = Identity(user="root", name="Root")
    for n in range(ROOMS):
        await store.create_room(f"room{n}", root)

    async def make(n: int) -> None:
        name = f"u{n}"
        await store.put_user(User(id=name, name=name, display_name=name))
        await store.create_token(name, digest(token_of(name)), name="test")
        for room in rooms_of(n):
            await store.ensure_member(room, Identity(user=name, name=name))

    for first in range(0, count, 200):
        await asyncio.gather(*(make(n) for n in range(first, min(first + 200, count))))
    heads = await store.heads([f"room{n}" for n in range(ROOMS)])
    await store.close()
    return heads


class Canary(Sender):
    """Says something ten times a second, and notes when, and how long its answer took."""

    def __init__(self, *words: object) -> None:
        super().__init__(*words, every=0.1)
        self.took: list[tuple[float, float]] = []

    async def _send(self, wire, id_):
        began = time.monotonic()
        await super()._send(wire, id_)
        self.took.append((began, time.monotonic() - began))

    def p99(self, since: float) -> float:
        took = [seconds for at, seconds in self.took if at >= since]
        assert len(took) >= 100, "it was not heard"
        return statistics.quantiles(took, n=100)[98]


class Stampede:
    """The herd, those who speak, and the canary: `at` names the server they lose."""

    def __init__(self, place: Path, urls: list[str], heads: dict[str, int], epoch: str) -> None:
        self.place, self.heads = place, heads
        self.books = [Book(place / f"{name}.jsonl") for name in ("herd", "talk")]
        self.herd = Herd(urls, self.books[0], epoch)
        self.clients: list[Returner] = []
        self.talk = [
            Sender(urls, name, f"room{n * ROOMS // SPEAKERS}", self.books[1])
            for n, name in enumerate(speakers())
        ]
        for one in self.talk:
            one._every = 1.0
        self.canary = Canary(urls, "canary", "canary", self.books[1])
        for one in (*self.talk, self.canary):
            # All go where the herd goes, also when it changes.
            one.urls = urls
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self, count: int) -> None:
        for n in range(count):
            known = {room: self.heads[room] for room in rooms_of(n)}
            self.clients.append(Returner(self.herd, f"u{n}", token_of(f"u{n}"), known))
        for one in self.clients:
            self._tasks.append(asyncio.create_task(one.run()))
            # At first they come one after the other.
            await asyncio.sleep(1.1 / (count * RATE))
        await self.all_inside(count, 240)
        self._tasks += [asyncio.create_task(one.run()) for one in (*self.talk, self.canary)]
        await asyncio.sleep(3)
        self.herd.scatter()

    async def all_inside(self, count: int, within: float) -> float:
        began = time.monotonic()
        while self.herd.inside < count:
            for task in self._tasks:
                assert not task.done() or task.exception() is None, task.exception()
            assert time.monotonic() - began < within, (self.herd.inside, self.herd.refused)
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def lost(self, count: int) -> None:
        """Wait until all have noticed."""
        while self.herd.inside > count // 10 and len(self.herd.attempts) < count:
            await asyncio.sleep(0.01)

    async def quiet(self) -> None:
        """Let nobody say anything more, and wait until everything is acknowledged."""
        for one in (*self.talk, self.canary):
            one.enough.set()
        done = self._tasks[len(self.clients) :]
        await asyncio.wait_for(asyncio.gather(*done), 60)

    @property
    def paths(self) -> list[Path]:
        return [self.place / "herd.jsonl", self.place / "talk.jsonl"]

    async def settled(self, heads: dict[str, int]) -> None:
        await asyncio.gather(*(one.settle(heads, 60) for one in self.clients))

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for book in self.books:
            await asyncio.to_thread(book.close)

    def tell(self, **numbers: object) -> None:
        tries = Counter(self.herd.attempts.values())
        print(
            json.dumps(
                {
                    "fault": "F9",
                    "clients": len(self.clients),
                    "attempts": dict(sorted(tries.items())),
                    "refused": self.herd.refused,
                    **numbers,
                }
            )
        )

    def judge(self, *, back: float, killed: float) -> None:
        """What holds whichever database there is."""
        tries = self.herd.attempts
        p99 = self.canary.p99(killed + CALM_AFTER)
        self.tell(back_s=round(back, 1), canary_p99_ms=round(p99 * 1000, 1))
        assert set(tries) == {one.name for one in self.clients}, "all have lost it"
        assert self.herd.refused, "nobody had to wait"
        assert back <= BACK_WITHIN
        assert max(tries.values()) <= MOST_ATTEMPTS
        assert p99 <= 1.0

    def judge_queries(self, asked: Counter[str]) -> None:
        """What the store was *asked* while all came back and nobody said anything."""
        of_some = sum(calls for kind, calls in asked.items() if not FOR_ALL.match(kind))
        each = of_some / len(self.clients)
        self.tell(
            queries_each=round(each, 3),
            with_those_for_all=round(asked.total() / len(self.clients), 3),
            kinds=dict(asked.most_common(6)),
        )
        assert set(self.herd.attempts) == {one.name for one in self.clients}
        own = 0 if len(self.clients) >= ALL_OF_THEM else ASKED_BY_A_NODE
        assert each <= MOST_QUERIES + own / len(self.clients)


@asynccontextmanager
async def stampede(
    place: Path, urls: list[str], heads: dict[str, int], epoch: str
) -> AsyncIterator[Stampede]:
    made = Stampede(place, urls, heads, epoch)
    try:
        yield made
    finally:
        await made.end()


@pytest.mark.parametrize("count", [200, 1_000, 5_000])
async def test_all_come_back_to_a_server_that_is_started_again(tmp_path: Path, count: int) -> None:
    data = tmp_path / "data"
    heads = await seed(data, count)
    how = words(count)
    with ExitStack() as stack:
        first = await asyncio.to_thread(NodeProcess, data, *how)
        stack.callback(first.kill)
        epoch = await epoch_of(first)
        async with stampede(tmp_path, [first.url], heads, epoch) as crowd:
            await crowd.begin(count)
            killed = time.monotonic()
            first.kill()
            second = await asyncio.to_thread(NodeProcess, data, *how, port=first.port)
            stack.callback(second.kill)
            await crowd.all_inside(count, 2 * BACK_WITHIN)
            back = max(crowd.herd.at) - killed
            await asyncio.sleep(max(0.0, killed + CALM_AFTER + 15 - time.monotonic()))
            crowd.judge(back=back, killed=killed)
            assert (await asked_since(second.url))[1] == 0
            await crowd.quiet()
            # And once more, while nobody says anything: to count what they ask.
            crowd.herd.scatter()
            second.kill()
            third = await asyncio.to_thread(NodeProcess, data, *how, port=first.port)
            stack.callback(third.kill)
            await crowd.all_inside(count, 2 * BACK_WITHIN)
            crowd.judge_queries((await asked_since(third.url))[0])
            third.kill()
            store = await SqliteStore.open(data)
            history = await history_of(store, [*heads, "canary"])
            await crowd.settled({room: lines[-1].seq for room, lines in history.items()})
            await store.close()
    assert not check(read_journals(crowd.paths), history)


@pytest.mark.skipif(BINARY is None, reason="apt install redis-server")
@pytest.mark.parametrize("count", [200, 1_000, 5_000])
async def test_all_of_a_node_come_to_the_other(tmp_path: Path, count: int) -> None:
    heads = await seed(tmp_path / "seed", count)
    with ExitStack() as stack:
        postgres = await asyncio.to_thread(stack.enter_context, running(*COUNTED))
        database = await asyncio.to_thread(postgres.empty)
        await asyncio.to_thread(move, tmp_path / "seed", database)
        redis = await asyncio.to_thread(RedisServer(tmp_path).start)
        stack.callback(redis.kill)
        cluster = Cluster(tmp_path, database, redis)
        stack.callback(cluster.close)
        a, b = [await asyncio.to_thread(cluster.start, name, *words(count)) for name in "ab"]
        await asyncio.to_thread(postgres.run, "CREATE EXTENSION pg_stat_statements")
        async with stampede(tmp_path, [a.url], heads, await epoch_of(a)) as crowd:
            await crowd.begin(count)
            killed = time.monotonic()
            crowd.herd.urls.append(b.url)
            a.kill()
            await crowd.lost(count)
            await crowd.all_inside(count, 2 * BACK_WITHIN)
            back = max(crowd.herd.at) - killed
            await asyncio.sleep(max(0.0, killed + CALM_AFTER + 15 - time.monotonic()))
            crowd.judge(back=back, killed=killed)
            assert (await asked_since(b.url))[1] == 0
            await crowd.quiet()
            # And back to the first one, while nobody says anything: to count what they ask.
            crowd.herd.scatter()
            a = await asyncio.to_thread(cluster.start, "a", *words(count), port=a.port)
            await asyncio.to_thread(asked_of, postgres)
            b.kill()
            await crowd.lost(count)
            await crowd.all_inside(count, 2 * BACK_WITHIN)
            crowd.judge_queries(await asyncio.to_thread(asked_of, postgres))
            store = await PostgresStore.open(database, tmp_path / "last", alone=False)
            history = await history_of(store, [*heads, "canary"])
            await crowd.settled({room: lines[-1].seq for room, lines in history.items()})
            await store.close()
    assert not check(read_journals(crowd.paths), history)


def asked_of(postgres: Postgres) -> Counter[str]:
    """
    Return what PostgreSQL was asked to read since the last time.

    Not what it asks itself when it analyzes a table: there it calls the function of an index.
    """
    query = """
        SELECT query, calls FROM pg_stat_statements
        WHERE query ~* '^\\s*(select|with)' AND query NOT LIKE '%pg_stat%'
        AND query NOT LIKE 'SELECT CASE WHEN found ~%'
    """
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        found: Counter[str] = Counter()
        for text, calls in connection.execute(query).fetchall():
            found[" ".join(text.split())[:160]] += calls
        connection.execute("SELECT pg_stat_statements_reset()")
    return found


async def epoch_of(server: NodeProcess) -> str:
    async with connect(server.url) as wire:
        wire.send("auth", token="i-am-curious")
        wire.send("join:room", id="join", room="room0")
        while (event := await wire.receive()).id != "join":
            pass
        return str(event.data["epoch"])
