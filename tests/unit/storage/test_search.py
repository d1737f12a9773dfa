"""Searches of one store: their order, and how much they may take."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.people import furnish, said, say

from conclave.model import Query, Term
from conclave.protocol.errors import Code
from conclave.storage import SqliteStore, searches
from conclave.storage.driver import raw

Sql = Callable[..., list[Any]]


def asking(word: str) -> Query:
    return Query(words=(Term(text=word),))


async def search(store: SqliteStore, word: str, **more: Any) -> list[int]:
    await store.index()
    return [hit.seq for hit in (await store.search(asking(word), reader="ann", **more)).hits]


# ── order and time ─────────────────────────────────────────────────────────────────────


async def test_a_thousand_messages_of_one_moment_keep_their_order(data: Path) -> None:
    now = [1_790_000_000_000]
    store = await SqliteStore.open(data, clock=lambda: now[0])
    await furnish(store)
    await furnish(store, room="cellar")
    await asyncio.gather(*(store.append(said("apple")) for _ in range(1_000)))
    await asyncio.gather(*(store.append(said("apple", room="cellar")) for _ in range(100)))
    now[0] += 1
    await say(store, "apple")
    await store.index()
    found: list[int] = []
    cursor: int | None = None
    while True:
        page = await store.search(
            asking("apple"), reader="ann", room="hall", limit=50, cursor=cursor
        )
        found += [hit.seq for hit in page.hits]
        cursor = page.cursor
        if cursor is None:
            break
    assert found == list(range(1_002, 1, -1))
    bounded = Query(words=(Term(text="apple"),), after=now[0])
    assert len((await store.search(bounded, reader="ann", limit=50)).hits) == 1
    bounded = Query(words=(Term(text="apple"),), before=now[0])
    first = (await store.search(bounded, reader="ann", room="hall", limit=1)).hits
    assert [hit.seq for hit in first] == [1_001]
    await store.close()


# ── bounds ─────────────────────────────────────────────────────────────────────────────


_FOREVER = """
    WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n
"""


async def test_a_search_that_takes_too_long_is_busy_and_nobody_else_waits(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await furnish(store)
    await say(store, "apple")
    await store.index()
    monkeypatch.setattr(searches, "_WITHIN", 1.0)
    with monkeypatch.context() as patch:
        patch.setattr(
            searches, "search", lambda connection, *_: raw(connection).execute(_FOREVER).fetchall()
        )
        slow = [asyncio.create_task(store.search(asking("apple"), reader="ann")) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert len((await store.history("hall")).entries) == 1
        assert not any(task.done() for task in slow)
        ended = await asyncio.gather(*slow, return_exceptions=True)
    assert [getattr(no, "code", no) for no in ended] == [Code.BUSY] * 3
    assert await search(store, "apple") == [2]


async def test_a_search_out_of_time_returns_what_it_has(store: SqliteStore) -> None:
    await furnish(store)
    await say(store, *["apple"] * 10)
    await store.index()
    asked = searches.Asked(asking("apple"), "ann", limit=5)

    def in_no_time(connection: Any) -> Any:
        return searches.search(connection, asked, 0.0)

    page = await store._readers.read(in_no_time)
    assert ([hit.seq for hit in page.hits], page.more) == ([11], True)
    rest = await store.search(asking("apple"), reader="ann", cursor=page.cursor)
    assert [hit.seq for hit in rest.hits] == list(range(10, 1, -1))


async def test_a_long_query_is_true_to_its_last_word(store: SqliteStore) -> None:
    await furnish(store)
    many = " ".join(f"w{n}" for n in range(60))
    await say(store, many, f"{many} last")
    await store.index()
    words = tuple(Term(text=f"w{n}") for n in range(60))
    found = await store.search(Query(words=(*words, Term(text="last"))), reader="ann")
    assert [hit.seq for hit in found.hits] == [3]
    found = await store.search(asking(f"{many} last"), reader="ann")
    assert [hit.seq for hit in found.hits] == [3]
    without = Query(words=(*words, Term(text="last", without=True)))
    assert [hit.seq for hit in (await store.search(without, reader="ann")).hits] == [2]
