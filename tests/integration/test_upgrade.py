"""A server of today on the data of each earlier version: it starts, and all of it is served."""

import asyncio
import json
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.make_database import ANN, ATTIC, NUMBERS, TEXTS, TOKEN
from tests.support.node_process import NodeProcess

from conclave.client import Client
from conclave.storage.verify import verify

OLD = sorted((Path(__file__).parents[1] / "data").glob("conclave-v*.db"))


@pytest.mark.parametrize("database", OLD, ids=[path.stem for path in OLD])
async def test_a_server_starts_on_it_and_serves_its_history(database, tmp_path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(database, data / "conclave.db")
    with NodeProcess(data) as node:
        async with Client(f"http://localhost:{node.port}", token=TOKEN) as ann:
            assert ann.me.id == ANN.user
            general = ann.room("general")
            said = [line.text async for line in _until(general, NUMBERS["general"])]
            assert list(TEXTS) == said[1 : 1 + len(TEXTS)]
            stored = await general.send("said by the version of today")
            assert stored.seq > NUMBERS["general"]
            assert (await general.history(limit=1)).messages[-1].text.startswith("said by")
            if database.stem != "conclave-v1":
                (right,) = [m for m in (await ann.room(ATTIC).history()).messages if m.seq == 3]
                assert (right.text, bool(right.edited_at)) == ("right", True)
        node.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(node.wait) == 0
    assert await asyncio.to_thread(lambda: list(verify(data / "conclave.db"))) == []
    check_upgraded(database, data)


async def _until(room, last: int):
    async for line in room.follow(since=0):
        if line.type == "message":
            yield line
        if line.seq >= last:
            return


def check_upgraded(database: Path, data: Path) -> None:
    """The database as it was lies beside the new one, unless it is of this version already."""
    lines = [json.loads(line) for line in (data / "server.log").read_text().splitlines()]
    assert not [line for line in lines if line["level"] in ("error", "warning")], lines
    upgrades = [line for line in lines if line["event"] == "schema_upgrade"]
    if database == OLD[-1] and not upgrades:
        return
    (upgrade,) = upgrades
    assert f"conclave-v{int(upgrade['was'])}" == database.stem
    copy = data / f"conclave.db.before-{upgrade['becomes']}"
    assert Path(upgrade["copy"]) == copy
    assert rows(copy) == rows(database)


def rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return what is in its tables, but for the index of words, which cannot be read as rows."""
    # The fixture's own directory gets no files beside it.
    with closing(sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)) as connection:
        wanted = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%'"
        names = [name for (name,) in connection.execute(wanted)]
        assert "entries" in names
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
