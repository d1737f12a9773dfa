"""A server that forgets its past while people talk: I9 of the limits."""

import asyncio
import statistics
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.chaos.run import WORDS
from tests.support.crowd import answer_to, come_in
from tests.support.long_log import grow
from tests.support.node_process import NodeProcess

from conclave.cli.control import ask
from conclave.client.wire import connect
from conclave.storage import SqliteStore
from conclave.storage.backup import reading
from conclave.storage.demo import seed_demo
from conclave.storage.verify import verify

# Milliseconds; 99 of 100 acks must come within it.
ACK_WITHIN = 250
TALKERS = 5
EVERY = 0.05
KEPT = 500


async def _make(data: Path, past: int) -> None:
    store = await SqliteStore.open(data)
    await seed_demo(store)
    await store.close()
    await asyncio.to_thread(grow, data / "conclave.db", "random", past)
    store = await SqliteStore.open(data)
    while await store.index_lag():
        await store.index()
    await store.close()


async def _talk(url: str, name: str, room: str, took: list[float], done: asyncio.Event) -> None:
    async with connect(url) as wire:
        await come_in(wire, name, room)
        number = 0
        while not done.is_set():
            number += 1
            began = time.monotonic()
            wire.send("chat", id=f"{name}-{number}", room=room, text=f"{name} says {number}")
            answer = await answer_to(wire, f"{name}-{number}")
            assert answer.type == "ack", answer
            took.append(1000 * (time.monotonic() - began))
            await asyncio.sleep(EVERY)


def _first_and_last(database: Path) -> tuple[int, int, int]:
    """Return where the log begins by its room's numbers and by itself, and where it ends."""
    query = """
        SELECT first_seq, (SELECT min(seq) FROM entries WHERE room = rooms.id), last_seq
        FROM rooms WHERE name = 'random'
    """
    with closing(reading(database)) as connection:
        first, there, last = connection.execute(query).fetchone()
    return int(first), int(there), int(last)


async def _purge_while_they_talk(
    url: str, data: Path, past: int
) -> tuple[list[float], list[int], int]:
    """Return how long acks took, all first numbers that were seen, and the last number."""
    took: list[float] = []
    seen: list[int] = []
    last = 0
    done = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for n in range(TALKERS):
            room = "random" if n % 2 else "general"
            tasks.create_task(_talk(url, f"talker{n}", room, took, done))
        while len(took) < 10 * TALKERS:
            await asyncio.sleep(EVERY)
        took.clear()
        began = time.monotonic()
        wanted = {"room": "random", "messages": KEPT, "change": True}
        await asyncio.to_thread(lambda: ask(data, "room retention", **wanted))
        while not seen or seen[-1] < past - KEPT:
            first, there, last = await asyncio.to_thread(_first_and_last, data / "conclave.db")
            assert there == first, "its first number is not that of its first entry"
            seen.append(first)
            await asyncio.sleep(0.05)
        print(f"{seen[-1] - 1} purged in {time.monotonic() - began:.1f} s; ", end="")
        # So that there are enough of them, also where the purge was quick.
        while len(took) < 200:
            await asyncio.sleep(EVERY)
        done.set()
    return took, seen, last


@pytest.mark.parametrize(
    "past",
    [
        pytest.param(6_000, id="6,000 messages", marks=pytest.mark.alone),
        pytest.param(
            1_000_000,
            id="1,000,000 messages",
            marks=[pytest.mark.slow, pytest.mark.timeout(3_000)],
        ),
    ],
)
async def test_a_purge_of_the_past_holds_nobody_up(tmp_path, past) -> None:
    data = tmp_path / "data" / "demo"
    database = data / "conclave.db"
    await _make(data, past)
    node = await asyncio.to_thread(NodeProcess, tmp_path / "data", *WORDS)
    try:
        took, seen, last = await _purge_while_they_talk(node.url, data, past)
    finally:
        await asyncio.to_thread(node.kill)
    p99 = statistics.quantiles(took, n=100)[98]
    print(f"{len(took)} acks, p99 {p99:.0f} ms, the longest {max(took):.0f} ms")
    assert p99 <= ACK_WITHIN
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    # What was said meanwhile counts as well: so many messages are left at the end, or more.
    assert last - seen[-1] + 1 >= KEPT
    assert await asyncio.to_thread(lambda: list(verify(database))) == []
