"""Who is typing is told to the others of the room, once a second, and how it ended."""

import asyncio
from typing import Any

from tests.schedules.hand_time import run
from tests.schedules.relay_world import HALL
from tests.unit.relay.parts import Guest, come, join, node

from conclave.relay import Typists


async def room(*users: str) -> tuple[Any, list[Guest]]:
    at = node()
    guests = await come(at, *users)
    for guest in guests:
        guest.got.clear()
    return Typists(at.attendance, at.clock), guests


def typing(guest: Guest) -> int:
    """Return how often it was told that somebody types, or has stopped."""
    return sum(said.startswith("typing") for said in guest.got)


def test_the_others_are_told_and_not_the_connection_itself() -> None:
    async def main() -> None:
        typists, (ada, bob) = await room("ada", "bob")
        typists.note(HALL, ada, True)
        assert (typing(ada), typing(bob)) == (0, 1)

    run(main())


def test_a_thousand_changes_are_told_once_a_second_and_the_last_one_is() -> None:
    async def main() -> None:
        typists, (ada, bob) = await room("ada", "bob")
        for n in range(1_001):
            typists.note(HALL, ada, n % 2 == 0)
            await asyncio.sleep(0.01)
            await typists.tell()
        assert 9 <= typing(bob) <= 11
        for _ in range(2):
            await asyncio.sleep(1.0)
            await typists.tell()
        before = typing(bob)
        typists.note(HALL, ada, True)
        typists.note(HALL, ada, False)
        await typists.tell()
        assert typing(bob) == before + 1, "the start"
        await asyncio.sleep(1.0)
        await typists.tell()
        await typists.tell()
        assert typing(bob) == before + 2, "and that it ended"

    run(main())


def test_a_user_types_once_on_however_many_connections() -> None:
    async def main() -> None:
        at = node()
        bob, *phones = [Guest(user) for user in ("bob", "ada", "ada", "ada")]
        for guest in (bob, *phones):
            assert await join(at, guest)
        typists = Typists(at.attendance, at.clock)
        for phone in phones:
            typists.note(HALL, phone, True)
        assert typing(bob) == 1

    run(main())


def test_who_types_again_right_after_a_message_is_told_and_a_message_starts_nothing() -> None:
    async def main() -> None:
        typists, (ada, bob) = await room("ada", "bob")
        typists.note(HALL, ada, True)
        assert typing(bob) == 1
        typists.spoke(HALL, ada)
        typists.note(HALL, ada, True)
        await asyncio.sleep(1.0)
        await typists.tell()
        assert typing(bob) == 2, "typing again"
        # A start that is held back when the message comes is over.
        typists.note(HALL, ada, False)
        typists.note(HALL, ada, True)
        typists.spoke(HALL, ada)
        for _ in range(3):
            await asyncio.sleep(1.0)
            await typists.tell()
        assert typing(bob) == 2

    run(main())


def test_a_message_of_who_has_not_typed_ends_nothing() -> None:
    async def main() -> None:
        typists, (ada, bob) = await room("ada", "bob")
        typists.spoke(HALL, ada)
        await typists.tell()
        assert typing(bob) == 0

    run(main())


def test_where_nobody_types_a_message_ends_nothing() -> None:
    async def main() -> None:
        typists, (ada, bob) = await room("ada", "bob")
        typists.spoke(HALL, ada)
        typists.note(HALL, ada, True)
        assert typing(bob) == 1, "a start, as ever"

    run(main())
