"""
Another process holds the database: a lock for writing, or a long look at it (I3).

Whoever writes is told `busy` in time, reads and the loop go on, and when the other lets go
all is as it was.
"""

import asyncio
import time
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.support.crowd import answer_to, come_in
from tests.support.probe import Pulse
from tests.support.stage import Stage

from conclave.client.wire import Wire, connect
from conclave.model import Draft, Identity
from conclave.storage import SqliteStore
from conclave.storage import wal as wal_rules
from conclave.storage.driver import driver

# Seconds within which a writer must be told.
WITHIN = 5.0
ROOM = "general"


class Asker:
    """Sends one message after the other; notes how long each answer took, and what it was."""

    def __init__(self, url: str, name: str) -> None:
        self.url, self.name = url, name
        self.enough = asyncio.Event()
        self.acked: list[float] = []
        self.busy: list[float] = []

    async def run(self) -> None:
        async with connect(self.url) as wire:
            await come_in(wire, self.name, ROOM)
            number = 0
            while not self.enough.is_set():
                number += await self._say(wire, f"{self.name}-{number}")
                await asyncio.sleep(0.02)

    async def _say(self, wire: Wire, id_: str) -> bool:
        began = time.monotonic()
        wire.send("chat", id=id_, room=ROOM, text=f"I say {id_}")
        answer = await answer_to(wire, id_)
        took = time.monotonic() - began
        if answer.type == "ack":
            self.acked.append(took)
            return True
        assert (answer.data["code"], answer.data["retryable"]) == ("busy", True)
        self.busy.append(took)
        return False


@pytest.mark.alone
@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(5, id="5 s"),
        pytest.param(60, id="60 s", marks=[pytest.mark.slow, pytest.mark.timeout(120)]),
    ],
)
async def test_who_writes_while_another_process_has_the_lock_is_told_busy_in_time(
    tmp_path, seconds
):
    with Stage() as stage:
        node = await asyncio.to_thread(stage.serve, tmp_path / "data")
        database = tmp_path / "data" / "demo" / "conclave.db"
        people = [Asker(node.url, f"asker{n}") for n in range(8)]
        async with asyncio.TaskGroup() as tasks:
            for person in people:
                tasks.create_task(person.run())
            while min(len(person.acked) for person in people) < 3:
                await asyncio.sleep(0.05)
            pulse = Pulse(node.url, "i-am-judge")
            with closing(driver().connect(database, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                began = time.monotonic()
                await asyncio.sleep(0.3)
                acked = [len(person.acked) for person in people]
                await asyncio.sleep(seconds - 0.3)
                assert [len(person.acked) for person in people] == acked
                # Reading needs no lock.
                assert await _messages(node.url) > 8
                other.execute("ROLLBACK")
                held = time.monotonic() - began
            await asyncio.sleep(2.5)
            await pulse.stop()
            for person in people:
                person.enough.set()
        node.kill()
    busy = [took for person in people for took in person.busy]
    after = [len(p.acked) - n for p, n in zip(people, acked, strict=True)]
    print(
        f"held {held:.1f} s, {len(busy)} times busy, after {max(busy):.1f} s at most; {pulse.p99}"
    )
    assert all(person.busy for person in people)
    assert max(took for p in people for took in (*p.busy, *p.acked)) <= WITHIN
    assert min(after) > 3
    assert pulse.p99 <= 0.1


async def _messages(url: str) -> int:
    async with connect(url) as wire:
        return len((await come_in(wire, "asker0", ROOM)).data["messages"])


@pytest.mark.parametrize(
    ("pages", "alarm", "text"),
    [
        pytest.param(100, 400, 100, id="small"),
        # The real bounds: an alarm above 256 MiB of WAL.
        pytest.param(
            None, None, 4_000, id="256 MiB", marks=[pytest.mark.slow, pytest.mark.timeout(300)]
        ),
    ],
)
async def test_a_long_look_by_another_holds_checkpoints_back_with_an_alarm_and_no_longer(
    tmp_path, monkeypatch, pages, alarm, text
):
    if pages is not None:
        monkeypatch.setattr(wal_rules, "_CHECKPOINT_PAGES", pages)
        monkeypatch.setattr(wal_rules, "_WAL_ALARM_PAGES", alarm)
    alarm_bytes = wal_rules._WAL_ALARM_PAGES * 4_096
    wal = tmp_path / "conclave.db-wal"
    store = await SqliteStore.open(tmp_path)
    await store.create_room("hall", Identity(user="ann", name="Ann"))
    with closing(driver().connect(tmp_path / "conclave.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM entries").fetchone()
        with capture_logs() as logs:
            slowest = await _grow(store, wal, alarm_bytes * 1.2, "😀" * text)
        assert "checkpoint_held_back" in [line["event"] for line in logs]
        other.execute("ROLLBACK")
    # The next checkpoints have it all, and the WAL is written anew from its beginning.
    await _append(store, "x" * 10, 3 * wal_rules._CHECKPOINT_PAGES)
    size = wal.stat().st_size
    with capture_logs() as logs:
        await _append(store, "x" * 10, 3 * wal_rules._CHECKPOINT_PAGES)
    assert "checkpoint_held_back" not in [line["event"] for line in logs]
    assert wal.stat().st_size <= size
    assert slowest < WITHIN
    await store.close()
    assert not wal.exists() or wal.stat().st_size == 0


async def _grow(store: SqliteStore, wal: Path, size: float, text: str) -> float:
    """Append until the WAL is so large; return the longest that anybody waited."""
    slowest, n = 0.0, 0
    while wal.stat().st_size < size:
        began = time.monotonic()
        await _append(store, f"{n} {text}", 100)
        slowest, n = max(slowest, time.monotonic() - began), n + 1
    return slowest


async def _append(store: SqliteStore, text: str, count: int) -> None:
    drafts = [Draft(room="hall", user="ann", name="Ann", text=text) for _ in range(count)]
    for at in range(0, count, 100):
        await asyncio.gather(*(store.append(draft) for draft in drafts[at : at + 100]))
