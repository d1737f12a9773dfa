"""The index beside the log: what it holds, how it follows, and what it forgets."""

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.people import furnish, said, say

from conclave.model import Query, Term
from conclave.protocol.errors import Reject
from conclave.storage import SqliteStore, search_fts5, search_index
from conclave.storage.driver import driver, raw
from conclave.storage.search_check import problems
from conclave.storage.search_follow import follow

Sql = Callable[..., list[Any]]


def asking(word: str) -> Query:
    return Query(words=(Term(text=word),))


async def search(store: SqliteStore, word: str, **more: Any) -> list[int]:
    await store.index()
    return [hit.seq for hit in (await store.search(asking(word), reader="ann", **more)).hits]


async def edit(store: SqliteStore, target: int, text: str) -> None:
    await store.append(said(text, type="message:edited", extra={"target": target}))


async def delete(store: SqliteStore, target: int) -> None:
    await store.append(said("", type="message:deleted", extra={"target": target}))


def faults(data: Path) -> list[str]:
    connection = driver().connect(data / "conclave.db")
    try:
        return list(problems(connection))
    finally:
        connection.close()


def everything(data: Path) -> bytes:
    """Return all bytes of all files of a database, in small letters."""
    return b"".join(file.read_bytes().lower() for file in sorted(data.iterdir()))


# ── erasing ────────────────────────────────────────────────────────────────────────────


async def test_a_deleted_text_is_in_no_file(store: SqliteStore, data: Path) -> None:
    await furnish(store)
    await say(store, *(f"message number {n} says keepme{n}word" for n in range(300)))
    marked = [
        (await say(store, f"zebra{n}written and Zebra{n}Twice and zebra{n}ééé"))[0].seq
        for n in range(60)
    ]
    await store.index()
    for n, seq in enumerate(marked[:30]):
        await edit(store, seq, f"zebra{n}edited")
    await store.index()
    for n, seq in enumerate(marked[:10]):
        await edit(store, seq, f"zebra{n}editedagain")  # which is never indexed
    for seq in marked:
        await delete(store, seq)
    assert await search(store, "keepme7word") == [9]
    # An older SQLite forgets in its own time, and the log says so.
    if search_fts5.forgets():
        await _gone(data, b"zebra", within=10)
    left = everything(data)
    assert b"keepme7word" in left
    assert faults(data) == []


async def _gone(data: Path, marker: bytes, *, within: float) -> None:
    """Return once no file of the open store has *marker*: the WAL is emptied soon."""
    until = time.monotonic() + within
    while marker in everything(data):
        assert time.monotonic() < until
        await asyncio.sleep(0.05)


async def test_a_deletion_leaves_the_index_in_the_same_moment(store: SqliteStore, sql: Sql) -> None:
    await furnish(store)
    await say(store, "apple", "pear")
    await store.index()
    await delete(store, 2)
    assert sql("SELECT seq FROM search_docs") == [(3,)]
    assert sql("SELECT rowid FROM search_index WHERE search_index MATCH '\"1_apple\"'") == []


async def test_an_edit_takes_the_earlier_words_out(
    store: SqliteStore, data: Path, sql: Sql
) -> None:
    await furnish(store)
    await say(store, "apple pie")
    await store.index()
    await edit(store, 2, "pear pie")
    await store.index()
    assert sql("SELECT rowid FROM search_index WHERE search_index MATCH '\"1_apple\"'") == []
    assert faults(data) == []


async def test_a_purge_takes_out_what_it_purges(store: SqliteStore, data: Path, sql: Sql) -> None:
    await furnish(store)
    await say(store, *(f"apple {n}" for n in range(30)))
    await store.index()

    def purge(connection: Any) -> list[int]:
        cursor = raw(connection).cursor()
        counts = [search_index.forget_upto(cursor, 1, 21, most=15) for _ in range(3)]
        cursor.execute("DELETE FROM entries WHERE seq <= 21")
        cursor.execute("UPDATE rooms SET first_seq = 22")
        return counts

    assert await store._writer.run(purge) == [15, 5, 0]
    assert await search(store, "apple") == list(range(31, 21, -1))
    assert faults(data) == []


async def test_what_was_erased_without_a_word_is_found_out_and_made_good(
    store: SqliteStore, data: Path, sql: Sql
) -> None:
    await furnish(store)
    await say(store, "apple", "pear")
    await store.index()
    sql("UPDATE entries SET text = '' WHERE seq = 2")
    sql("INSERT INTO revised (room, seq, deleted_seq) VALUES (1, 2, 3)")
    assert len(faults(data)) == 2
    await store.append(said("", type="message:pinned", extra={"target": 3}))
    await delete(store, 3)
    await store.append(said("more"))
    sql("UPDATE search_rooms SET upto = 0")
    assert await search(store, "more") == [6]
    assert faults(data) == []


# ── following ──────────────────────────────────────────────────────────────────────────


async def test_slices_of_any_length_come_to_the_same(store: SqliteStore, data: Path) -> None:
    await furnish(store)
    await say(store, *(f"apple {n} {'x' * (n * 37 % 900)}" for n in range(200)))
    for seq in range(2, 152, 5):
        await edit(store, seq, f"pear {seq}")

    def slices(connection: Any) -> int:
        cursor = raw(connection).cursor()
        count = 1
        while follow(cursor, 0.0):
            count += 1
        return count

    assert await store._writer.run(slices) > 3
    assert faults(data) == []
    assert await search(store, "apple", limit=50) == list(range(201, 151, -1))


