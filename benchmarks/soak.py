"""
Hours of coming and going: `python -m benchmarks.soak [MINUTES [CLIENTS]]`.

People connect, join rooms, say something now and then, read, go (politely or without a word) and
come back as the same or as somebody new. Of the server it is watched what must not grow: memory,
descriptors, tasks and waiting deadlines; and nothing may go wrong on either side.

It begins with a database of a million messages: SQLite's caches, up to 48 MB, would take more than
an hour to fill with what is written here, and look like a leak.
"""

import asyncio
import contextlib
import gc
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil
import structlog
from benchmarks.large import DATABASE, prepared
from tests.support.node_process import UNBOUND, NodeProcess
from tests.support.people import Ends, app

from conclave import Controller, every
from conclave.client.wire import Closed, Received, Refused, Wire, connect

log = structlog.get_logger(__name__)

_MIB = 1024 * 1024
SAMPLE_S = 10
# What is said once a minute by each is 33 a second from 2,000.
_SAYS_EVERY_S = 60.0
_STAYS_S = (20.0, 120.0)
_AWAY_S = (0.1, 4.0)
_MEMBERS_OF_A_ROOM = 20
# Where somebody may be found who comes again: who joined all rooms in turn would make them grow
# for as long as this lasts.
_HAUNTS = 4
# A server's address has 28,000 ports; whoever goes leaves one waiting for a minute.
_OPENINGS_AT_ONCE = 50
_MESSAGES_BEFORE = 1_000_000

_INSIDE = "soak.inside"


class Inside(Controller):
    """Writes into the log how many tasks and timers the server has."""

    @every(SAMPLE_S / 2)
    async def count(self) -> None:
        timers = sum(type(one).__name__ == "TimerHandle" for one in gc.get_objects())
        log.warning(_INSIDE, tasks=len(asyncio.all_tasks()), timers=timers)


# For `conclave serve --app benchmarks.soak:APP`.
APP = app(Ends, Inside)


class Sample(NamedTuple):
    """What the server had at one moment."""

    minute: float
    mib: float
    descriptors: int
    threads: int
    tasks: int
    timers: int


@dataclass
class Soak:
    """What came of it."""

    samples: list[Sample]
    said: int
    visits: int
    wrong: list[str]
    server_log: list[str]

    def after(self, minute: float) -> "list[Sample]":
        return [one for one in self.samples if one.minute >= minute]

    def slope(self, of: str, after: float) -> float:
        """Return by how much *of* grew an hour, from the minute *after* on (least squares)."""
        seen = self.after(after)
        at = [one.minute / 60 for one in seen]
        return statistics.linear_regression(at, [getattr(one, of) for one in seen]).slope

    def __str__(self) -> str:
        lines = [f"{self.visits} visits, {self.said} messages acknowledged"]
        warm = self.samples[-1].minute / 3
        for name in Sample._fields[1:]:
            values = [getattr(one, name) for one in self.after(warm)]
            lines.append(
                f"{name}: {values[0]:.1f} to {values[-1]:.1f}, {min(values):.1f} to "
                f"{max(values):.1f}, {self.slope(name, warm):+.2f} an hour"
            )
        lines.append(f"went wrong: {len(self.wrong)} of clients, {len(self.server_log)} logged")
        return "\n".join([*lines, *self.wrong[:5], *self.server_log[:5]])


