"""
A PostgreSQL that is silent: behind a network that swallows, or standing still.

H5 of the limits: who sends is told within five seconds, and served within five of its end.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
from sqlalchemy import Connection
from tests.conformance.people import furnish, said
from tests.support.postgres import Postgres
from tests.support.proxy import Proxy

from conclave.protocol.errors import Code, Reject
from conclave.storage.postgres.store import PostgresStore

# Of a machine that does other things, too.
TOLD_WITHIN = 6.0


class Behind:
    """A store behind *proxy*, and the server that is there."""

    def __init__(self, store: PostgresStore, proxy: Proxy, server: Postgres, near: str) -> None:
        self.store, self.proxy, self.server, self.near = store, proxy, server, near

    async def refused_within(self, client_id: str) -> float:
        began = time.monotonic()
        with pytest.raises(Reject) as refused:
            await self.store.append(said("lost", client_id=client_id))
        assert refused.value.code == Code.UNAVAILABLE
        return time.monotonic() - began

    async def served_within(self, client_id: str) -> float:
        began = time.monotonic()
        while True:
            try:
                await self.store.append(said("lost", client_id=client_id))
                await self.store.history("hall")
            except Reject:
                assert time.monotonic() < began + 20
                await asyncio.sleep(0.05)
            else:
                return time.monotonic() - began

    async def numbers(self) -> list[int]:
        return [entry.seq for entry in (await self.store.after("hall", 0, 500)).entries]


@pytest.fixture
async def behind(postgresql: Postgres, tmp_path: Path) -> AsyncIterator[Behind]:
    url = await asyncio.to_thread(postgresql.empty)
    async with Proxy(postgresql.place / ".s.PGSQL.5432") as proxy:
        name = urlsplit(url).path.lstrip("/")
        far = f"postgresql://conclave@127.0.0.1:{proxy.port}/{name}"
        store = await PostgresStore.open(far, tmp_path / "data", alone=False)
        await furnish(store)
        yield Behind(store, proxy, postgresql, url)
        await store.close()


@pytest.mark.slow
async def test_who_sends_into_the_dark_is_told_in_time_and_served_soon_after(
    behind: Behind,
) -> None:
    behind.proxy.darken()
    first = [asyncio.create_task(behind.refused_within(f"c-{n}")) for n in range(20)]
    await asyncio.sleep(4)
    more = [asyncio.create_task(behind.refused_within(f"d-{n}")) for n in range(20)]
    took = await asyncio.gather(*first, *more)
    assert max(took) < TOLD_WITHIN, sorted(took)
    behind.proxy.heal()
    assert await behind.served_within("c-0") < 5
    numbers = await behind.numbers()
    assert numbers == list(range(1, len(numbers) + 1))


SLOW_COMMIT = """
    CREATE FUNCTION hinder() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER hinders AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION hinder();
"""
COMMITTING = "SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"


@pytest.mark.slow
async def test_who_is_swallowed_in_the_middle_of_a_commit_is_told_in_time(behind: Behind) -> None:
    def look(statement: str) -> int:
        with psycopg.connect(behind.near, autocommit=True) as connection:
            found = connection.execute(statement)
            return int(found.fetchall()[0][0]) if found.description else 0

    await asyncio.to_thread(look, SLOW_COMMIT)
    sent = asyncio.create_task(behind.refused_within("c-1"))
    while not await asyncio.to_thread(look, COMMITTING):
        await asyncio.sleep(0.05)
    dark = time.monotonic()
    behind.proxy.darken()
    # Nobody can say what became of it: not even the server, which is still at it.
    await sent
    took = time.monotonic() - dark
    print(f"told after {took:.2f} s")
    assert took < TOLD_WITHIN, took
    behind.proxy.heal()


@pytest.mark.slow
async def test_one_connection_that_is_swallowed_is_replaced_and_nothing_is_doubled(
    behind: Behind,
) -> None:
    await behind.store.append(said("one", client_id="c-1"))
    for link in behind.proxy.links:
        link.held = True
    receipt = await asyncio.wait_for(behind.store.append(said("two", client_id="c-2")), 5)
    again = await behind.store.append(said("two", client_id="c-2"))
    assert again.seq == receipt.seq
    numbers = await behind.numbers()
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.slow
async def test_a_node_that_is_swallowed_while_it_writes_has_the_room_for_seconds_only(
    behind: Behind, tmp_path: Path
) -> None:
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    def take(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT 1 FROM rooms FOR UPDATE")
        loop.call_soon_threadsafe(began.set)
        time.sleep(3)

    swallowed = asyncio.create_task(behind.store._writer.run(take))
    await began.wait()
    behind.proxy.darken()
    other = await PostgresStore.open(behind.near, tmp_path / "other", alone=False)
    until = time.monotonic() + 8
    while True:
        try:
            await other.append(said("mine", client_id="o-1"))
            break
        except Reject:  # busy
            assert time.monotonic() < until
    await other.close()
    with pytest.raises(Reject):
        await swallowed
    behind.proxy.heal()


@pytest.mark.slow
async def test_answers_that_never_come_double_nothing(behind: Behind) -> None:
    for n in range(5):
        behind.proxy.deafen()
        receipt = await asyncio.wait_for(behind.store.append(said("x", client_id=f"c-{n}")), 10)
        assert (await behind.store.append(said("x", client_id=f"c-{n}"))).seq == receipt.seq
    numbers = await behind.numbers()
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.slow
async def test_a_statement_that_the_server_works_at_is_waited_for(behind: Behind) -> None:
    def slow(connection: Connection) -> int:
        connection.exec_driver_sql("SELECT pg_sleep(4)")
        return 1

    assert await behind.store.read(slow) == 1


@pytest.mark.slow
async def test_a_server_that_stands_still_refuses_and_one_that_goes_on_serves(
    behind: Behind,
) -> None:
    process = behind.server._process
    assert process is not None
    everybody = [process.pid, *(c.pid for c in psutil.Process(process.pid).children())]
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    try:
        took = await asyncio.gather(*(behind.refused_within(f"c-{n}") for n in range(8)))
    finally:
        for pid in everybody:
            os.kill(pid, signal.SIGCONT)
    assert max(took) < TOLD_WITHIN, sorted(took)
    assert await behind.served_within("c-0") < 5
    numbers = await behind.numbers()
    assert numbers == list(range(1, len(numbers) + 1))
