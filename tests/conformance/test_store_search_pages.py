"""What every store promises of what is found page by page: in order, and none missing."""

import asyncio

from tests.conformance.people import furnish, said, say

from conclave.model import Hits, Query, Term
from conclave.ports import Store

APPLE = Query(words=(Term(text="apple"),))


async def pages(store: Store, query: Query, limit: int, **more: object) -> list[list[int]]:
    found: list[list[int]] = []
    cursor: int | None = None
    while True:
        page: Hits = await store.search(
            query,
            reader="ann",
            limit=limit,
            cursor=cursor,
            **more,  # type: ignore[arg-type]
        )
        found.append([hit.seq for hit in page.hits])
        assert page.more == (page.cursor is not None)
        if not page.more:
            return found
        cursor = page.cursor


async def test_pages_lead_to_the_oldest_and_miss_none(store: Store) -> None:
    await furnish(store)
    await asyncio.gather(*(store.append(said(f"apple {n}")) for n in range(25)))
    await store.index()
    found = await pages(store, APPLE, 10)
    assert found == [list(range(26, 16, -1)), list(range(16, 6, -1)), list(range(6, 1, -1))]
    # What comes in between moves nothing.
    first = await store.search(APPLE, reader="ann", limit=10)
    await say(store, "apple")
    await store.index()
    second = await store.search(APPLE, reader="ann", limit=10, cursor=first.cursor)
    assert [hit.seq for hit in second.hits] == list(range(16, 6, -1))


async def test_pages_go_through_many_rooms_in_order_of_time(store: Store) -> None:
    rooms = [f"room {n}" for n in range(50)]
    for room in rooms:
        await furnish(store, room=room)
    for n in range(100):
        await store.append(said(f"apple {n}", room=rooms[n * 7 % 50]))
    await store.index()
    hits = []
    cursor: int | None = None
    while True:
        page = await store.search(APPLE, reader="ann", limit=17, cursor=cursor)
        hits += page.hits
        cursor = page.cursor
        if cursor is None:
            break
    assert len({(hit.room, hit.seq) for hit in hits}) == len(hits) == 100
    times = [hit.timestamp for hit in hits]
    assert times == sorted(times, reverse=True)


async def test_a_full_page_with_nothing_behind_it_says_so(store: Store) -> None:
    await furnish(store)
    await say(store, *["apple"] * 10)
    await store.index()
    assert await pages(store, APPLE, 10) == [list(range(11, 1, -1))]


async def test_any_cursor_is_a_place(store: Store) -> None:
    await furnish(store)
    await say(store, "apple")
    await store.index()

    async def seqs(store: Store, cursor: int) -> list[int]:
        return [hit.seq for hit in (await store.search(APPLE, reader="ann", cursor=cursor)).hits]

    assert await seqs(store, 0) == []
    assert await seqs(store, 2**63 - 1) == [2]
    assert await seqs(store, 2**64 - 1) == [2]
