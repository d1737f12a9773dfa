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
import random
import statistics
import tempfile
import time
from bisect import bisect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.people import APP

from conclave import testing
from conclave.core.query import parse
from conclave.model import SYSTEM, Draft, Entry, Identity
from conclave.storage import SqliteStore
from conclave.storage.driver import driver
from conclave.storage.lines import to_row, ulids

FIRST_TIME = 1_700_000_000_000
LETTERS = "etaoinshrdlucmfwypvbgk"
HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 3_000)]
AT_ONCE = 20_000


class Speech:
    """Words as people use them: the n-th word comes about 1/n as often as the first."""

    def __init__(self, seed: int, size: int = 60_000) -> None:
        self.chance = random.Random(seed)
        made: set[str] = set()
        while len(made) < size:
            made.add("".join(self.chance.choices(LETTERS, k=self.chance.randint(2, 10))))
        self.words = sorted(made, key=lambda word: (len(word), word))
        self._weights = list(accumulate(1 / (n + 2.7) for n in range(size)))
        self._han = list(accumulate(1 / (n + 2.7) for n in range(len(HAN))))

    def _pick(self, weights: list[float]) -> int:
        return min(bisect(weights, self.chance.random() * weights[-1]), len(weights) - 1)

    def text(self) -> str:
        if self.chance.random() < 0.1:
            size = self.chance.randint(4, 40)
            return "".join(HAN[self._pick(self._han)] for _ in range(size))
        size = self.chance.randint(3, 20)
        return " ".join(self.words[self._pick(self._weights)] for _ in range(size))


class World:
    """Rooms and who is in them."""

    def __init__(self, rooms: int, messages: int) -> None:
        self.rooms = [f"room {n}" for n in range(rooms)]
        weights = [1 / (n + 1) for n in range(rooms)]
        self.sizes = [max(1, int(messages * weight / sum(weights))) for weight in weights]
        chance = random.Random(3)
        some = chance.sample(self.rooms, min(100, rooms))
        self.people = {
            "one small room": [self.rooms[-1]],
            "the great room": [self.rooms[0]],
            f"{len(some)} rooms": some,
            f"{rooms} rooms": self.rooms,
        }

    def identity(self, who: str) -> Identity:
        return Identity(user=who.replace(" ", "-"), name=who)


# ── making it ──────────────────────────────────────────────────────────────────────────


async def make(data: Path, world: World, speech: Speech) -> None:
    store = await SqliteStore.open(data)
    for room in world.rooms:
        await store.create_room(room, SYSTEM)
    for who, rooms in world.people.items():
        for room in rooms:
            await store.ensure_member(room, world.identity(who))
    await store.close()
    await asyncio.to_thread(_fill, data / "conclave.db", world, speech)


def _fill(file: Path, world: World, speech: Speech) -> None:
    with closing(driver().connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        step = 60_000_000_000 // sum(world.sizes)
        for name, size in zip(world.rooms, world.sizes, strict=True):
            query = "SELECT id, last_seq FROM rooms WHERE name = ?"
            number, seq = connection.execute(query, (name,)).fetchone()
            every = max(1, step * sum(world.sizes) // size // 1_000)
            rows = _rows(name, number, seq, size, every, speech)
            connection.executemany(f"INSERT INTO entries VALUES ({','.join('?' * 12)})", rows)
            connection.execute(
                "UPDATE rooms SET last_seq = ?, last_count = ?, last_time = ? WHERE id = ?",
                (seq + size, size, FIRST_TIME + size * every, number),
            )
        connection.execute("COMMIT")


def _rows(
    name: str, number: int, seq: int, size: int, every: int, speech: Speech
) -> Iterator[tuple[object, ...]]:
    made: list[str] = []
    for n in range(1, size + 1):
        made = made or ulids(FIRST_TIME, 1_000)
        author = speech.chance.randint(1, 200)
        # One of eight answers in the thread of an earlier message.
        extra = {"thread": seq + (n // 8 - 1) // 64 * 64 + 1} if n % 8 == 0 and n > 64 else {}
        entry = Entry(
            room=name,
            seq=seq + n,
            id=made.pop(),
            type="message",
            name=f"user {author}",
            user=f"user-{author}",
            timestamp=FIRST_TIME + n * every,
            text=speech.text(),
            extra=extra,
        )
        yield to_row(number, entry, n)


# ── measuring ──────────────────────────────────────────────────────────────────────────


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
