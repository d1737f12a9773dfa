"""Goodbyes: some in each turn of the loop, each of them once, none forgotten at the end."""

import asyncio

import pytest

from conclave.server.farewells import Farewells


async def begun_by_turn(count: int) -> list[int]:
    """Let so many part at once; return how many goodbyes each turn of the loop had."""
    farewells, said = Farewells(), []

    async def goodbye(n: int) -> None:
        said.append(n)

    for n in range(count):
        farewells.begin(lambda n=n: goodbye(n))
    turns = []
    while farewells:
        before = len(said)
        await asyncio.sleep(0)
        turns.append(len(said) - before)
    assert said == list(range(count)), "in order, each once"
    return turns


async def test_one_begins_at_once() -> None:
    assert (await begun_by_turn(1))[0] == 1


@pytest.mark.parametrize("count", [64, 65, 1_000])
async def test_a_crowd_is_spread_over_turns(count) -> None:
    turns = await begun_by_turn(count)
    assert turns[0] == 64
    assert max(turns) == 64
    assert sum(turns) == count


async def test_they_are_waited_for_also_those_that_have_not_begun() -> None:
    farewells, said = Farewells(), []

    async def goodbye() -> None:
        await asyncio.sleep(0.001)
        said.append(1)

    for _ in range(200):
        farewells.begin(goodbye)
    assert len(farewells) == 200
    await farewells.said()
    assert (len(said), len(farewells)) == (200, 0)


async def test_a_cut_ends_those_under_way_and_begins_no_other() -> None:
    farewells, begun, ended = Farewells(), [], []

    async def goodbye() -> None:
        begun.append(1)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    for _ in range(100):
        farewells.begin(goodbye)
    await asyncio.sleep(0)
    farewells.cut()
    await farewells.said()
    assert len(begun) == len(ended) == 64
