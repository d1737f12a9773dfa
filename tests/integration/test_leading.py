"""Who has a database, and which of several nodes does what one does for all."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from tests.conformance.engines import soon
from tests.conformance.people import BOB, furnish, say
from tests.support.postgres import Postgres, running

from conclave.app.chores import Chores
from conclave.server.background import Background
from conclave.storage.errors import CannotOpen
from conclave.storage.postgres import connecting, leading
from conclave.storage.postgres.leading import Leading
from conclave.storage.postgres.store import PostgresStore


@pytest.fixture
def url(postgresql: Postgres) -> str:
    return postgresql.furnished()


@pytest.fixture
async def nodes(url: str, tmp_path: Path) -> AsyncIterator[list[PostgresStore]]:
    made = [await PostgresStore.open(url, tmp_path / f"{n}", alone=False) for n in range(2)]
    yield made
    for one in made:
        await one.close()


def end_all(url: str) -> None:
    """Let the server end all connections to the database, as when it is started anew."""
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert ended is not None
    assert ended[0] > 0


async def test_one_of_several_nodes_does_what_one_does_for_all(nodes, url) -> None:
    done = [0, 0]
    background = Background()
    chores = [Chores(background, node) for node in nodes]

    def one_of(node: int):
        async def do() -> None:
            done[node] += 1

        return do

    for n, one in enumerate(chores):
        await one.begin()
        one.every(0.01, f"chore {n}", one_of(n))
    await soon(lambda: done[0] > 3, within=60)
    assert done[1] == 0
    # What it led by has ended, and another one was quicker.
    await asyncio.to_thread(end_all, url)
    await chores[1].look()
    await soon(lambda: done[1] > 3, within=60)
    await chores[0].look()
    before = done[0]
    await soon(lambda: done[1] > 20, within=60)
    assert done[0] <= before + 1
    await background.close()


async def test_who_leads_finds_what_the_others_wrote(nodes) -> None:
    leads, other = nodes
    await furnish(leads, BOB)
    await leads.index()
    assert await leads.index_lag() == 0
    await say(other, "a walrus", by=BOB)
    assert await leads.index_lag() > 0
    # It has written nothing itself: it is told.
    leads.stir()
    await leads.index()
    assert await leads.index_lag() == 0


async def test_a_node_that_says_nothing_leads_no_more(url, monkeypatch) -> None:
    monkeypatch.setattr(leading, "SILENT_MS", 20)
    silent = Leading(url)
    assert await asyncio.to_thread(silent.takes)
    monkeypatch.undo()
    other = Leading(url)
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(other.takes):
            await asyncio.sleep(0.02)
    for _ in range(2):
        assert not await asyncio.to_thread(silent.takes)
    for one in (silent, other):
        await asyncio.to_thread(one.close)


async def test_a_database_is_ours_again_after_its_server_was_started_anew(url, tmp_path) -> None:
    ours = await PostgresStore.open(url, tmp_path / "ours")
    end_all(url)
    await ours.hold()
    with pytest.raises(CannotOpen, match="in use by another server"):
        await PostgresStore.open(url, tmp_path / "other", alone=False)
    end_all(url)
    # Another one was quicker.
    other = await PostgresStore.open(url, tmp_path / "other", alone=False)
    with pytest.raises(CannotOpen, match="in use by another server"):
        await ours.hold()
    await other.hold()
    await other.close()
    # Its server lets go of it a moment later.
    async with asyncio.timeout(60):
        while not await holds(ours):
            await asyncio.sleep(0.02)
    await ours.close()


async def holds(store: PostgresStore) -> bool:
    try:
        await store.hold()
    except CannotOpen:
        return False
    return True


async def test_a_pooler_that_ignores_the_limits_of_a_connection_is_refused(
    url, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(connecting, "_options", lambda *_: "")
    with pytest.raises(CannotOpen, match="is not PostgreSQL itself"):
        await PostgresStore.open(url, tmp_path / "ours")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_it_is_ours_and_we_lead_again_after_a_real_restart(tmp_path: Path, how: str) -> None:
    with running() as server:
        url = await asyncio.to_thread(server.empty)
        ours = await PostgresStore.open(url, tmp_path / "ours", alone=False)
        assert await ours.leads()
        await asyncio.to_thread(server.stop if how == "stopped" else server.kill)
        await ours.hold()
        assert not await ours.leads()
        await asyncio.to_thread(server.start)
        await ours.hold()
        with pytest.raises(CannotOpen, match="in use by another server"):
            await PostgresStore.open(url, tmp_path / "other")
        async with asyncio.timeout(60):
            while not await ours.leads():
                await asyncio.sleep(0.05)
        await ours.close()
