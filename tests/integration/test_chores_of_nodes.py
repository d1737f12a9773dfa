"""What nodes do by themselves again and again: several at once do it once, and none fails."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.conformance.people import ANN, BOB, furnish, say
from tests.support.postgres import Postgres

from conclave.app.upkeep import Upkeep
from conclave.model import User
from conclave.protocol.errors import Close
from conclave.storage.deleting import Deletions, delete_room
from conclave.storage.erase import erase
from conclave.storage.lines import now_ms
from conclave.storage.postgres.store import PostgresStore
from conclave.storage.purge import Keep, Purge

pytestmark = pytest.mark.slow


@pytest.fixture
async def nodes(postgresql: Postgres, tmp_path: Path) -> AsyncIterator[list[PostgresStore]]:
    url = await asyncio.to_thread(postgresql.furnished)
    made = [await PostgresStore.open(url, tmp_path / f"{n}", alone=False) for n in range(3)]
    await furnish(made[0], BOB)
    yield made
    for one in made:
        await one.close()


async def test_a_log_that_all_purge_at_once_has_what_is_to_be_kept(nodes) -> None:
    await asyncio.gather(*(say(node, *(f"{n}" for n in range(200))) for node in nodes))
    await asyncio.gather(*(Purge(node, Keep(messages=50)).run() for node in nodes))
    for node in nodes:
        page = await node.after("hall", 0, 1_000)
        assert page.last_seq == 602
        kept = list((await node.history("hall", limit=100)).entries)
        assert [one.seq for one in kept] == list(range(553, 603))


async def test_a_room_that_all_erase_at_once_is_gone_and_its_name_free(nodes) -> None:
    await say(nodes[0], *(f"{n}" for n in range(300)))
    await nodes[1].write(lambda c, log: delete_room(c, log, "hall", ANN, None, now_ms()))
    await asyncio.gather(*(Deletions(node).run() for node in nodes))
    for table in ("entries", "search_docs"):
        rows = await nodes[2].read(
            lambda c, table=table: c.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
        )
        assert rows == 0
    await nodes[2].create_room("hall", BOB)


async def test_the_index_that_all_bring_up_to_the_log_has_each_message_once(nodes) -> None:
    await asyncio.gather(*(say(node, *(f"word {n}" for n in range(200))) for node in nodes))
    await asyncio.gather(*(node.index() for node in nodes))
    docs = await nodes[0].read(
        lambda c: c.exec_driver_sql(
            "SELECT count(*), count(DISTINCT seq), (SELECT count(*) FROM search_index)"
            " FROM search_docs"
        ).fetchall()
    )
    assert [tuple(one) for one in docs] == [(600, 600, 600)]


async def test_who_is_erased_on_one_node_is_so_on_all_and_their_clients_begin_anew(nodes) -> None:
    await nodes[0].put_user(User(id="bob", name="bob", display_name="Bob"))
    await say(nodes[0], "hello", by=BOB)
    sent_away: list[Close] = []
    client = SimpleNamespace(disconnect=lambda code, _why: sent_away.append(code))
    node = SimpleNamespace(hub=SimpleNamespace(connections=[client]))
    keeping = SimpleNamespace(retention_days=0, retention_messages=0)
    upkeep = Upkeep(keeping, nodes[1], node)
    await upkeep.follow_epoch()
    assert sent_away == []
    before = nodes[1].epoch
    await erase(nodes[0], "bob")
    await upkeep.follow_epoch()
    assert nodes[1].epoch == nodes[0].epoch != before
    assert sent_away == [Close.STATE_LOST]
    await upkeep.follow_epoch()
    assert len(sent_away) == 1
    assert (await nodes[1].history("hall")).epoch == nodes[0].epoch
    await upkeep.close()
