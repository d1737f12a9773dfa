"""What is kept of one person, written beside a server at work."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.lived_in import ANN, BOB, make

from conclave.model import Draft, User
from conclave.protocol.errors import Code, Reject
from conclave.storage import SqliteStore
from conclave.storage.person_files import PersonFiles


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("lived-in") / "data"
    asyncio.run(make(made, governed=True))
    return made


@pytest.fixture
async def store(data) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(data)
    yield store
    await store.close()


async def test_it_is_complete_and_leaves_no_name_behind(data, store) -> None:
    before = {file.name for file in data.iterdir()}
    files = PersonFiles(store, leave_free=0)
    with await files.write("bob") as file:
        assert {one.name for one in data.iterdir()} - before <= {
            "conclave.db-wal",
            "conclave.db-shm",
        }
        lines = [json.loads(line) for line in file]
    assert (lines[0]["of"], lines[-1]["line"]) == ("bob", "end")


async def test_nobody_has_none(store) -> None:
    with pytest.raises(Reject) as refused:
        await PersonFiles(store, leave_free=0).write("nobody")
    assert refused.value.code == Code.NOT_FOUND


async def test_what_chat_needs_of_the_disk_is_left_to_it(store) -> None:
    with pytest.raises(Reject) as refused:
        await PersonFiles(store, leave_free=1 << 62).write("bob")
    assert refused.value.code == Code.UNAVAILABLE
    assert "no room" in refused.value.message


async def test_a_stop_calls_off_what_is_written_and_lets_nothing_begin(store, monkeypatch) -> None:
    files = PersonFiles(store, leave_free=0)
    monkeypatch.setattr("conclave.storage.exporting._AT_ONCE", 2)
    monkeypatch.setattr("conclave.storage.person_files._REST_S", 0.05)
    under_way = [asyncio.create_task(files.write("bob")) for _ in range(2)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(20):
        await files.close()
    ended = await asyncio.gather(*under_way, files.write("ann"), return_exceptions=True)
    assert [one.code for one in ended if isinstance(one, Reject)] == [Code.UNAVAILABLE] * 3


async def test_a_long_log_is_not_held_in_memory(tmp_path) -> None:
    store = await SqliteStore.open(tmp_path)
    for who in (ANN, BOB):
        await store.put_user(User(id=who.user, name=who.name, display_name=who.name))
    await store.create_room("hall", ANN)
    for start in range(0, 4_000, 500):
        await asyncio.gather(
            *(
                store.append(Draft(room="hall", user="ann", name="Ann", text=f"{n} " + "x" * 3_000))
                for n in range(start, start + 500)
            )
        )
    tracemalloc.start()
    try:
        file = await PersonFiles(store, leave_free=0).write("ann")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    with file:
        size = file.seek(0, 2)
    print(f"{size} bytes were written with a peak of {peak} in memory")
    assert size > 12_000_000
    assert peak < 1_000_000
    await store.close()
