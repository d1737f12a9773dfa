"""A database of very many messages, made in bulk: rooms of all sizes, words as in speech."""

import asyncio
import random
from bisect import bisect
from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate
from pathlib import Path

from conclave.model import SYSTEM, Entry, Identity
from conclave.storage import SqliteStore
from conclave.storage.driver import driver
from conclave.storage.lines import to_row, ulids

FIRST_TIME = 1_700_000_000_000
# From the first message of a room to its last, in milliseconds.
SPAN = 60_000_000
LETTERS = "etaoinshrdlucmfwypvbgk"
HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 3_000)]


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
        for name, size in zip(world.rooms, world.sizes, strict=True):
            query = "SELECT id, last_seq FROM rooms WHERE name = ?"
            number, seq = connection.execute(query, (name,)).fetchone()
            every = max(1, SPAN // size)
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
