"""
Three nodes as one chat at ports that they keep, and a crowd that lives with whatever befalls them.

The crowd has the manners of tests and of the Python client; what it was told is judged in the end.
"""

import asyncio
import random
import signal
import time
import urllib.request
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
from tests.chaos.cluster.run import Door
from tests.support.checker import Book, check, history_of, read_journals
from tests.support.client_crowd import Author, Reader
from tests.support.cluster import HALL, UNBOUND, Cluster
from tests.support.crowd import Sender, Subscriber
from tests.support.ports import free_port

from conclave.client.wire import connect
from conclave.storage.postgres.store import PostgresStore
from conclave.testing import Client

NAMES = "abc"
# Of nothing that is judged by it: a node may take long to start on a machine that is busy.
PATIENCE = 90.0


@dataclass(frozen=True)
class Version:
    app: str = "tests.support.people:APP"
    # Variables of the environment.
    variables: tuple[tuple[str, str], ...] = ()
    # Whether it knows of moods.
    newer: bool = False


NOW = Version()
NEWER = Version("tests.support.newer:APP", newer=True)


class TimedBook(Book):
    """Knows when each of its clients was acknowledged something."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.acked: dict[str, list[float]] = defaultdict(list)

    def write(self, line: bytes) -> None:
        super().write(line)
        event = msgspec.json.decode(line)
        if event["kind"] == "acked":
            self.acked[event["client"]].append(time.monotonic())

    def longest_away(self, since: float) -> dict[str, float]:
        """Return for each client the longest time without an acknowledgement *since* then."""
        found = {}
        for client, times in self.acked.items():
            late = [at for at in times if at >= since]
            found[client] = max(b - a for a, b in zip([since, *late], late, strict=False))
        return found


class Balancer(Door):
    """Lets each in by any of the nodes that takes it, as a proxy that looks at them does."""

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for port in random.sample(self._ports, len(self._ports)):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        raise ConnectionRefusedError


class Crowd:
    """Writers and hearers with the manners of a browser, of a test, and of the Python client."""

    def __init__(
        self, urls: Sequence[str], door: str, folder: Path, many: int, every: float = 0.1
    ) -> None:
        folder.mkdir()
        self._folder = folder
        self.book = TimedBook(folder / "crowd.jsonl")
        own, pen = range(many), folder / "pen"
        book = self.book
        self.writing: list[Sender | Author] = [
            *(Sender(urls, f"sender{n}", HALL, book, every=every) for n in own),
            *(Author(door, f"author{n}", HALL, book, None, Path(f"{pen}{n}"), every) for n in own),
        ]
        self.hearing: list[Subscriber | Reader] = [
            *(Subscriber(urls, f"hearer{n}", HALL, book) for n in own),
            *(Reader(door, f"reader{n}", HALL, book) for n in own),
        ]

    async def more(self, count: int = 5) -> None:
        """Wait until each writer had so many more acknowledged."""
        before = [person.acked for person in self.writing]
        async with asyncio.timeout(PATIENCE):
            while any(p.acked < was + count for p, was in zip(self.writing, before, strict=True)):
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def living(self, cluster: Cluster) -> AsyncIterator[None]:
        """Let them live; in the end all is acknowledged and told, and then judged."""
        async with asyncio.TaskGroup() as tasks:
            talking = [tasks.create_task(person.run()) for person in self.writing]
            listening = [tasks.create_task(person.run()) for person in self.hearing]
            yield
            for person in self.writing:
                person.enough.set()
            await asyncio.gather(*talking)
            store = await PostgresStore.open(cluster.database, self._folder / "look", alone=False)
            history = await history_of(store, [HALL])
            await store.close()
            upto = history[HALL][-1].seq
            await asyncio.gather(*(person.settle(upto, PATIENCE) for person in self.hearing))
            for task in listening:
                task.cancel()
        self.book.close()
        events = read_journals([self._folder / "crowd.jsonl"])
        assert check(events, history) == []
        assert len(history[HALL]) > sum(person.acked for person in self.writing) > 0


class Fleet:
    """The nodes, each of some version, at ports that they keep."""

    def __init__(self, cluster: Cluster, words: Sequence[str] = UNBOUND) -> None:
        self.cluster = cluster
        self._words = words
        self.versions: dict[str, Version] = {}
        self._ports = {name: free_port() for name in NAMES}
        self._metrics = {name: free_port() for name in NAMES}

    @property
    def urls(self) -> list[str]:
        return [f"ws://127.0.0.1:{port}/ws" for port in self._ports.values()]

    @property
    def ports(self) -> list[int]:
        return [*self._ports.values()]

    async def start(self, name: str, version: Version) -> None:
        metrics = ("--metrics-listen", f"127.0.0.1:{self._metrics[name]}")
        words = (*self._words, "--app", version.app, *metrics)
        port, variables = self._ports[name], dict(version.variables)
        start = partial(self.cluster.start, name, *words, port=port, variables=variables)
        await asyncio.to_thread(start)
        self.versions[name] = version

    async def replace(self, name: str, version: Version) -> None:
        former = self.cluster.nodes[name]
        former.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(former.wait, PATIENCE) == 0
        await self.start(name, version)

    def metrics(self, name: str) -> dict[str, float]:
        """Return the metrics of node *name*, each with its labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._metrics[name]}/metrics") as page:
            lines = page.read().decode().splitlines()
        rows = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {key: float(number) for key, number in rows}

    def packets(self, name: str) -> dict[str, float]:
        """Return how many packets of others *name* has had, by what became of them."""
        begin = 'conclave_engine_packets_total{result="'
        found = self.metrics(name).items()
        return {k.removeprefix(begin).strip('"}'): n for k, n in found if k.startswith(begin)}

    @asynccontextmanager
    async def guest(self, name: str, user: str) -> AsyncIterator[Client]:
        async with connect(self.cluster.nodes[name].url) as wire:
            client = Client(wire)
            try:
                assert (await client.ask("auth", token=f"i-am-{user}", within=PATIENCE))["success"]
                await client.ask("join:room", room=HALL, within=PATIENCE)
                yield client
            finally:
                await client.close()

    async def understand_each_other(self) -> None:
        """Each has heard of the others, and what it could not read was nothing."""
        for name in NAMES:
            counts = await asyncio.to_thread(self.packets, name)
            heard = counts.pop("heard")
            assert heard > 0, name
            assert set(counts.values()) == {0}, (name, counts)


@asynccontextmanager
async def crowded(fleet: Fleet, place: Path, many: int, every: float = 0.1) -> AsyncIterator[Crowd]:
    async with Balancer(fleet.ports) as door:
        crowd = Crowd(fleet.urls, door.url, place / "crowd", many, every)
        async with crowd.living(fleet.cluster):
            yield crowd
