"""What was erased is nowhere in the file, not even in the gaps of its pages."""

import asyncio
import random
import re
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.support.lived_in import log_of, make

from conclave.app import upkeep
from conclave.app.upkeep import Upkeep
from conclave.model import Draft, Identity
from conclave.settings import Settings
from conclave.storage import SqliteStore
from conclave.storage.compact import compact, erased_at
from conclave.storage.erase import erase
from conclave.storage.errors import CannotDo
from conclave.storage.purge import Keep, Purge
from conclave.storage.verify import verify

ROOMS = [f"room{n}" for n in range(8)]
ANN = Identity(user="ann", name="Ann")


@pytest.fixture
async def store(data: Path):
    store = await SqliteStore.open(data)
    for room in ROOMS:
        await store.create_room(room, ANN)
    yield store
    await store.close()
    assert list(verify(data / "conclave.db")) == []


async def talk_by_turns(store: SqliteStore, messages: int = 600) -> list[tuple[str, int]]:
    """Write to the rooms by turns, so that rows are moved to make room, and edit some."""
    dice = random.Random(1)
    said: list[tuple[str, int]] = []

    async def say(type_: str, text: str, room: str, **extra: object) -> None:
        draft = Draft(room=room, user="ann", name="Ann", type=type_, text=text, extra=extra)
        receipt = await store.append(draft)
        if type_ == "message":
            said.append((room, receipt.seq))

    for n in range(0, messages, 20):
        texts = [
            f"secret{at:06} " + "x" * dice.choice([10, 50, 300, 1500]) for at in range(n, n + 20)
        ]
        await asyncio.gather(*(say("message", text, dice.choice(ROOMS)) for text in texts))
        room, seq = said[-1]
        await say("message:edited", f"secret{n:06}e", room, target=seq)
    return said


async def delete(store: SqliteStore, said: list[tuple[str, int]]) -> None:
    for at in range(0, len(said), 50):
        drafts = [
            Draft(room=room, user="ann", name="Ann", type="message:deleted", extra={"target": seq})
            for room, seq in said[at : at + 50]
        ]
        await asyncio.gather(*map(store.append, drafts))


def traces(data: Path) -> int:
    """Return how many secrets can be read in the files."""
    found: set[bytes] = set()
    for file in data.glob("conclave.db*"):
        found |= set(re.findall(rb"secret\d{6}", file.read_bytes()))
    return len(found)


async def wal_is_empty(data: Path) -> None:
    async with asyncio.timeout(10):
        while (data / "conclave.db-wal").stat().st_size:
            await asyncio.sleep(0.05)


async def test_deleted_texts_are_in_no_gap_once_the_file_is_written_anew(store, data) -> None:
    # Of six hundred two or three rows are moved, and none in some orders.
    said = await talk_by_turns(store, 3_000)
    await delete(store, said)
    store.empty_wal()
    await wal_is_empty(data)
    assert traces(data) > 0, "rows were never moved: this tests nothing"
    assert await store.compact()
    await wal_is_empty(data)
    assert traces(data) == 0
    assert await store.read(erased_at) is None
    receipt = await store.append(Draft(room=ROOMS[0], user="ann", name="Ann", text="on we go"))
    assert receipt.seq == (await store.heads(ROOMS))[ROOMS[0]]


async def test_a_small_file_is_written_anew_when_the_store_is_closed(data) -> None:
    store = await SqliteStore.open(data)
    for room in ROOMS:
        await store.create_room(room, ANN)
    await delete(store, await talk_by_turns(store))
    await store.close()
    assert traces(data) == 0


@pytest.mark.parametrize("way", ["purge", "erase"])
async def test_what_is_purged_or_of_an_erased_user_leaves_no_trace(store, data, way) -> None:
    await talk_by_turns(store)
    if way == "erase":
        assert (await erase(store, "ann")).compacted
    else:
        await store.append(Draft(room="room0", user="ann", name="Ann", text="the last"))
        for room in ROOMS:
            await store.append(Draft(room=room, user="ann", name="Ann", text="is left"))
        await Purge(store, Keep(messages=1)).run()
        assert await store.read(erased_at) is not None
        await store.compact()
    await wal_is_empty(data)
    assert traces(data) == 0


async def test_a_file_that_is_too_large_keeps_its_note(store, monkeypatch) -> None:
    await delete(store, await talk_by_turns(store, 20))
    monkeypatch.setattr("conclave.storage.sqlite.LARGEST_BYTES", 1_000)
    assert not await store.compact()
    assert await store.read(erased_at) is not None


@pytest.mark.parametrize(
    ("small", "waited", "hour", "done"),
    [
        (10**9, 59, 12, False),
        (10**9, 61, 12, True),
        (1_000, 61, 12, False),
        (1_000, 61, 4, True),
        (1_000, 59, 4, False),
    ],
)
async def test_a_node_does_it_in_a_quiet_minute_or_at_night(
    store, data, monkeypatch, small, waited, hour, done
) -> None:
    await delete(store, await talk_by_turns(store, 20))
    now = time.time_ns() // 1_000_000 + 1_000 * waited
    monkeypatch.setattr(upkeep, "now_ms", lambda: now)
    monkeypatch.setattr(upkeep, "SMALL_BYTES", small)
    local = SimpleNamespace(localtime=lambda: SimpleNamespace(tm_hour=hour))
    monkeypatch.setattr(upkeep, "time", local)
    await Upkeep(Settings(data=data), store, node=None).compact()
    assert (await store.read(erased_at) is None) == done


async def test_without_a_server_a_file_of_any_size_is_written_anew(data) -> None:
    await make(data)
    store = await SqliteStore.open(data)
    before, epoch = await log_of(store, "hall"), store.epoch
    await store.close()
    was, now = compact(data)
    assert now <= was
    assert {file.name for file in data.iterdir()} == {"conclave.db", "conclave.lock"}
    assert (data / "conclave.db").stat().st_mode & 0o777 == 0o600
    assert list(verify(data / "conclave.db")) == []
    store = await SqliteStore.open(data)
    assert (await log_of(store, "hall"), store.epoch) == (before, epoch)
    await store.close()
    with pytest.raises(CannotDo, match="no database"):
        compact(data / "nowhere")
