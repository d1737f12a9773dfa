"""What is handed out for a moment: the same wherever it is kept."""

import asyncio

import pytest

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture
async def passes(store):
    return store.passes(asyncio.get_running_loop().time)


async def test_it_is_good_for_its_uses_and_no_more(passes):
    await passes.put(KEY, b"mine", 60, group="g", most=10)
    await passes.put(OTHER, b"\0\xff", 60, group="g", most=10, uses=2)
    assert await passes.use(KEY) == b"mine"
    assert await passes.use(KEY) is None
    assert [await passes.use(OTHER) for _ in range(3)] == [b"\0\xff", b"\0\xff", None]
    assert await passes.use(b"never given") is None


async def test_of_many_uses_at_once_one_wins(passes):
    await passes.put(KEY, b"mine", 60, group="g", most=10)
    found = await asyncio.gather(*(passes.use(KEY) for _ in range(20)))
    assert sorted(one or b"" for one in found) == [b""] * 19 + [b"mine"]


async def test_it_ends(passes):
    await passes.put(KEY, b"mine", 0.3, group="g", most=10)
    await passes.put(OTHER, b"other", 60, group="g", most=10)
    await asyncio.sleep(0.35)
    assert await passes.use(KEY) is None
    assert await passes.use(OTHER) == b"other"


async def test_what_is_dropped_is_worthless_and_what_is_put_anew_is_new(passes):
    await passes.put(KEY, b"mine", 60, group="g", most=10)
    await passes.drop(KEY)
    await passes.drop(KEY)
    assert await passes.use(KEY) is None
    await passes.put(KEY, b"again", 60, group="g", most=10)
    await passes.put(KEY, b"and again", 60, group="g", most=10)
    assert await passes.use(KEY) == b"and again"
    assert await passes.use(KEY) is None


async def test_of_too_many_in_a_group_the_oldest_goes(passes):
    for n in range(4):
        await passes.put(b"%032d" % n, b"%d" % n, 60, group="g", most=3)
    await passes.put(KEY, b"mine", 60, group="another", most=3)
    found = [await passes.use(b"%032d" % n) for n in range(4)]
    assert found == [None, b"1", b"2", b"3"]
    assert await passes.use(KEY) == b"mine"
