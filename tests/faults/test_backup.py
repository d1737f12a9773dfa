"""
Backups of a server under load, and what is restored from them: I7 of the limits.

Each backup must have all that was acknowledged when it was asked for, and hold every
promise up to where it ends. Who knew more than it has begins anew.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.chaos.run import WORDS
from tests.support.checker import check, history_of, read_journals
from tests.support.crowd import Sender, Subscriber, answer_to
from tests.support.long_log import grow
from tests.support.node_process import NodeProcess

from conclave.cli.errand import Meter, run_there
from conclave.client.wire import connect
from conclave.storage import SqliteStore
from conclave.storage.demo import seed_demo
from conclave.storage.restore import restore
from conclave.storage.verify import examine

ROOMS = ["general", "random", "support"]


async def _make(data: Path, past: int) -> None:
    """Make a demo with so many messages that its copy takes a while."""
    store = await SqliteStore.open(data)
    await seed_demo(store)
    await store.close()
    await asyncio.to_thread(grow, data / "conclave.db", "random", past)


def _back_up(data: Path, target: Path) -> None:
    with Meter("backup") as meter:
        run_there(data, "backup", meter, target=str(target), force=False)


def _acked(journals: Path) -> dict[str, int]:
    """Return the highest acknowledged number of each room."""
    found = dict.fromkeys(ROOMS, 0)
    for event in read_journals(sorted(journals.iterdir())):
        if event["kind"] == "acked":
            found[event["room"]] = max(found[event["room"]], event["seq"])
    return found


async def _back_up_under_load(
    senders: list[Sender], hearers: list[Subscriber], journals: Path, data: Path, backups: int
) -> tuple[list[dict[str, int]], list[int]]:
    """Return what was acknowledged before each backup, and how many were during each."""
    before, went_on = [], []
    async with asyncio.TaskGroup() as tasks:
        hearing = [tasks.create_task(person.run()) for person in hearers]
        sending = [tasks.create_task(person.run()) for person in senders]
        for n in range(backups):
            await asyncio.sleep(0.5)
            before.append(await asyncio.to_thread(_acked, journals))
            acked = sum(person.acked for person in senders)
            target = data.with_name(f"backup{n}.db")
            await asyncio.to_thread(_back_up, data / "demo", target)
            went_on.append(sum(person.acked for person in senders) - acked)
        for person in senders:
            person.enough.set()
        await asyncio.gather(*sending)
        for task in hearing:
            task.cancel()
    return before, went_on


@pytest.mark.parametrize(
    ("backups", "past"),
    [
        pytest.param(2, 10_000, id="2 backups"),
        pytest.param(5, 200_000, id="5 backups", marks=pytest.mark.slow),
    ],
)
@pytest.mark.timeout(300)
async def test_a_backup_under_load_is_whole_and_a_restored_one_resets(tmp_path, backups, past):
    data, journals = tmp_path / "data", tmp_path / "journals"
    await _make(data / "demo", past)
    journals.mkdir()
    node = await asyncio.to_thread(NodeProcess, data, *WORDS)
    senders = [Sender(node.url, f"sender{n}", ROOMS[n % 3], journals) for n in range(6)]
    hearers = [Subscriber(node.url, f"hearer{n}", ROOMS[n % 3], journals) for n in range(3)]
    try:
        before, went_on = await _back_up_under_load(senders, hearers, journals, data, backups)
    finally:
        await asyncio.to_thread(node.kill)
    assert min(went_on) > 0, "nobody was served while it was copied"
    events = await asyncio.to_thread(lambda: read_journals(sorted(journals.iterdir())))
    epochs = set()
    for n, acked in enumerate(before):
        there = tmp_path / f"there{n}" / "demo"
        backup = tmp_path / f"backup{n}.db"
        await asyncio.to_thread(lambda a=there, b=backup: restore(a, b, examine=examine))
        epochs.add(await _hold_to_its_prefix(there, events, acked))
    assert len(epochs) == backups
    upto = max(e["seq"] for e in events if e["kind"] == "told" and e["room"] == "general")
    await _resumes_with_a_reset(tmp_path / "there0", hearers[0], upto)
    print(f"{len(events)} events; acknowledged during each backup: {went_on}")


async def _hold_to_its_prefix(
    data: Path, events: list[dict[str, Any]], acked: dict[str, int]
) -> str:
    store = await SqliteStore.open(data)
    history = await history_of(store, ROOMS)
    last = {room: history[room][-1].seq for room in ROOMS}
    await store.close()
    assert all(last[room] >= acked[room] for room in ROOMS), (last, acked)
    prefix = [e for e in events if "seq" not in e or e["seq"] <= last[e["room"]]]
    assert check(prefix, history) == []
    return store.epoch


async def _resumes_with_a_reset(data: Path, hearer: Subscriber, upto: int) -> None:
    node = await asyncio.to_thread(NodeProcess, data, *WORDS)
    try:
        async with connect(node.url) as wire:
            wire.send("auth", token=f"i-am-{hearer.name}")
            since = {"epoch": hearer._epoch, "seq": upto}
            wire.send("join:room", id="join", room="general", since=since)
            page = (await answer_to(wire, "join")).data
            assert (page["reset"], page["epoch"] != hearer._epoch) == (True, True)
            assert page["upto"] == page["last_seq"] < upto
            wire.send("chat", id="on", room="general", text="on we go")
            answer = await answer_to(wire, "on")
            assert answer.data["seq"] == page["last_seq"] + 1
    finally:
        await asyncio.to_thread(node.kill)
