"""
Edits and deletions while the room is purged, resumed and paged through (G13).

Numbers stay dense, a page holds what was written or a tombstone with its number, and whoever
resumes hears every entry once.
"""

import asyncio
import random

import pytest
from tests.support.people import app

from conclave import Reject, testing
from conclave.storage.purge import Keep, Purge
from conclave.storage.verify import verify

ROOM = "hall"
KEPT = 25


class Race:
    """One room that everything happens to at once; what each message's texts were."""

    def __init__(self, server: testing.Server, seed: int) -> None:
        self.server = server
        self.chance = random.Random(seed)
        self.texts: dict[int, set[str]] = {}
        self.seqs: list[int] = []
        self.changes = 0
        self.purges = 0
        self.pages = 0
        self.tombstones = 0
        self.resets = 0

    async def change(self, writer: testing.Client, count: int) -> None:
        """Write, edit and delete, *count* times in all."""
        for _ in range(count):
            self.changes += 1
            text = f"text {self.changes}"
            if len(self.seqs) < 50 or self.chance.random() < 0.4:
                # Known before it is told: a page may show it before its ack is here.
                stored = await writer.ask("chat", room=ROOM, text=text)
                self.texts.setdefault(stored["seq"], set()).add(text)
                self.seqs.append(stored["seq"])
                continue
            target = self.chance.choice(self.seqs[-200:])
            self.texts[target].add(text)
            about = {"room": ROOM, "target": target}
            try:
                if self.chance.random() < 0.7:
                    await writer.ask("message:edit", **about, text=text)
                else:
                    await writer.ask("message:delete", **about)
            except Reject as no:
                if no.code != "no_such_message":  # purged or deleted meanwhile
                    raise

    async def purge(self) -> None:
        while True:
            await Purge(self.server.node.store, Keep(messages=KEPT)).run()
            self.purges += 1
            await asyncio.sleep(0.02)

    async def turn_pages(self, reader: testing.Client) -> None:
        """Page back from the end, again and again: each page in order, each text once true."""
        before: dict = {}
        while True:
            page = await reader.ask("get:history", room=ROOM, limit=40, **before)
            seqs = [message["seq"] for message in page["messages"]]
            assert seqs == sorted(set(seqs))
            assert all(page["first_seq"] <= seq <= page["last_seq"] for seq in seqs)
            for message in page["messages"]:
                self._check(message)
            self.pages += 1
            await asyncio.sleep(0.005)
            before = {"before": seqs[0]} if page["more"] and seqs else {}

    def _check(self, message: dict) -> None:
        if message.get("deleted"):
            self.tombstones += 1
            assert message["text"] == ""
        elif message["seq"] in self.texts:
            assert message["text"] in self.texts[message["seq"]]

    async def resume(self, name: str) -> None:
        """Come and go; every entry comes once and in order, or a reset says that it does not."""
        position = None
        while True:
            async with self.server.client(f"i-am-{name}") as client:
                since = {"since": position} if position else {}
                page = await client.ask("join:room", room=ROOM, **since)
                upto, told = page["upto"], [line["seq"] for line in page["messages"]]
                if position and not page["reset"]:
                    assert told == list(range(position["seq"] + 1, upto + 1))
                self.resets += bool(position and page["reset"])
                position = {"epoch": page["epoch"], "seq": upto}
                while page["more"] and since and not page["reset"]:
                    page = await client.ask("join:room", room=ROOM, since=position)
                    position["seq"] = page["upto"]
                await asyncio.sleep(self.chance.uniform(0.0, 0.1))
                live = [
                    event.data["seq"]
                    for event in client.events
                    if event.type in ("chat", "entry") and "seq" in event.data
                ]
                assert live == list(range(position["seq"] + 1, position["seq"] + 1 + len(live)))
                position["seq"] += len(live)
            # Long enough, at times, to be purged meanwhile.
            await asyncio.sleep(self.chance.choice([0.0, 0.01, 0.3, 1.0, 1.5]))


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(400, id="400 changes"),
        pytest.param(2_000, id="2000 changes", marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
async def test_changes_race_with_purges_pages_and_resumes_and_nothing_is_wrong(tmp_path, count):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    async with testing.serve(app(), rate=0, data=tmp_path) as server:
        race = Race(server, seed)
        async with (
            server.client("i-am-ann") as ann,
            server.client("i-am-bob") as bob,
            asyncio.TaskGroup() as tasks,
        ):
            await ann.ask("room:create", room=ROOM)
            for client in (ann, bob):
                await client.ask("join:room", room=ROOM)
            others = [
                tasks.create_task(race.purge()),
                tasks.create_task(race.turn_pages(bob)),
                *(tasks.create_task(race.resume(f"eve{n}")) for n in range(3)),
            ]
            await race.change(ann, count)
            # On a quick machine all of it is over before anybody was away for long enough.
            while not (race.resets and race.tombstones) and race.changes < 10 * count:
                await race.change(ann, 20)
            for task in others:
                task.cancel()
            head = (await server.node.store.heads([ROOM]))[ROOM]
            told = [
                event.data["seq"]
                for event in ann.events
                if event.type in ("chat", "entry") and "seq" in event.data
            ]
            assert told == list(range(told[0], head + 1))
            page = await ann.ask("get:history", room=ROOM, after=0, **{"as": "entries"})
            assert page["first_seq"] > 1
    seen = (race.purges, race.pages, race.tombstones, race.resets)
    print("{} purges, {} pages, {} tombstones, {} resets".format(*seen))
    assert min(seen) > 0
    database = tmp_path / "demo" / "conclave.db"
    assert await asyncio.to_thread(lambda: list(verify(database))) == []
