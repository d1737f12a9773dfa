"""
How long it takes to find a word, and to read a page, among a million messages.

Makes a database in bulk: rooms of very different sizes, words as rare and as common as in
speech, one message in ten Chinese. Lets the index follow, and meanwhile measures how long
an acknowledgement takes. Then asks, for users in one, 100 and all rooms, at the store and
at the socket, quiet and while messages are written; each answer is held against the rooms
of who asked. Prints one line for each kind: milliseconds of the clock, and of CPU, which
means more where others compute beside it.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.million import FIRST_TIME, HAN, SPAN, Speech, World, make
from tests.support.people import APP

from conclave import testing
from conclave.core.query import parse
from conclave.model import SYSTEM, Draft
from conclave.storage import SqliteStore


class Took(NamedTuple):
    """Milliseconds: of the clock, and of CPU of this whole process."""

    wall: float
    cpu: float


async def timed(answer: Awaitable[Any]) -> Took:
    began, cpu = time.perf_counter(), time.process_time()
    await answer
    return Took((time.perf_counter() - began) * 1_000, (time.process_time() - cpu) * 1_000)


def show(name: str, took: list[Took]) -> None:
    parts = []
    for column in zip(*took, strict=True):
        times = sorted(column)
        middle, late = statistics.median(times), times[int(len(times) * 0.99)]
        parts.append(f"p50 {middle:7.2f}  p99 {late:7.2f}  max {times[-1]:7.2f}")
    print(f"{name:<48} {parts[0]}   CPU {parts[1]}", flush=True)


def kinds(speech: Speech) -> dict[str, Callable[[], str]]:
    """Return what is asked for, each time another."""
    words, chance = speech.words, speech.chance

    def said() -> str:
        while not (text := speech.text()).isascii():
            pass
        return text

    def phrase() -> str:
        pairs = list(pairwise(said().split()))
        return '"' + " ".join(chance.choice(pairs)) + '"'

    return {
        "a rare word": lambda: chance.choice(words[20_000:]) + " ",
        "a common word": lambda: chance.choice(words[:20]) + " ",
        "any word": lambda: chance.choice(said().split()) + " ",
        "no word there is": lambda: f"zz{chance.randint(0, 10**9)} ",
        "two words": lambda: " ".join(chance.sample(said().split(), 2)) + " ",
        "a phrase": phrase,
        "a beginning of three letters": lambda: chance.choice(words[2_000:])[:3],
        "two characters of Han": lambda: "".join(chance.sample(HAN[:200], 2)),
        "one character of Han": lambda: chance.choice(HAN[:200]),
        "a person's common word": lambda: (
            f"from:user-{chance.randint(1, 200)} {chance.choice(words[:20])} "
        ),
    }


async def ask_store(store: SqliteStore, world: World, speech: Speech, times: int) -> None:
    for who, rooms in world.people.items():
        mine, reader = set(rooms), world.identity(who).user

        async def ask(query: str, mine: set[str] = mine, reader: str = reader) -> None:
            found = await store.search(parse(query), reader=reader)
            assert {hit.room for hit in found.hits} <= mine

        for kind, make_query in kinds(speech).items():
            took = [await timed(ask(make_query())) for _ in range(times)]
            show(f"  {who}: {kind}", took)


async def ask_socket(server: testing.Server, world: World, speech: Speech, times: int) -> None:
    for who, rooms in world.people.items():
        mine = set(rooms)
        async with server.client(f"i-am-{world.identity(who).user}") as client:

            async def ask(query: str, mine: set[str] = mine, client: Any = client) -> None:
                found = await client.ask("search", query=query)
                assert {hit["room"] for hit in found["hits"]} <= mine

            took = []
            for make_query in kinds(speech).values():
                took += [await timed(ask(make_query())) for _ in range(times)]
            show(f"  {who}: all kinds", took)


async def read_pages(store: SqliteStore, world: World, speech: Speech, times: int) -> None:
    room, size = world.rooms[0], world.sizes[0]
    some = speech.chance.randint
    pages: dict[str, Callable[[], dict[str, Any]]] = {
        "the last": dict,
        "before": lambda: {"before": some(1, size)},
        "after": lambda: {"after": some(1, size)},
        "around": lambda: {"around": some(1, size)},
        "a moment": lambda: {"at": FIRST_TIME + some(0, SPAN)},
        "a thread": lambda: {"thread": some(0, size // 512) * 64 + 3},
        "a thread, before": lambda: {"thread": some(0, size // 512) * 64 + 3, "before": size},
        "pinned": lambda: {"pinned": True},
    }
    for name, wanted in pages.items():
        took = [await timed(store.history(room, **wanted())) for _ in range(times)]
        show(f"  history: {name}", took)


@asynccontextmanager
async def writing(store: SqliteStore, world: World, speech: Speech, name: str) -> Any:
    """Write 100 messages a second, and let the index follow; show what acknowledging took."""
    acks: list[Took] = []

    async def write() -> None:
        while True:
            room = speech.chance.choice(world.rooms)
            draft = Draft(room=room, user=SYSTEM.user, name=SYSTEM.name, text=speech.text())
            acks.append(await timed(store.append(draft)))
            await asyncio.sleep(0.01)

    async def follow() -> None:
        while True:
            await store.index()
            await asyncio.sleep(0.25)

    tasks = [asyncio.create_task(write()), asyncio.create_task(follow())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        show(f"  acknowledging, {name}", acks)


async def catch_up(store: SqliteStore, world: World, speech: Speech) -> None:
    lag = await store.index_lag()
    began, cpu = time.perf_counter(), time.process_time()
    async with writing(store, world, speech, "while all is indexed"):
        while await store.index_lag() > 1_000:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.2)
    seconds = time.perf_counter() - began
    print(
        f"  {lag:,} entries in {seconds:.0f} s ({time.process_time() - cpu:.0f} s of CPU,"
        " with the writing beside it)"
    )


async def measure(data: Path, world: World, speech: Speech, times: int) -> None:
    store = await SqliteStore.open(data)
    if await store.index_lag() > 1_000:
        print("The index follows:")
        await catch_up(store, world, speech)
    async with writing(store, world, speech, "while nothing else goes on"):
        await asyncio.sleep(3)
    for _ in range(1_000):  # merges the parts of the index
        await store.index()
    print(f"The file has {(data / 'conclave.db').stat().st_size / 1e6:.0f} MB")
    print("At the store, quiet:")
    await ask_store(store, world, speech, times)
    await read_pages(store, world, speech, times)
    print("At the store, while messages are written:")
    async with writing(store, world, speech, "while it is searched"):
        await ask_store(store, world, speech, times)
    await store.close()
    async with testing.serve(APP, demo=False, data=data, rate=0) as server:
        print("At the socket, while messages are written:")
        async with writing(server.node.store, world, speech, "while it is searched"):
            await ask_socket(server, world, speech, times)


async def run(messages: int, rooms: int, times: int, keep: Path | None) -> None:
    world, speech = World(rooms, messages), Speech(7)
    with tempfile.TemporaryDirectory() as folder:
        data = keep or Path(folder)
        if not (data / "conclave.db").exists():
            began = time.perf_counter()
            await make(data, world, speech)
            print(f"{sum(world.sizes):,} messages made in {time.perf_counter() - began:.0f} s")
        await measure(data, world, speech, times)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--rooms", type=int, default=300)
    options.add_argument("--times", type=int, default=200, help="of each kind")
    options.add_argument("--keep", type=Path, help="a directory; what is there is used again")
    given = options.parse_args()
    asyncio.run(run(given.messages, given.rooms, given.times, given.keep))


if __name__ == "__main__":
    main()
