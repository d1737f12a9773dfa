"""Places that nodes share are asked for once, given back, and never taken for ours in doubt."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

import pytest
from tests.schedules.hand_time import run
from tests.schedules.relay_world import HALL
from tests.unit.relay.parts import Guest, join, node

from conclave.model import Role, Status
from conclave.model.seen import Seen
from conclave.ports.places import Place
from conclave.protocol.errors import Code, Reject
from conclave.relay import places_in
from conclave.relay.halls import Halls
from conclave.relay.seating import Seating

ANN, BOB, EVE = ("hall", "ann"), ("hall", "bob"), ("hall", "eve")


class Table:
    """The places of all nodes, as a store would have them; it can be slow, fail or forget."""

    def __init__(self) -> None:
        self.taken: set[Place] = set()
        self.asked: list[tuple[list[Place], list[Place]]] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.fails: BaseException | None = None
        self.is_known = False

    async def exchange(
        self, take: Sequence[Place], give: Sequence[Place], most: int
    ) -> set[Place] | None:
        self.asked.append(([*take], [*give]))
        await self.answers.wait()
        self.taken.difference_update(give)
        if not self.is_known:
            return None
        for place in take:
            others = [one for one in self.taken if one[0] == place[0] and one != place]
            if len(others) < most:
                self.taken.add(place)
        if self.fails is not None:
            raise self.fails
        return self.taken & {*take}

    async def keep(self) -> bool:
        return self.is_known

    async def begin(self, held: Collection[Place]) -> None:
        self.is_known, self.taken = True, {*held}


@pytest.fixture
def table() -> Table:
    return Table()


async def quiet(seating: Seating) -> None:
    """Return when nothing is asked any more."""
    while seating._running is not None and not seating._running.done():
        await asyncio.wait([seating._running])


async def test_many_who_ask_at_once_are_one_question_and_so_many_get_in(table) -> None:
    seating = Seating(table, 2)
    asked = [seating.take(*place) for place in (ANN, BOB, EVE, ANN)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [getattr(one, "code", None) for one in found] == [None, None, Code.ROOM_FULL, None]
    # The first was of a node that nobody knew.
    assert table.asked == [([ANN, BOB, EVE], []), ([ANN, BOB, EVE], [])]
    assert table.taken == {ANN, BOB}


async def test_whoever_has_a_place_here_asks_nothing(table) -> None:
    seating = Seating(table, 2)
    await seating.take(*ANN)
    before = len(table.asked)
    await seating.take(*ANN)
    assert len(table.asked) == before


async def test_a_place_that_is_given_back_is_another_s_when_that_is_said(table) -> None:
    seating = Seating(table, 1)
    await seating.take(*ANN)
    table.answers.clear()
    seating.free(*ANN)
    given = asyncio.create_task(seating.given(*ANN))
    await asyncio.sleep(0.01)
    assert not given.done()
    table.answers.set()
    await given
    assert table.taken == set()
    await seating.take(*BOB)
    assert table.taken == {BOB}
    await seating.given(*ANN)


async def test_who_comes_back_while_it_is_given_back_has_a_place(table) -> None:
    seating = Seating(table, 1)
    await seating.take(*ANN)
    table.answers.clear()
    seating.free(*ANN)
    await asyncio.sleep(0.01)
    again = asyncio.create_task(seating.take(*ANN))
    await asyncio.sleep(0.01)
    assert not again.done()
    # And has gone once more before there was an answer.
    seating.free(*ANN)
    table.answers.set()
    await again
    await quiet(seating)
    assert table.taken == set()
    assert len(table.asked) == 5


async def test_who_comes_back_before_it_is_given_back_has_kept_it(table) -> None:
    seating = Seating(table, 1)
    await seating.take(*ANN)
    seating.free(*ANN)
    await seating.take(*ANN)
    await quiet(seating)
    assert table.taken == {ANN}


async def test_who_has_gone_before_the_answer_keeps_no_place(table) -> None:
    seating = Seating(table, 1)
    table.answers.clear()
    taking = asyncio.create_task(seating.take(*ANN))
    await asyncio.sleep(0.01)
    taking.cancel()
    seating.free(*ANN)
    table.answers.set()
    await quiet(seating)
    assert table.taken == set()


async def test_a_refusal_frees_nobody_else_s_place(table) -> None:
    seating = Seating(table, 1)
    await seating.take(*ANN)
    with pytest.raises(Reject) as full:
        await seating.take(*BOB)
    assert full.value.code == Code.ROOM_FULL
    seating.free(*BOB)
    await quiet(seating)
    assert table.taken == {ANN}


@pytest.mark.parametrize(
    ("how", "code"),
    [(Reject(Code.BUSY), Code.BUSY), (RuntimeError("what"), Code.UNAVAILABLE)],
)
async def test_what_may_have_been_taken_is_given_back_later(table, how, code) -> None:
    seating = Seating(table, 1)
    await seating.take(*ANN)
    table.fails = how
    seating.free(*ANN)
    with pytest.raises(Reject) as refused:
        await seating.take(*BOB)
    assert refused.value.code == code
    await seating.given(*ANN)
    await quiet(seating)
    assert table.taken == {BOB}
    table.fails = None
    await seating.keep()
    await quiet(seating)
    assert table.taken == set()
    await seating.take(*BOB)
    assert table.taken == {BOB}


async def test_who_asks_while_the_store_fails_others_is_told_at_once(table) -> None:
    seating = Seating(table, 2)
    await seating.take(*ANN)
    table.fails = Reject(Code.UNAVAILABLE)
    table.answers.clear()
    first = asyncio.create_task(seating.take(*BOB))
    await asyncio.sleep(0.01)
    # The store was asked already: for these it must be asked once more.
    second = asyncio.create_task(seating.take(*EVE))
    seating.free(*ANN)
    given = asyncio.create_task(seating.given(*ANN))
    await asyncio.sleep(0.01)
    assert not any(one.done() for one in (first, second, given))
    table.answers.set()
    await quiet(seating)
    refused = await asyncio.gather(first, second, given, return_exceptions=True)
    assert [getattr(one, "code", None) for one in refused] == [Code.UNAVAILABLE] * 2 + [None]


async def test_who_comes_back_after_a_node_was_gone_has_the_place_in_the_store_too(table) -> None:
    seating = Seating(table, 1)
    await seating.take(*ANN)
    table.is_known = False
    async with seating._asking:
        seating.free(*ANN)
        keeping = asyncio.create_task(seating.keep())
        await asyncio.sleep(0)
    while not table.is_known:
        await asyncio.sleep(0)
    await seating.take(*ANN)
    await keeping
    await quiet(seating)
    assert table.taken == {ANN}


async def test_who_was_gone_too_long_has_what_it_held_and_no_more(table) -> None:
    seating = Seating(table, 1)
    await seating.take(*ANN)
    await seating.keep()
    table.is_known, table.taken = False, {BOB}
    await seating.keep()
    assert table.is_known
    assert table.taken == {ANN}


async def test_a_store_that_never_knows_a_node_refuses_it(table) -> None:
    async def forget(_held: Collection[Place]) -> None:
        table.is_known = False

    table.begin = forget
    with pytest.raises(Reject) as refused:
        await Seating(table, 1).take(*ANN)
    assert refused.value.code == Code.UNAVAILABLE


async def test_at_the_end_nobody_waits_any_more(table) -> None:
    seating = Seating(table, 2)
    await seating.take(*ANN)
    await seating.take(*EVE)
    table.answers.clear()
    seating.free(*ANN)
    await asyncio.sleep(0.01)
    seating.free(*EVE)
    asked = seating.take(*BOB), seating.given(*ANN), seating.given(*EVE)
    waits = [asyncio.create_task(one) for one in asked]
    await asyncio.sleep(0.01)
    await seating.close()
    refused, *given = await asyncio.gather(*waits, return_exceptions=True)
    assert isinstance(refused, Reject)
    assert given == [None, None]
    before = len(table.asked)
    await seating.keep()
    assert len(table.asked) == before
    await Seating(table, 1).close()


# ── in the rooms of a node ─────────────────────────────────────────────────────────────


def shared(capacity: int) -> tuple[Any, Table]:
    """Return a node whose places are others', too."""
    table = Table()
    at = node(capacity)
    at.halls.seating = Seating(table, capacity)
    return at, table


