"""H5, H6 and H15 of the limits: PostgreSQL that is away, locked, slow or crowded."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.conformance.people import furnish, said
from tests.support.postgres import Postgres, running

from conclave.model import Receipt
from conclave.protocol.errors import Code, Reject
from conclave.storage.postgres.store import PostgresStore
from conclave.storage.postgres.transacting import Transactions

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(300)]

ROOMS = [f"room{n}" for n in range(8)]
# Each statement that inserts entries waits, or is refused now and then as two that meet are.
SLOWLY = """
    CREATE FUNCTION hinder() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN {} RETURN NULL; END $$;
    CREATE TRIGGER hinders AFTER INSERT ON entries FOR EACH STATEMENT EXECUTE FUNCTION hinder();
"""
WAIT = "PERFORM pg_sleep(0.5);"
MEET = """
    IF random() < 0.1 THEN RAISE EXCEPTION 'serialized' USING ERRCODE = '40001'; END IF;
    IF random() < 0.1 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF;
"""
UNHINDERED = "DROP TRIGGER hinders ON entries; DROP FUNCTION hinder();"


@pytest.fixture
async def server() -> AsyncIterator[Postgres]:
    with ExitStack() as stack:
        yield await asyncio.to_thread(stack.enter_context, running())
        await asyncio.to_thread(stack.pop_all().close)


@pytest.fixture
async def url(server: Postgres) -> str:
    return await asyncio.to_thread(server.furnished)


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[PostgresStore]:
    store = await PostgresStore.open(url, tmp_path / "data")
    yield store
    await store.close()


def run(url: str, statement: str) -> list[tuple]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


async def timed(answer: Awaitable[Receipt]) -> tuple[float, Receipt | Reject]:
    began = time.monotonic()
    try:
        got: Receipt | Reject = await answer
    except Reject as no:
        got = no
    return time.monotonic() - began, got


async def steadily(store: PostgresStore, seconds: float) -> list[float]:
    """Say something in each of `ROOMS` ten times a second; return how long each took."""
    until, tasks = time.monotonic() + seconds, []
    while time.monotonic() < until:
        tasks += [asyncio.create_task(timed(store.append(said("x", room=room)))) for room in ROOMS]
        await asyncio.sleep(0.1)
    answers = await asyncio.gather(*tasks)
    assert all(isinstance(got, Receipt) for _, got in answers)
    return sorted(took for took, _ in answers)


def p99(took: list[float]) -> float:
    return took[int(len(took) * 0.99)]


@asynccontextmanager
async def held(url: str, room: str) -> AsyncIterator[None]:
    other = await asyncio.to_thread(psycopg.connect, url)
    query = "SELECT 1 FROM rooms WHERE name = %s FOR UPDATE"
    await asyncio.to_thread(other.execute, query, (room,))
    yield
    await asyncio.to_thread(other.close)


async def test_a_room_that_is_locked_for_ten_seconds_makes_only_itself_wait(
    url: str, store: PostgresStore
) -> None:
    for room in ["hall", *ROOMS]:
        await furnish(store, room=room)
    await steadily(store, 2)
    before = p99(await steadily(store, 10))
    async with held(url, "hall"):
        knocking = asyncio.create_task(knock(store, time.monotonic() + 9))
        during = p99(await steadily(store, 10))
        refused = await knocking
    assert {code for _, code in refused} == {Code.BUSY}
    assert max(took for took, _ in refused) <= 5
    print(f"p99 {before * 1e3:.1f} ms, and {during * 1e3:.1f} ms beside a locked room")
    assert during <= 2 * before
    assert isinstance((await timed(store.append(said("open again"))))[1], Receipt)


async def knock(store: PostgresStore, until: float) -> list[tuple[float, str]]:
    """Say something in the hall, five at a time, as long as it is refused."""
    refused: list[tuple[float, str]] = []
    while time.monotonic() < until:
        answers = await asyncio.gather(*(timed(store.append(said("x"))) for _ in range(5)))
        refused += [(took, got.code) for took, got in answers if isinstance(got, Reject)]
    return refused


async def test_where_each_transaction_takes_half_a_second_all_is_stored_in_order(
    url: str, store: PostgresStore
) -> None:
    await furnish(store)
    await asyncio.to_thread(run, url, SLOWLY.format(WAIT))
    answers = [asyncio.create_task(timed(store.append(said(f"{n}")))) for n in range(500)]
    got = [receipt for _, receipt in await asyncio.gather(*answers)]
    assert [one.seq for one in got if isinstance(one, Receipt)] == list(range(2, 502))
    reads = sorted([(await timed(store.history("hall", limit=1)))[0] for _ in range(20)])
    assert reads[10] < 0.5
    await asyncio.to_thread(run, url, UNHINDERED)


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[list[float]]:
    """Return when each transaction was tried, however often it was."""
    made: list[list[float]] = []
    here, run, once = threading.local(), Transactions.run, Transactions._once

    def running(*given: Any) -> Any:
        made.append([])
        here.times = made[-1]
        return run(*given)

    def trying(*given: Any) -> Any:
        here.times.append(time.monotonic())
        return once(*given)

    monkeypatch.setattr(Transactions, "run", running)
    monkeypatch.setattr(Transactions, "_once", trying)
    return made


@pytest.mark.parametrize("rooms", [1, 64])
async def test_of_64_who_write_at_once_none_is_numbered_twice_and_no_number_is_left_out(
    url: str, store: PostgresStore, tries: list[list[float]], rooms: int
) -> None:
    """H15: 20,000 messages."""
    names = [f"crowd{n}" for n in range(rooms)]
    for name in names:
        await furnish(store, room=name)
    await asyncio.to_thread(run, url, SLOWLY.format(MEET))
    each = 20_032 // 64
    tries.clear()

    async def write(k: int) -> list[Receipt]:
        made = []
        for n in range(each):
            room = names[k % rooms]
            while True:
                _, got = await timed(store.append(said("x", room=room, client_id=f"{k}-{n}")))
                if isinstance(got, Receipt):
                    made.append(got)
                    break
                assert got.code == Code.BUSY
        return made

    began = time.monotonic()
    done = [one for some in await asyncio.gather(*map(write, range(64))) for one in some]
    print(f"{len(done)} messages, {len(done) / (time.monotonic() - began):.0f} a second")
    judge_tries(tries)
    await asyncio.to_thread(run, url, UNHINDERED)
    for name in names:
        seqs = sorted(one.seq for one in done if one.room == name)
        assert seqs == list(range(2, len(seqs) + 2))
    query = "SELECT count(*), count(DISTINCT client_id) FROM entries WHERE client_id IS NOT NULL"
    assert await asyncio.to_thread(run, url, query) == [(len(done), len(done))]
    query = (
        "SELECT count(*) FROM rooms"
        " WHERE last_seq <> (SELECT max(seq) FROM entries WHERE room = rooms.id)"
    )
    assert await asyncio.to_thread(run, url, query) == [(0,)]


def judge_tries(tries: list[list[float]]) -> None:
    """Each is tried again three times at most, and not all of them after the same pause."""
    often = Counter(map(len, tries))
    pauses = sorted(times[1] - times[0] for times in tries if len(times) > 1)
    print(f"transactions by tries: {dict(sorted(often.items()))}")
    print(f"the first again after {pauses[0] * 1e3:.0f} to {pauses[-1] * 1e3:.0f} ms")
    assert max(often) == 1 + 3
    assert len(pauses) > 30
    tenth = len(pauses) // 10
    assert pauses[-tenth] - pauses[tenth] > 0.02


async def away(server: Postgres, seconds: float) -> None:
    await asyncio.to_thread(server.stop)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(server.start)


async def test_away_for_half_a_minute_it_refuses_in_time_and_is_back_in_time(
    server: Postgres, url: str, store: PostgresStore
) -> None:
    await furnish(store)
    acked: dict[str, int] = {}
    refused: list[float] = []
    when: list[float] = []
    stopping = asyncio.Event()

    async def write(k: int) -> None:
        n = 0
        while not stopping.is_set():
            name = f"{k}-{n}"
            took, got = await timed(store.append(said("x", client_id=name)))
            if isinstance(got, Receipt):
                acked[name], n = got.seq, n + 1
                when.append(time.monotonic())
                continue
            refused.append(took)
            await asyncio.sleep(0.2)

    writers = [asyncio.create_task(write(k)) for k in range(20)]
    await asyncio.sleep(2)
    before = await connections(url)
    await away(server, 30)
    back = time.monotonic()
    await asyncio.sleep(6)
    stopping.set()
    await asyncio.gather(*writers)
    assert max(refused) <= 5
    assert not [at for at in when if back - 29 < at < back - 1.5]
    first = min(at for at in when if at > back - 1.5) - back
    print(f"the longest refusal took {max(refused):.2f} s; back after {first:.2f} s")
    assert first <= 5
    rows = await asyncio.to_thread(
        run, url, "SELECT client_id, seq FROM entries WHERE client_id IS NOT NULL"
    )
    stored = dict(rows)
    assert len(stored) == len(rows)
    assert {name: stored.get(name) for name in acked} == acked
    assert sorted(stored.values()) == list(range(2, len(rows) + 2))
    assert await connections(url) <= before


async def connections(url: str) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    ((count,),) = await asyncio.to_thread(run, url, query)
    return int(count)