class Visitor:
    """Comes, talks, goes, and comes again, until it is cancelled."""

    def __init__(self, url: str, number: int, clients: int, chance: random.Random) -> None:
        self._url = url
        self._number = number
        self._chance = chance
        rooms = [f"soak-{room}" for room in range(max(_HAUNTS, clients // _MEMBERS_OF_A_ROOM))]
        self._haunts = chance.sample(rooms, _HAUNTS)
        self.said = self.visits = 0
        self.wrong: list[str] = []

    async def run(self, openings: asyncio.Semaphore) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(*_AWAY_S))
            try:
                await self._visit(openings)
            except (Closed, Refused, OSError, TimeoutError) as error:
                self.wrong.append(repr(error))

    async def _visit(self, openings: asyncio.Semaphore) -> None:
        self.visits += 1
        is_new = self._chance.random() < 0.2
        async with contextlib.AsyncExitStack() as stack:
            async with openings:
                wire = await stack.enter_async_context(connect(self._url))
                wire.send("auth", token=f"i-am-{self._name(is_new)}")
                await _until(wire, "auth:response")
            rooms = self._chance.sample(self._haunts, 2)
            for room in rooms:
                wire.send("join:room", id=room, room=room)
            until = time.monotonic() + self._chance.uniform(*_STAYS_S)
            await self._stay(wire, rooms, until)
            if is_new:
                await self._leave(wire, rooms)
            elif self._chance.random() < 0.3:
                wire._socket.abort()

    def _name(self, is_new: bool) -> str:
        """Mostly one's own; else that of one who never came before, and will not come again."""
        return f"v{self._number}-{self.visits}" if is_new else f"v{self._number}"

    async def _leave(self, wire: Wire, rooms: list[str]) -> None:
        """Leave for good: a room of those who came once would grow for ever, and rightly so."""
        for room in rooms:
            wire.send("leave:room", id=f"leave-{room}", room=room)
            async with asyncio.timeout(10):
                while (event := await wire.receive()).id != f"leave-{room}":
                    pass
            if event.type == "error":
                self.wrong.append(f"{event.type}: {event.data}")

    async def _stay(self, wire: Wire, rooms: list[str], until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            pause = min(left, self._chance.expovariate(1 / _SAYS_EVERY_S))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    while True:
                        await wire.receive()
            if time.monotonic() < until:
                await self._say(wire, self._chance.choice(rooms))

    async def _say(self, wire: Wire, room: str) -> None:
        id_ = f"{self._number}-{self.said}"
        wire.send("chat", id=id_, room=room, text=f"still here, {id_}")
        async with asyncio.timeout(10):
            while (event := await wire.receive()).id != id_:
                pass
        if event.type != "ack":
            self.wrong.append(f"{event.type}: {event.data}")
        self.said += 1


async def _until(wire: Wire, type_: str) -> Received:
    async with asyncio.timeout(10):
        while (event := await wire.receive()).type != type_:
            pass
    return event


async def soak(data: Path, minutes: float, clients: int, seed: int) -> Soak:
    """Return what came of *minutes* with *clients*, of whom most are there at any time."""
    with NodeProcess(data, *UNBOUND, "--app", "benchmarks.soak:APP") as node:
        chance = random.Random(seed)
        people = [
            Visitor(node.url, n, clients, random.Random(chance.random())) for n in range(clients)
        ]
        samples = await _sampled(node, people, minutes)
        seen = [json.loads(line) for line in node.log.read_text().splitlines()]
        return Soak(
            samples,
            sum(one.said for one in people),
            sum(one.visits for one in people),
            [wrong for one in people for wrong in one.wrong],
            [json.dumps(line) for line in seen if line["event"] != _INSIDE],
        )


async def _sampled(node: NodeProcess, people: list[Visitor], minutes: float) -> list[Sample]:
    began = time.monotonic()
    openings = asyncio.Semaphore(_OPENINGS_AT_ONCE)
    samples = []
    async with asyncio.TaskGroup() as tasks:
        visits = [tasks.create_task(one.run(openings)) for one in people]
        while (passed := time.monotonic() - began) < minutes * 60:
            await asyncio.sleep(SAMPLE_S)
            samples.append(_sample(node, passed / 60))
            if len(samples) % 30 == 0:
                print(samples[-1], flush=True)
        for visit in visits:
            visit.cancel()
    return samples


def _sample(node: NodeProcess, minute: float) -> Sample:
    of = psutil.Process(node.pid)
    lines = [line for line in node.log.read_text().splitlines() if _INSIDE in line]
    inside = json.loads(lines[-1]) if lines else {"tasks": 0, "timers": 0}
    mib = of.memory_info().rss / _MIB
    return Sample(minute, mib, of.num_fds(), of.num_threads(), inside["tasks"], inside["timers"])


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 90
    clients = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000
    seed = random.randrange(2**32)
    print(f"{clients} clients, {minutes:g} minutes, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as data:
        database = Path(data) / DATABASE
        database.parent.mkdir(mode=0o700)
        shutil.copy(prepared(_MESSAGES_BEFORE) / DATABASE, database)
        print(asyncio.run(soak(Path(data), minutes, clients, seed)))


if __name__ == "__main__":
    main()
