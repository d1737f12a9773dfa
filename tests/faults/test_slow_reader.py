"""Who does not read slows nobody down, costs little, and loses nothing (F1, F2)."""

import asyncio
import json
import os
import socket
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.audience import Audience
from tests.support.checker import check, history_of, read_journals
from tests.support.crowd import Subscriber
from tests.support.node_process import UNBOUND, NodeProcess
from tests.support.raw import TEXT, Raw, frame, upgrade

from conclave.client.wire import Wire, connect
from conclave.storage.sqlite import SqliteStore

pytestmark = pytest.mark.alone

# Who listens here answers no pings.
WORDS = (*UNBOUND, "--heartbeat-interval", "3600", "--app", "tests.support.people:APP")
MIB = 1024 * 1024
# A machine that is busy with something else delays messages too; it does not do so each time.
TRIES = 3


@dataclass(frozen=True)
class Load:
    readers: int
    # Messages a second, and characters of each.
    rate: int
    size: int
    seconds: float


LOADS = [
    pytest.param(Load(20, 300, 3_900, 2.0), id="20 for 2 s"),
    pytest.param(Load(199, 100, 1_000, 20.0), id="199 for 20 s", marks=pytest.mark.slow),
]


class Loud:
    """Says much in `general`, and knows the number of the last that was said."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.upto = 0
        wire.send("auth", token="i-am-loud")
        wire.send("join:room", room="general")

    async def read(self) -> None:
        async for event in self._wire:
            assert event.type != "error", event
            self.upto = event.data.get("upto") or event.data.get("seq") or self.upto

    async def fill_caches(self) -> None:
        """
        Say so much that the database's cache, bounded at 32 MiB, grows no more.

        Not all at once: meanwhile it would not read what it is told, and be cut off for that.
        """
        for _ in range(14):
            await self._say_until(time.monotonic(), [0.0] * 500, 1_100)

    async def say(self, load: Load, seconds: float) -> None:
        times = [n / load.rate for n in range(int(load.rate * seconds))]
        await self._say_until(time.monotonic(), times, load.size)

    async def _say_until(self, began: float, times: list[float], size: int) -> None:
        while not self.upto:
            await asyncio.sleep(0.01)
        last = self.upto + len(times)
        for at in times:
            while time.monotonic() < began + at:
                await asyncio.sleep(0.002)
            self._wire.send("chat", room="general", text=f"{time.monotonic()} ".ljust(size, "x"))
        async with asyncio.timeout(30):
            while self.upto < last:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def loud(node: NodeProcess):
    async with connect(node.url) as wire, asyncio.TaskGroup() as tasks:
        loud = Loud(wire)
        reading = tasks.create_task(loud.read())
        await loud.fill_caches()
        yield loud
        reading.cancel()


def _stop_reading(port: int) -> tuple[Raw, dict]:
    """Join, then never read again; return the history besides."""
    raw = Raw(port)
    # The kernel keeps little for it.
    raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    raw.send(upgrade())
    assert raw.read_head()[0] == 101
    raw.send(frame(TEXT, b'{"type":"auth","data":{"token":"i-am-slow"}}'))
    raw.send(frame(TEXT, b'{"type":"join:room","data":{"room":"general"}}'))
    while (event := json.loads(raw.read_frame().payload))["type"] != "history":
        pass
    return raw, event["data"]


async def _come_back(node: NodeProcess, page: dict, upto: int, journals: Path) -> None:
    """Be the slow one again, from where it stopped to read, and read all."""
    again = Subscriber(node.url, "slow", "general", journals)
    again.resume_after(page["epoch"], page["upto"])
    task = asyncio.create_task(again.run())
    await again.settle(upto)
    task.cancel()
    await asyncio.wait([task])


@pytest.fixture
def one_core_is_the_servers():
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        pytest.skip("needs two cores: one for the server, one for the readers")
    os.sched_setaffinity(0, {1})
    yield
    os.sched_setaffinity(0, cores)


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.timeout(300)
async def test_a_slow_reader_is_cut_off_and_the_others_notice_nothing(
    tmp_path, load, one_core_is_the_servers
):
    (tmp_path / "journals").mkdir()
    said: dict[str, list[str]] = {}
    tries = []
    with NodeProcess(tmp_path / "data", *WORDS, cores={0}) as node:
        async with loud(node) as speaker:
            with await asyncio.to_thread(Audience, node.port, load.readers, 1) as audience:

                async def heard() -> float:
                    """All have heard all, in order; return the age that one in 100 exceeds."""
                    answer = await asyncio.to_thread(audience.heard, speaker.upto)
                    assert (answer["behind"], answer["wrong"]) == (0, [])
                    said.update(answer["said"])
                    return answer["p99"]

                while len(tries) < TRIES and not any(b <= 1.5 * a for a, b in tries):
                    await speaker.say(load, load.seconds / 2)
                    alone, memory, cut_off = await heard(), node.rss, _cut_off(node)
                    slow, page = await asyncio.to_thread(_stop_reading, node.port)
                    await speaker.say(load, load.seconds)
                    tries.append((alone, await heard()))
                    grown = node.rss - memory
                    slow.socket.close()
                    print(f"p99 {tries[-1]} s alone and beside; {grown / MIB:.1f} MiB")
                    assert _cut_off(node) == cut_off + 1
                    assert grown <= 4 * MIB
            await _come_back(node, page, speaker.upto, tmp_path / "journals")
    assert any(beside <= 1.5 * alone for alone, beside in tries), tries
    await _agrees(tmp_path, said)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_fifty_slow_readers_of_two_hundred_slow_nobody_down(
    tmp_path, one_core_is_the_servers
):
    load, count = Load(150, 100, 1_000, 20.0), 50
    said: dict[str, list[str]] = {}
    tries = []
    with NodeProcess(tmp_path / "data", *WORDS, cores={0}) as node:
        async with loud(node) as speaker:
            with await asyncio.to_thread(Audience, node.port, load.readers, 1) as audience:

                async def heard() -> float:
                    answer = await asyncio.to_thread(audience.heard, speaker.upto)
                    assert (answer["behind"], answer["wrong"]) == (0, [])
                    said.update(answer["said"])
                    return answer["p99"]

                while len(tries) < TRIES and not any(b <= 1.5 * a for a, b in tries):
                    await speaker.say(load, load.seconds / 2)
                    alone, memory, cut_off = await heard(), node.rss, _cut_off(node)
                    slow = await asyncio.gather(
                        *(asyncio.to_thread(_stop_reading, node.port) for _ in range(count))
                    )
                    with _Peak(node) as peak:
                        await speaker.say(load, load.seconds)
                        tries.append((alone, await heard()))
                    for raw, _ in slow:
                        raw.socket.close()
                    grown = (peak.rss - memory) / MIB
                    print(f"p99 {tries[-1]} s alone and beside {count}; {grown:.1f} MiB at most")
                    assert _cut_off(node) == cut_off + count
                    assert grown <= 64
    assert any(beside <= 1.5 * alone for alone, beside in tries), tries


class _Peak:
    """The most memory that *node* holds while the context lasts, in bytes."""

    def __init__(self, node: NodeProcess) -> None:
        self._node = node
        self.rss = 0

    def __enter__(self) -> "_Peak":
        self._task = asyncio.create_task(self._watch())
        return self

    def __exit__(self, *_: object) -> None:
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            self.rss = max(self.rss, self._node.rss)
            await asyncio.sleep(0.05)


def _cut_off(node: NodeProcess) -> int:
    """Return how often a slow one was: see `tests.support.people`."""
    lines = map(json.loads, node.log.read_text().splitlines())
    return [(line["user"], line["code"]) for line in lines if "parted" in line["event"]].count(
        ("slow", 4003)
    )


async def _agrees(tmp_path: Path, said: dict[str, list[str]]) -> None:
    """What was heard is what is in the log, and what the slow one read when it came back."""
    store = await SqliteStore.open(tmp_path / "data" / "demo")
    history = await history_of(store, ["general"])
    await store.close()
    logged = {str(line.seq): [line.id, line.hash] for line in history["general"]}
    assert len(said) > 500
    assert said.items() <= logged.items()
    assert check(read_journals((tmp_path / "journals").iterdir()), history) == []
