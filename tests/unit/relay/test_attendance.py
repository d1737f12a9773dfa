"""Joining and leaving: what is told to whom, in which order, and what races may not do."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace
from tests.schedules.hand_time import run
from tests.schedules.relay_world import GRACE, HALL, PAGE
from tests.unit.relay.parts import Guest, come, join, node

from conclave.model import Status
from conclave.protocol.errors import Reject
from conclave.protocol.events import Read
from conclave.relay.moods import Moods
from conclave.relay.receipts import Receipts


def count(at: Any) -> int:
    hall = at.halls.get(HALL)
    return 0 if hall is None else hall.presence.count


async def gone(at: Any) -> bool:
    """Return whether a sweep finds nobody, nothing held and nothing under way."""
    await at.halls.sweep()
    return len(at.halls) == 0 and asyncio.all_tasks() == {asyncio.current_task()}


def test_history_comes_first_then_who_is_here_then_the_notice() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        bob = Guest("bob")
        assert await join(at, bob)
        assert bob.got == ["history to 0", "2 present", "BOB has joined the room"]
        assert ada.got == ["BOB has joined the room"]

    run(main())


def test_the_last_messages_attach_whatever_there_is_before_them() -> None:
    async def main() -> None:
        at, ada = node(), Guest("ada")
        for _ in range(PAGE * 3):
            at.store.write("bob", "message")
        assert await join(at, ada)
        assert ada.got[0] == f"history to {PAGE * 3} and more"
        at.relay.tell([at.store.write("bob", "message")])
        assert ada.got[-1] == f"entry {PAGE * 3 + 1}"

    run(main())


def test_who_has_more_to_read_is_not_in_before_the_last_page() -> None:
    async def main() -> None:
        at = node()
        (bob,) = await come(at, "bob")
        for _ in range(PAGE + 1):
            at.relay.tell([at.store.write("bob", "message")])
        bob.got.clear()
        ada = Guest("ada")
        assert not await join(at, ada, since=0)
        assert (ada.rooms, bob.got) == (set(), [])
        assert await join(at, ada, since=PAGE)
        assert ada.rooms == {HALL}
        assert bob.got == ["ADA has joined the room"]

    run(main())


def test_joining_again_is_answered_with_history_and_nobody_hears_of_it() -> None:
    async def main() -> None:
        at = node()
        ada, bob = await come(at, "ada", "bob")
        assert await join(at, ada)
        assert (ada.got, bob.got) == (["history to 0"], [])
        at.relay.tell([at.store.write("bob", "message")])
        assert ada.got[1:] == ["entry 1"], "told once"

    run(main())


def test_the_leaver_is_out_before_the_others_hear() -> None:
    async def main() -> None:
        at = node()
        ada, bob = await come(at, "ada", "bob")
        assert at.attendance.leave(ada, HALL)
        assert (ada.got, bob.got) == ([], ["ADA has left the room"])
        assert not at.attendance.leave(ada, HALL)
        assert not at.attendance.leave(Guest("eve"), HALL)
        assert not at.attendance.leave(ada, "nowhere")
        assert bob.got == ["ADA has left the room"]

    run(main())


def test_a_broken_connection_is_told_when_its_grace_has_passed() -> None:
    async def main() -> None:
        at = node()
        ada, bob = await come(at, "ada", "bob")
        at.attendance.leave(ada, HALL, broken=True)
        await asyncio.sleep(GRACE / 2)
        at.attendance.tick()
        assert bob.got == []
        await asyncio.sleep(GRACE / 2)
        at.attendance.tick()
        at.attendance.tick()
        assert bob.got == ["ADA has left the room"]

    run(main())


def test_who_comes_and_goes_all_the_time_is_told_to_the_others_once_a_second() -> None:
    async def main() -> None:
        at = node()
        (bob,) = await come(at, "bob")
        for _ in range(200):
            ada = Guest("ada")
            assert await join(at, ada)
            at.attendance.leave(ada, HALL)
            await asyncio.sleep(0.05)
            at.attendance.tick()
        notices = [said for said in bob.got if said.startswith("ADA")]
        assert notices[::2] == ["ADA has joined the room"] * len(notices[::2])
        assert notices[1::2] == ["ADA has left the room"] * len(notices[1::2])
        assert 8 <= len(notices) <= 10, "two hundred comings in ten seconds"
        await asyncio.sleep(3)
        at.attendance.tick()
        assert bob.got[-1] == "ADA has left the room"
        assert count(at) == 1

    run(main())


def test_who_was_removed_is_gone_at_once_however_often_it_came() -> None:
    async def main() -> None:
        at = node()
        (bob,) = await come(at, "bob")
        for _ in range(3):
            ada = Guest("ada")
            assert await join(at, ada)
            at.attendance.leave(ada, HALL)
        assert await join(at, ada)
        at.attendance.removed(ada, HALL)
        assert bob.got[-1] == "ADA has left the room"
        assert count(at) == 1

    run(main())


def test_who_comes_back_within_the_grace_was_never_away() -> None:
    async def main() -> None:
        at = node()
        ada, bob = await come(at, "ada", "bob")
        at.attendance.leave(ada, HALL, broken=True)
        again = Guest("ada")
        assert await join(at, again)
        await asyncio.sleep(GRACE * 2)
        at.attendance.tick()
        assert bob.got == []
        assert again.got == ["history to 0", "2 present"]

    run(main())


def test_two_connections_of_one_user_at_once_come_once() -> None:
    async def main() -> None:
        at = node(capacity=2)
        (bob,) = await come(at, "bob")
        ada, phone = Guest("ada"), Guest("ada")
        assert await asyncio.gather(join(at, ada), join(at, phone)) == [True, True]
        assert bob.got == ["ADA has joined the room"]
        assert not at.attendance.leave(Guest("ada"), HALL)
        at.attendance.leave(ada, HALL)
        assert bob.got == ["ADA has joined the room"]
        at.attendance.leave(phone, HALL)
        assert bob.got[1:] == ["ADA has left the room"]

    run(main())


def test_a_hundred_joins_at_once_do_not_pass_the_cap() -> None:
    async def main() -> None:
        at = node(capacity=10)
        guests = [Guest(f"user{n}") for n in range(100)]
        outcomes = await asyncio.gather(*(join(at, g) for g in guests), return_exceptions=True)
        refused = [no for no in outcomes if no is not True]
        assert len(refused) == 90
        assert all(isinstance(no, Reject) and no.code == "room_full" for no in refused)
        assert count(at) == 10
        for guest in [g for g in guests if g.rooms][:5]:
            at.attendance.leave(guest, HALL)
        outcomes = await asyncio.gather(*(join(at, g) for g in guests[50:]), return_exceptions=True)
        assert outcomes.count(True) == 5
        assert count(at) == 10

    run(main())


@pytest.mark.parametrize("steps", range(12))
def test_a_join_cancelled_at_any_moment_gives_its_place_back(steps: int) -> None:
    async def main() -> None:
        at, ada = node(capacity=1), Guest("ada")
        joining = asyncio.create_task(join(at, ada))
        for _ in range(steps):
            await asyncio.sleep(0)
        joining.cancel()
        await asyncio.gather(joining, return_exceptions=True)
        for room in list(ada.rooms):
            at.attendance.leave(ada, room)
        await asyncio.sleep(1)
        assert await gone(at)

    run(main())


async def refuses(*about: Any) -> Any:
    raise Reject("unavailable")


def test_an_opening_that_fails_is_told_to_all_who_wait_and_tried_again() -> None:
    async def main() -> None:
        at = node()
        heads = at.store.heads
        at.store.heads = refuses
        guests = [Guest("ada"), Guest("bob")]
        outcomes = await asyncio.gather(*(join(at, g) for g in guests), return_exceptions=True)
        assert [type(no) for no in outcomes] == [Reject, Reject]
        at.store.heads = heads
        assert await join(at, guests[0])
        at.attendance.leave(guests[0], HALL)
        assert await gone(at)

    run(main())


def test_a_room_opens_though_no_repair_succeeds() -> None:
    async def main() -> None:
        at, ada = node(), Guest("ada")
        at.store.after = refuses
        assert await join(at, ada)
        at.relay.tell([at.store.write("bob", "message")])
        assert ada.got[-1] == "entry 1"

    run(main())


def test_an_opening_goes_on_when_who_asked_first_has_gone() -> None:
    async def main() -> None:
        at, ada, bob = node(), Guest("ada"), Guest("bob")
        first, second = (asyncio.create_task(join(at, guest)) for guest in (ada, bob))
        await asyncio.sleep(0)
        first.cancel()
        assert await second is True
        assert bob.rooms == {HALL}

    run(main())


def test_a_join_again_that_fails_leaves_the_room() -> None:
    async def main() -> None:
        at = node()
        ada, bob = await come(at, "ada", "bob")
        at.store.fails = 2.0
        with pytest.raises(Reject, match="unavailable"):
            await join(at, ada)
        at.store.fails = 0.0
        assert ada.rooms == set(), "nobody sits in a room and is told nothing"
        await asyncio.sleep(GRACE)
        at.attendance.tick()
        assert bob.got == ["ADA has left the room"]

    run(main())


def test_leaving_ends_a_join_that_is_under_way() -> None:
    async def main() -> None:
        at, ada = node(), Guest("ada")
        await come(at, "bob")
        joining = asyncio.create_task(join(at, ada))
        await asyncio.sleep(0)
        at.attendance.leave(ada, HALL)
        with pytest.raises(Reject, match="not_in_room"):
            await joining
        assert (ada.rooms, ada.got) == (set(), [])

    run(main())


def test_who_was_removed_on_its_way_in_stays_out() -> None:
    """After the gate, before the page: no later news would take it out again."""

    async def main() -> None:
        at, ada = node(), Guest("ada")
        at.store.away.add("ada")
        at.store.write("bob", "member:removed", member="ada")
        with pytest.raises(Reject, match="not_in_room"):
            await join(at, ada)
        assert ada.got == []
        assert await gone(at)

    run(main())


def test_a_removal_that_only_a_repair_finds_takes_its_member_out() -> None:
    async def main() -> None:
        at = node()
        ada, bob = await come(at, "ada", "bob")
        at.store.write("bob", "member:removed", member="ada")
        await at.halls.sweep()
        assert ada.rooms == set()
        assert ada.got == ["entry 1"]
        assert bob.got == ["entry 1", "ADA has left the room"]
        assert count(at) == 1

    run(main())


def test_above_fifty_the_others_hear_numbers_once_a_second() -> None:
    async def main() -> None:
        at = node()
        first, *_ = await come(at, *[f"user{n}" for n in range(50)])
        newcomers = [Guest(f"late{n}") for n in range(5)]
        for guest in newcomers:
            assert await join(at, guest)
        assert first.got == []
        assert newcomers[0].got[1:] == ["51 present", "LATE0 has joined the room"]
        for _ in range(4):
            await asyncio.sleep(0.5)
            at.attendance.tick()
        assert first.got == ["55 present"]

    run(main())


def test_a_place_that_is_held_is_nobody_else_s_until_it_is_let_go() -> None:
    async def main() -> None:
        at = node(capacity=1)
        ada, bob = Guest("ada"), Guest("bob")
        with at.attendance.place(HALL, ada.identity):
            with pytest.raises(Reject, match="room_full"):
                await join(at, bob)
            assert await join(at, ada)
        at.attendance.leave(ada, HALL)
        assert await join(at, bob)

    run(main())


def test_who_is_called_another_name_is_listed_by_it_where_they_are() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        at.attendance.renamed([HALL, "nowhere"], replace(ada.identity, name="Countess"))
        at.attendance.leave(ada, HALL, broken=True)
        (listed,) = at.halls.get(HALL).presence.listed()
        assert listed.name == "Countess"

    run(main())


def test_what_is_told_around_comes_to_each_connection_once_and_not_to_its_own_user() -> None:
    async def main() -> None:
        at = node()
        ada, phone, bob = await come(at, "ada", "ada", "bob")
        event = Read(HALL, "ada", 5)
        at.attendance.tell_around("ada", [HALL, HALL, "nowhere"], event)
        assert (ada.got, phone.got, bob.got) == ([], [], ["entry 5"])
        at.attendance.tell(HALL, event, but=phone)
        assert (ada.got, phone.got, bob.got) == (["entry 5"], [], ["entry 5"] * 2)

    run(main())


def test_a_room_hears_how_far_others_have_read_once_and_only_forwards() -> None:
    async def main() -> None:
        at = node()
        ada, bob = await come(at, "ada", "bob")
        receipts = Receipts(at.attendance)
        for seq in (3, 5, 4):
            receipts.note(Read(HALL, "ada", seq))
        receipts.note(Read("nowhere", "ada", 9))
        await receipts.tell()
        await receipts.tell()
        assert (ada.got, bob.got) == ([], ["entry 5"])

    run(main())


def test_above_fifty_nobody_hears_who_has_read() -> None:
    async def main() -> None:
        at = node()
        first, *_ = await come(at, *[f"user{n}" for n in range(51)])
        first.got.clear()
        at.attendance.tell_others(HALL, "user1", Read(HALL, "user1", 5))
        assert first.got == []

    run(main())


def test_who_comes_as_something_else_than_online_is_said_to_be_so() -> None:
    async def main() -> None:
        at = node()
        (bob,) = await come(at, "bob")
        at.statuses.set("ada", Status.AWAY)
        ada = Guest("ada")
        assert await join(at, ada)
        assert bob.got == ["ADA has joined the room", "presence:changed"]

    run(main())


def test_who_does_not_want_to_be_seen_comes_unseen_and_goes_for_the_others() -> None:
    async def main() -> None:
        at = node()
        bob, ada = await come(at, "bob", "ada")
        at.statuses.set("ada", Status.INVISIBLE)
        assert await join(at, Guest("ada"))
        assert bob.got == ["ADA has left the room"]
        at.statuses.set("eve", Status.INVISIBLE)
        eve = Guest("eve")
        assert await join(at, eve)
        assert bob.got == ["ADA has left the room"]
        assert eve.got == ["history to 0", "1 present"]
        assert ada.rooms == {HALL}, "and hears what is said"

    run(main())


def test_a_change_too_soon_is_told_later_and_a_join_meanwhile_shows_nobody() -> None:
    async def main() -> None:
        at = node()
        bob, ada = await come(at, "bob", "ada")
        at.hub.add(ada)
        at.hub.identify(ada, "ada")
        moods = Moods(at.attendance, at.hub, at.statuses, at.clock)

        def become(status: Status) -> None:
            at.statuses.set("ada", status)
            moods.note("ada")

        become(Status.INVISIBLE)
        assert bob.got == ["ADA has left the room"]
        become(Status.AWAY)
        assert at.statuses.hidden("ada")
        await moods.tell()
        assert bob.got == ["ADA has left the room"], "it was told a moment ago"
        await asyncio.sleep(3.1)
        await moods.tell()
        assert bob.got[1:] == ["ADA has joined the room", "presence:changed"]
        assert not at.statuses.hidden("ada")

    run(main())