async def test_what_was_begun_goes_on_after_a_restart(data: Path) -> None:
    store = await SqliteStore.open(data)
    await furnish(store)
    await say(store, *(f"apple {n}" for n in range(150)))
    await store._writer.run(lambda connection: follow(raw(connection).cursor(), 0.0))
    assert 0 < await store.index_lag() < 151
    await store.close()
    store = await SqliteStore.open(data)
    assert await search(store, "apple", limit=50) == list(range(151, 101, -1))
    await store.close()
    assert faults(data) == []


async def test_quiet_rooms_are_found_while_a_long_one_is_on_its_way(store: SqliteStore) -> None:
    await furnish(store)
    await furnish(store, room="quiet")
    await asyncio.gather(*(store.append(said(f"apple {n}")) for n in range(2_000)))
    await say(store, "pear", room="quiet")
    await store._writer.run(lambda connection: follow(raw(connection).cursor(), 0.0))
    found = await store.search(asking("pear"), reader="ann")
    assert [hit.room for hit in found.hits] == ["quiet"]
    assert found.behind > 1_000


async def test_following_writes_nothing_when_there_is_nothing(store: SqliteStore) -> None:
    await furnish(store)
    # It merges a little after it has followed.
    for _ in range(5):
        await store.index()
    commits = store._writer.commits
    for _ in range(5):
        await store.index()
    assert store._writer.commits == commits


async def test_many_small_parts_become_a_few(store: SqliteStore, sql: Sql) -> None:
    await furnish(store)
    parts = "SELECT count(DISTINCT segid) FROM search_index_idx"
    for n in range(40):
        await say(store, f"apple {n}")
        await store._writer.run(lambda connection: follow(raw(connection).cursor(), 0.0))
    ((before,),) = sql(parts)
    for _ in range(20):
        await store.index()
    ((after,),) = sql(parts)
    assert after < before
    assert after <= 3
    assert len((await store.search(asking("apple"), reader="ann", limit=50)).hits) == 40


async def test_an_index_of_other_words_is_made_anew(data: Path, sql: Sql) -> None:
    store = await SqliteStore.open(data)
    await furnish(store)
    await say(store, "apple")
    await store.index()
    await store.close()
    sql("UPDATE meta SET value = '0/of an older version' WHERE key = 'search'")
    sql("DELETE FROM search_docs")
    store = await SqliteStore.open(data)
    # Until then it knows of nothing, and does not say so of nothing.
    assert (await store.search(asking("apple"), reader="ann")).hits == []
    assert await search(store, "apple") == [2]
    await store.close()
    assert faults(data) == []


async def test_an_index_is_emptied_in_slices(store: SqliteStore, data: Path, sql: Sql) -> None:
    await furnish(store)
    await asyncio.gather(*(store.append(said(f"apple {n} pear{n}")) for n in range(3_000)))
    await store.index()
    sql("DELETE FROM meta WHERE key = 'search'")
    ((full,),) = sql("SELECT count(*) FROM search_docs")

    def slices(connection: Any) -> int:
        cursor = raw(connection).cursor()
        count = 1
        while follow(cursor, 0.0) and not search_index.is_current(cursor):
            count += 1
        return count

    found = await store.search(asking("apple"), reader="ann")
    await store._writer.run(lambda connection: follow(raw(connection).cursor(), 0.0))
    ((left,),) = sql("SELECT count(*) FROM search_docs")
    assert (found.hits, full, left) == ([], 3_000, 3_000)
    # What is erased meanwhile is erased.
    await delete(store, 2)
    assert await store._writer.run(slices) > 5
    assert (await search(store, "pear0"))[-1:] == []
    assert await search(store, "pear7") == [9]
    assert faults(data) == []


@pytest.mark.parametrize("over", [10, 1])
async def test_a_damaged_index_is_made_anew_and_breaks_nothing(
    store: SqliteStore, data: Path, sql: Sql, over: int
) -> None:
    await furnish(store)
    await say(store, *(f"apple {n}" for n in range(50)))
    await store.index()
    sql("UPDATE search_index_data SET block = x'0badf00dffffffffffff' WHERE id > ?", over)
    with pytest.raises(Reject):
        await store.search(asking("apple"), reader="ann")
    await delete(store, 2)
    assert store.healthy
    await say(store, "apple")
    await store.index()
    await store.index()
    assert store.healthy
    assert (await search(store, "apple", limit=50))[-1] == 3
    assert faults(data) == []


async def test_each_fault_of_the_index_is_told(store: SqliteStore, data: Path, sql: Sql) -> None:
    await furnish(store)
    await say(store, *(f"apple {n}" for n in range(5)))
    await store.index()
    assert faults(data) == []
    sql("DELETE FROM search_docs WHERE seq = 2")
    sql("UPDATE search_docs SET traits = 1 WHERE seq = 3")
    told = "\n".join(faults(data))
    assert "message 2 is missing" in told
    assert "message 3 is there as it was before" in told
    assert "other words than the messages" in told


async def test_a_slice_whose_time_is_over_takes_in_few_however_much_is_behind(
    store: SqliteStore,
) -> None:
    """In PostgreSQL it holds the room meanwhile: a minute's messages are not made to wait for."""
    await furnish(store)
    await say(store, *(f"message {n}" for n in range(60)))
    behind = [await store.index_lag()]
    while behind[-1]:
        await store.write(lambda connection, _: follow(raw(connection).cursor(), 0.0))
        behind.append(await store.index_lag())
    steps = [before - after for before, after in pairwise(behind)]
    assert min(steps) > 0
    assert max(steps) <= 4
