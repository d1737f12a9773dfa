"""In a large room who comes and goes costs the same, however many are in it (F12)."""

import asyncio
import sys
from typing import Any

from tests.schedules.hand_time import run
from tests.schedules.relay_world import HALL
from tests.unit.relay.parts import Guest, come, join, node

from conclave.model.seen import Seen
from conclave.relay.roll import COUNT_EVERY


class Work:
    """Counts the calls of Python functions, and how often generators go on."""

    def __enter__(self) -> "Work":
        self.calls = 0
        sys.setprofile(self._note)
        return self

    def _note(self, _frame: Any, event: str, _of: Any) -> None:
        self.calls += event == "call"

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)


async def filled(count: int) -> Any:
    """Return a node with so many people in the room here, and as many by another node."""
    at = node()
    await come(at, *[f"here{n}" for n in range(count)])
    for n in range(count):
        at.relay.came("other", HALL, Seen(f"there{n}", "There"))
    return at


async def work_of_one_who_comes_and_goes(count: int) -> int:
    at, guest = await filled(count), Guest("ada")
    with Work() as work:
        assert await join(at, guest)
        at.attendance.leave(guest, HALL)
        for seen in (Seen("bob", "BOB"), Seen("here1", "HERE1")):
            at.relay.came("other", HALL, seen)
            at.relay.went("other", HALL, seen)
    assert guest.got == ["history to 0", f"{2 * count + 1} present", "ADA has joined the room"]
    return work.calls


def test_who_comes_into_a_large_room_and_goes_costs_no_more_than_into_a_smaller_one() -> None:
    works: list[int] = []

    async def main() -> None:
        works.extend([await work_of_one_who_comes_and_goes(count) for count in (150, 600)])

    run(main())
    few, many = works
    assert many <= few + 10, "each looks at all others"


def test_however_many_come_the_others_are_told_a_number_once_a_second() -> None:
    async def main() -> None:
        at = await filled(60)
        (ada,) = await come(at, "ada")
        await asyncio.sleep(COUNT_EVERY)
        at.attendance.tick()
        ada.got.clear()
        await come(at, *[f"more{n}" for n in range(200)])
        at.attendance.tick()
        assert ada.got == []
        await asyncio.sleep(COUNT_EVERY)
        at.attendance.tick()
        at.attendance.tick()
        assert ada.got == [f"{60 + 60 + 201} present"]

    run(main())
