"""
The server killed under load, and what it wrote before it told anybody.

A kill -9 shows that acknowledged messages survive the process; the trace of system calls
shows that they would survive the machine.
"""

import asyncio
import json
import random
from pathlib import Path

import pytest
from tests.support.checker import check, history_of, read_journals
from tests.support.crowd import Sender, Subscriber
from tests.support.node_process import UNBOUND, NodeProcess
from tests.support.syscalls import needs_strace, read_trace, told_too_early, traced

from conclave.storage.sqlite import SqliteStore

ROOMS = ["general", "random", "support"]
WORDS = (*UNBOUND, "--app", "tests.support.people:APP")


def _crowd(url: str, senders: int, journals: Path) -> tuple[list[Sender], list[Subscriber]]:
    journals.mkdir()
    return (
        [Sender(url, f"sender{n}", ROOMS[n % 3], journals) for n in range(senders)],
        [Subscriber(url, f"subscriber{n}", ROOMS[n % 3], journals) for n in range(6)],
    )


@pytest.mark.parametrize(
    ("kills", "senders", "within"),
    [
        pytest.param(3, 12, (0.5, 1.5), id="3 kills"),
        pytest.param(20, 50, (1.0, 5.0), id="20 kills", marks=pytest.mark.slow),
    ],
)
@pytest.mark.timeout(300)
async def test_what_was_acknowledged_survives_every_kill(tmp_path, kills, senders, within):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    data = tmp_path / "data"
    node = NodeProcess(data, *WORDS)
    sending, hearing = _crowd(node.url, senders, tmp_path / "journals")
    async with asyncio.TaskGroup() as tasks:
        listening = [tasks.create_task(person.run()) for person in hearing]
        talking = [tasks.create_task(person.run()) for person in sending]
        for _ in range(kills):
            await asyncio.sleep(dice.uniform(*within))
            node.kill()
            node = await asyncio.to_thread(NodeProcess, data, *WORDS, port=node.port)
            assert node.started_within < 8  # alone it takes one; tests share the machine
        await asyncio.sleep(0.5)
        for person in sending:
            person.enough.set()
        await asyncio.gather(*talking)
        await _settle(hearing)
        for task in listening:
            task.cancel()
    node.kill()

    acked = sum(person.acked for person in sending)
    assert acked > 30 * kills
    assert min(person.reconnects for person in (*sending, *hearing)) >= kills
    assert await _flaws(data, tmp_path / "journals") == []
    print(f"{acked} acknowledged over {kills} kills")


async def _settle(hearing: list[Subscriber]) -> None:
    """Wait for all that is said; the largest number heard by one of a room is the last."""
    await asyncio.sleep(0.5)
    for room in ROOMS:
        here = [person for person in hearing if person.room == room]
        upto = max(person.upto for person in here)
        await asyncio.gather(*(person.settle(upto) for person in here))


async def _flaws(data: Path, journals: Path) -> list:
    store = await SqliteStore.open(data / "demo")
    try:
        history = await history_of(store, ROOMS)
    finally:
        await store.close()
    return check(read_journals(sorted(journals.iterdir())), history)


@needs_strace
@pytest.mark.strace
async def test_no_ack_leaves_before_the_sync_after_the_write_of_its_message(tmp_path):
    trace = tmp_path / "trace"
    with NodeProcess(tmp_path / "data", *WORDS, before=traced(trace)) as node:
        sending, _ = _crowd(node.url, 6, tmp_path / "journals")
        async with asyncio.TaskGroup() as tasks:
            for person in sending:
                tasks.create_task(person.run())
            async with asyncio.timeout(30):
                while min(person.acked for person in sending) < 12:
                    await asyncio.sleep(0.05)
            for person in sending:
                person.enough.set()
        node.kill()
    acked = [e["id"] for e in _journal_of(tmp_path / "journals") if e["kind"] == "acked"]
    assert len(acked) >= 6 * 12
    calls = read_trace(trace)
    acks = [call for call in calls if '\\"type\\":\\"ack\\"' in call.text]
    assert len(acks) > 0
    assert told_too_early(calls, acked) == []
    print(f"{len(acked)} acknowledged, in {len(acks)} sends with acks")


def _journal_of(journals: Path) -> list[dict]:
    lines = (line for path in journals.iterdir() for line in path.read_text().splitlines())
    return [json.loads(line) for line in lines]
