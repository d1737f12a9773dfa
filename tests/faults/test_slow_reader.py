"""One who does not read slows nobody down, and loses nothing (F1)."""

import asyncio
import json
import socket
import statistics
import time

import pytest
from tests.support.checker import check, history_of, read_journals
from tests.support.crowd import Subscriber
from tests.support.node_process import UNBOUND, NodeProcess
from tests.support.raw import TEXT, Raw, frame, upgrade

from conclave.client.wire import connect
from conclave.storage.sqlite import SqliteStore

pytestmark = pytest.mark.alone

WORDS = (*UNBOUND, "--app", "tests.support.people:APP")
MIB = 1024 * 1024
SIZES = [
    pytest.param(5, 300, 5.0, id="5 for 5 s"),
    pytest.param(199, 100, 30.0, id="199 for 30 s", marks=pytest.mark.slow),
]


class Timed(Subscriber):
    """A subscriber who knows how old each message is that it hears."""

    def __init__(self, *words) -> None:
        super().__init__(*words)
        self.ages: list[float] = []

    def _told(self, entry: dict) -> None:
        super()._told(entry)
        sent_at = entry["text"].partition(" ")[0]
        if sent_at:
            self.ages.append(time.monotonic() - float(sent_at))


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


async def _load(node: NodeProcess, rate: int, seconds: float) -> int:
    """Send 4 KB messages, *rate* a second; return how many."""
    async with connect(node.url) as wire:
        wire.send("auth", token="i-am-loud")
        wire.send("join:room", room="general")
        began, sent = time.monotonic(), 0
        reading = asyncio.create_task(_read(wire))
        while (now := time.monotonic()) < began + seconds:
            while sent < (now - began) * rate:
                wire.send("chat", room="general", text=f"{time.monotonic()} " + "x" * 3_900)
                sent += 1
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.5)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        return sent


async def _read(wire) -> None:
    async for event in wire:
        assert event.type != "error", event


def _p99(people: list[Timed]) -> float:
    ages = [age for person in people for age in person.ages]
    for person in people:
        person.ages.clear()
    return statistics.quantiles(ages, n=100)[98]


@pytest.mark.parametrize(("readers", "rate", "seconds"), SIZES)
@pytest.mark.timeout(180)
async def test_a_slow_reader_is_cut_off_and_the_others_notice_nothing(
    tmp_path, readers, rate, seconds
):
    (tmp_path / "journals").mkdir()
    with NodeProcess(tmp_path / "data", *WORDS) as node:
        people = [
            Timed(node.url, f"reader{n}", "general", tmp_path / "journals") for n in range(readers)
        ]
        async with asyncio.TaskGroup() as tasks:
            listening = [tasks.create_task(person.run()) for person in people]
            await asyncio.sleep(1)
            sent = await _load(node, rate, seconds / 2)
            alone, memory = _p99(people), node.rss
            slow, page = await asyncio.to_thread(_stop_reading, node.port)
            sent += await _load(node, rate, seconds)
            beside = _p99(people)
            grown = node.rss - memory
            parted = [line for line in node.log.read_text().splitlines() if "parted" in line]
            assert any("4003" in line for line in parted)

            again = Timed(node.url, "slow", "general", tmp_path / "journals")
            again.resume_after(page["epoch"], page["upto"])
            listening.append(tasks.create_task(again.run()))
            upto = max(person.upto for person in people)
            assert upto > sent
            await asyncio.gather(*(person.settle(upto) for person in (*people, again)))
            for task in listening:
                task.cancel()
        slow.socket.close()
        print(f"p99 {alone:.3f} s alone, {beside:.3f} s beside; {grown / MIB:.1f} MiB")
        assert all(person.reconnects == 0 for person in people)
        assert beside < max(1.5 * alone, alone + 0.25)
        assert grown < 24 * MIB
    store = await SqliteStore.open(tmp_path / "data" / "demo")
    history = await history_of(store, ["general"])
    await store.close()
    assert check(read_journals((tmp_path / "journals").iterdir()), history) == []
