"""The queue behind an `async for`: in order, bounded, with an end that is seen."""

import asyncio

import pytest

from conclave.client.feed import Feed


async def test_items_come_in_order_and_those_that_are_counted_say_when_they_are_taken():
    feed, taken = Feed(), []
    feed.put("passing")
    feed.put("entry", lambda: taken.append("entry"))
    assert await feed.get() == "passing"
    assert taken == []
    assert await feed.get() == "entry"
    assert taken == ["entry"]


async def test_of_what_passes_the_oldest_go_and_no_entry_does():
    feed = Feed()
    feed.put("entry", lambda: None)
    for n in range(1_500):
        feed.put(n)
    assert await feed.get() == "entry"
    assert [await feed.get() for _ in range(1_000)] == list(range(500, 1_500))


async def test_what_is_said_only_once_is_never_dropped():
    feed = Feed()
    feed.put("not sent", lasting=True)
    feed.fail(ValueError("ended"))
    for n in range(1_500):
        feed.put(n)
    assert await feed.get() == "not sent"
    with pytest.raises(ValueError, match="ended"):
        await feed.get()
    assert await feed.get() == 500


async def test_what_is_cleared_counts_as_taken():
    feed, taken = Feed(), []
    feed.put("entry", lambda: taken.append("entry"))
    feed.put("passing")
    feed.clear()
    feed.put("new")
    assert await feed.get() == "new"
    assert taken == ["entry"]


async def test_an_end_comes_after_what_is_there_and_stays():
    feed = Feed()
    feed.put("last")
    feed.end(ConnectionError("over"))
    feed.end(ValueError("too late"))
    assert await feed.get() == "last"
    for _ in range(2):
        with pytest.raises(ConnectionError, match="over"):
            await feed.get()


async def test_a_failure_is_raised_once_in_its_place():
    feed = Feed()
    feed.put(1)
    feed.fail(ValueError("in between"))
    feed.put(2)
    assert await feed.get() == 1
    with pytest.raises(ValueError, match="in between"):
        await feed.get()
    assert await feed.get() == 2


async def test_who_waits_is_woken_by_an_item_and_by_the_end():
    feed = Feed()
    waiting = asyncio.create_task(feed.get())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="another task"):
        await feed.get()
    feed.put("there")
    assert await waiting == "there"
    waiting = asyncio.create_task(feed.get())
    await asyncio.sleep(0)
    feed.end()
    with pytest.raises((StopAsyncIteration, RuntimeError)):
        await waiting


async def test_a_reader_who_is_cancelled_loses_nothing():
    feed = Feed()
    waiting = asyncio.create_task(feed.get())
    await asyncio.sleep(0)
    feed.put("kept")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await feed.get() == "kept"
