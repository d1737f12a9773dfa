"""A node and the operator's commands over a database of PostgreSQL, and the way there."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.support.lived_in import ANN, TOKEN, make
from tests.support.postgres import Postgres

from conclave.settings import CannotStart
from conclave.storage import SqliteStore
from conclave.storage.attachments import SqlAttachments
from conclave.storage.errors import CannotDo
from conclave.storage.person_files import PersonFiles
from conclave.storage.postgres.moving import move
from conclave.storage.postgres.store import PostgresStore
from conclave.storage.sqlstore import SqlStore
from conclave.testing import serve

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("lived-in") / "data"
    asyncio.run(make(made, governed=True))
    return made


@pytest.fixture
async def url(postgresql: Postgres) -> str:
    return await asyncio.to_thread(postgresql.empty)


async def conclave(*words: str, database: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "conclave", *words,
        env={**os.environ, "CONCLAVE_DATABASE": database}, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    said, complained = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode(), complained.decode()


async def what_is_there(store: SqlStore) -> list[Any]:
    rooms = [name for name in await store.public_names() if name] + ["cellar", "court"]
    logs = [(await store.after(name, 0, 10_000)).entries for name in rooms]
    lists = [await store.rooms_of(user) for user in ("ann", "bob", "eve", "kim", "root")]
    return [store.epoch, logs, lists, [await store.history(name) for name in rooms]]


async def test_what_is_moved_is_there_as_it_was_and_goes_on(lived_in, url, tmp_path) -> None:
    store = await SqliteStore.open(lived_in)
    before = await what_is_there(store)
    await store.close()
    told: list[tuple[int, int]] = []
    moved = await asyncio.to_thread(move, lived_in, url, lambda done, of: told.append((done, of)))
    assert moved.rows > 150
    assert all(0 < done <= of for done, of in told)
    there = await PostgresStore.open(url, tmp_path / "data")
    assert await what_is_there(there) == before
    await there.create_room("later", ANN)
    await there.close()
    with pytest.raises(CannotDo, match="has people or rooms"):
        await asyncio.to_thread(move, lived_in, url)


async def test_a_move_that_is_cut_off_has_moved_nothing(lived_in, url) -> None:
    def cut_off(done: int, _of: int) -> None:
        if done > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await asyncio.to_thread(move, lived_in, url, cut_off)
    connection = await asyncio.to_thread(psycopg.connect, url)
    for table in ("users", "rooms", "entries"):
        query = f"SELECT count(*) FROM {table}"
        assert (await asyncio.to_thread(connection.execute, query)).fetchone() == (0,)
    await asyncio.to_thread(connection.close)


async def test_a_node_over_it_serves_finds_and_is_restarted(lived_in, url, tmp_path) -> None:
    await asyncio.to_thread(move, lived_in, url)
    settings = {"demo": False, "database": url, "data": str(tmp_path / "data")}
    async with serve(**settings) as server:
        async with server.client(TOKEN) as ann:
            await ann.ask("join:room", room="hall")
            sent = await ann.ask("chat", room="hall", text="over the new database")
        await server.node.store.index()
        with pytest.raises(CannotStart, match="in use by another server"):
            async with serve(**{**settings, "data": str(tmp_path / "other")}):
                pass
    async with serve(**settings) as server, server.client(TOKEN) as ann:
        await ann.ask("join:room", room="hall")
        page = await ann.ask("get:history", room="hall", limit=1)
        assert page["messages"][-1]["seq"] == sent["seq"]
        found = await ann.ask("search", query="new database")
        assert [hit["seq"] for hit in found["hits"]] == [sent["seq"]]


async def test_commands_do_the_same_over_it_and_those_of_the_file_say_so(
    lived_in, url, tmp_path
) -> None:
    data = str(tmp_path / "data")
    code, said, complained = await conclave("migrate-to", url, "--data", str(lived_in), database="")
    assert (code, complained) == (0, "")
    assert " rows of " in said
    code, said, complained = await conclave("user", "list", "--json", "--data", data, database=url)
    assert (code, complained) == (0, "")
    assert {"ann", "bob", "root"} <= {json.loads(line)["id"] for line in said.splitlines()}
    code, said, complained = await conclave("verify", "--data", data, database=url)
    assert (code, said, complained) == (0, "All is well.\n", "")
    for words in (("backup", f"{data}/x.db"), ("compact",)):
        code, said, complained = await conclave(*words, "--data", data, database=url)
        assert (code, said) == (1, "")
        assert "is for the file of SQLite" in complained
        assert "pg_dump" in complained
    code, said, _ = await conclave("doctor", "--json", "--data", data, database=url)
    found = [json.loads(line) for line in said.splitlines()]
    (one,) = (line for line in found if line["check"] == "database")
    assert one["state"] == "good"


async def test_an_export_beside_a_server_has_the_same_lines_as_that_of_the_file(
    lived_in, url, tmp_path
) -> None:
    await asyncio.to_thread(move, lived_in, url)
    code, of_file, _ = await conclave("export", "-", "--data", str(lived_in), database="")
    assert code == 0
    store = await PostgresStore.open(url, tmp_path / "server")
    code, said, complained = await conclave(
        "export", "-", "--data", str(tmp_path / "server"), database=url
    )
    assert (code, complained) == (0, "")
    ours, theirs = (
        [one for one in map(json.loads, lines.splitlines()) if one["line"] not in ("export", "end")]
        for lines in (said, of_file)
    )
    assert ours == theirs
    assert any(one["line"] == "entry" for one in ours)
    notes = await store.read(
        lambda c: c.exec_driver_sql("SELECT action FROM audit ORDER BY id DESC LIMIT 1").fetchall()
    )
    assert [tuple(one) for one in notes] == [("data.exported",)]
    await store.close()


async def test_an_empty_database_beside_a_file_is_no_beginning(lived_in, url) -> None:
    with pytest.raises(CannotStart, match="migrate-to"):
        async with serve(demo=False, database=url, data=str(lived_in)):
            pass


async def test_what_one_takes_along_is_the_same_from_either(lived_in, url, tmp_path) -> None:
    await asyncio.to_thread(move, lived_in, url)
    taken = []
    for store in (await SqliteStore.open(lived_in), await PostgresStore.open(url, tmp_path)):
        with await PersonFiles(store, leave_free=0).write("kim") as file:
            taken.append([json.loads(line) for line in file][1:-1])
        kept = await SqlAttachments(store).kept()
        taken[-1].append([kept.count, kept.bytes])
        await store.close()
    assert taken[0] == taken[1]
    assert any(line["line"] == "entry" for line in taken[0][:-1])
