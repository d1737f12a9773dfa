"""Nodes that share a database share the places of its rooms: the last one is had once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.postgres import Postgres

from conclave.storage.postgres.places import PostgresPlaces
from conclave.storage.postgres.store import PostgresStore


@pytest.fixture
def url(postgresql: Postgres) -> str:
    return postgresql.furnished()


@pytest.fixture
async def nodes(url: str) -> AsyncIterator[list[PostgresPlaces]]:
    made = [PostgresPlaces(url) for _ in range(2)]
    for one in made:
        # Nobody says here that they are there still, however long a test takes.
        one.lease_s = 3_600.0
        await one.begin([])
    yield made
    for one in made:
        await asyncio.to_thread(one.close)


def people(letter: str, count: int, room: str = "hall") -> list[tuple[str, str]]:
    return [(room, f"{letter}{n}") for n in range(count)]


COUNTS = [(10, 2), pytest.param(100, 20, marks=pytest.mark.slow)]


@pytest.mark.parametrize(("most", "rounds"), COUNTS)
async def test_of_many_who_ask_two_nodes_at_once_so_many_have_one(nodes, most, rounds) -> None:
    for round_ in range(rounds):
        room = f"room {round_}"
        asked = [
            node.exchange([one], [], most)
            for n in range(3 * most)
            for node, one in zip(nodes, ((room, f"a{n}"), (room, f"b{n}")), strict=True)
        ]
        found = await asyncio.gather(*asked)
        assert sum(len(one or ()) for one in found) == most


async def test_who_is_there_by_two_nodes_has_one_place(nodes) -> None:
    a, b = nodes
    ann, bob, eve = (("hall", name) for name in ("ann", "bob", "eve"))
    assert await a.exchange([ann], [], 2) == {ann}
    assert await b.exchange([ann, bob, eve], [], 2) == {ann, bob}
    # And it is taken until both have given it back.
    assert await a.exchange([eve], [ann], 2) == set()
    assert await b.exchange([], [ann], 2) == set()
    assert await a.exchange([eve], [], 2) == {eve}


async def test_rooms_and_what_others_hold_are_apart(nodes) -> None:
    a, b = nodes
    both = [*people("a", 3), *people("a", 3, "attic")]
    taken = await a.exchange(both, [], 2)
    assert taken == {*people("a", 2), *people("a", 2, "attic")}
    # What is another node's is not given back by this one.
    await b.exchange([], [*people("a", 2)], 2)
    assert await b.exchange(people("b", 1), [], 2) == set()


async def test_places_of_a_node_that_is_silent_are_free_and_it_has_what_it_holds_after(url) -> None:
    short, other = PostgresPlaces(url), PostgresPlaces(url)
    await short.begin([])
    await other.begin([])
    held = people("a", 3)
    assert await short.exchange(held, [], 3) == {*held}
    short.lease_s = 0.001
    assert await short.keep()
    while await short.keep():
        await asyncio.sleep(0.01)
    assert await short.exchange(people("c", 1), [], 3) is None
    assert await other.exchange(people("b", 2), [], 3) == {*people("b", 2)}
    assert await other.keep()
    # It has them, and there are two too many; nobody else comes in.
    long = PostgresPlaces(url)
    await long.begin(held)
    assert await other.exchange([*people("d", 1), held[0]], [], 3) == {held[0]}
    for one in (short, other, long):
        await asyncio.to_thread(one.close)


async def test_a_node_that_stops_gives_all_back(url, tmp_path: Path) -> None:
    first = await PostgresStore.open(url, tmp_path / "a", alone=False)
    second = await PostgresStore.open(url, tmp_path / "b", alone=False)
    mine, other = first.places(), second.places()
    assert mine is not None
    assert other is not None
    await mine.begin([])
    await other.begin([])
    strange = [("hall", "nobody\0"), ("hall", "\U0010ffff")]
    assert await mine.exchange(strange, [], 2) == {*strange}
    assert await other.exchange(people("b", 1), [], 2) == set()
    await first.close()
    assert await other.exchange(people("b", 1), [], 2) == {*people("b", 1)}
    await second.close()


async def test_a_node_that_is_alone_shares_none(url, tmp_path: Path) -> None:
    store = await PostgresStore.open(url, tmp_path / "a")
    assert store.places() is None
    await store.close()