async def come(at: Any, guest: Guest) -> None:
    with at.attendance.place(HALL, guest.identity):
        await at.attendance.seat(HALL, guest.user)
        assert await join(at, guest)


def test_who_leaves_gives_the_place_back_and_is_told_when_it_is_another_s() -> None:
    async def main() -> None:
        at, table = shared(1)
        ada, bob = Guest("ada"), Guest("bob")
        await come(at, ada)
        assert table.taken == {(HALL, "ada")}
        # What the others say is not what counts: here, that eve is in by another node.
        at.attendance.roll.came("b", HALL, Seen("eve", "Eve", Role.USER, Status.ONLINE))
        at.attendance.leave(ada, HALL)
        await at.attendance.unseated(HALL, "ada")
        await come(at, bob)
        assert table.taken == {(HALL, "bob")}
        # Another node has given it to somebody else, in its opinion.
        at.attendance.leave(bob, HALL)
        await at.attendance.unseated(HALL, "bob")
        table.taken.add((HALL, "eve"))
        with pytest.raises(Reject, match="room_full"):
            await come(at, ada)
        await at.halls.close()
        assert table.taken == {(HALL, "eve")}

    run(main())


def test_a_room_that_is_deleted_has_no_places_and_one_that_is_made_anew_its_own() -> None:
    async def main() -> None:
        at, table = shared(2)
        ada, bob = Guest("ada"), Guest("bob")
        await come(at, ada)
        with at.attendance.place(HALL, bob.identity):
            await at.attendance.seat(HALL, "bob")
            await at.attendance.shut(HALL)
            await at.attendance.unseated(HALL, "ada")
            assert table.taken == set()
            await come(at, bob)
        # The place in the room that was there before is no more; this one's is.
        await at.halls.seating.keep()
        await quiet(at.halls.seating)
        assert table.taken == {(HALL, "bob")}
        await at.halls.close()

    run(main())


def test_a_node_that_shares_no_places_asks_nobody() -> None:
    async def main() -> None:
        at = node(1)
        assert at.halls.seating is None
        ada = Guest("ada")
        await come(at, ada)
        at.attendance.leave(ada, HALL)
        await at.attendance.unseated(HALL, "ada")
        assert Halls(at.store, at.engine, 0, places=Table()).seating is None
        assert Halls(at.store, at.engine, 1, places=Table()).seating is not None

    run(main())


def test_the_places_of_who_comes_into_many_rooms_are_one_question_and_free_again() -> None:
    async def main() -> None:
        at, table = shared(1)
        await table.begin([("full", "bob")])
        rooms = ["attic", "cellar", "full", "hall"]
        ada = Guest("ada")
        async with places_in(at.attendance, rooms, ada.identity):
            assert table.asked == [([(room, "ada") for room in rooms], [])]
            # Who joins now asks no more; the full one says so.
            await at.attendance.seat("attic", "ada")
            assert len(table.asked) == 1
            with pytest.raises(Reject, match="room_full"):
                await at.attendance.seat("full", "ada")
            assert await join(at, ada)
        await quiet(at.halls.seating)
        assert table.taken == {("full", "bob"), (HALL, "ada")}

    run(main())
