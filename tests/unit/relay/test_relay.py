"""Store, then acknowledge, then tell; and rooms that are kept level with the store."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs
from tests.schedules.hand_time import run
from tests.schedules.relay_world import EPOCH, HALL, MemoryStore
from tests.unit.relay.parts import Guest, Quiet, come, draft, node

from conclave.core.room import MAX_EARLY
from conclave.model import Draft, Entry, Receipt
from conclave.protocol.errors import Reject
from conclave.relay.halls import REPAIR_AFTER


def test_the_receipt_comes_before_anybody_is_told_and_nothing_is_told_twice() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        for _ in range(2):
            await at.relay.send(draft("ada", "1"), lambda stored: ada.got.append("receipt"))
        assert ada.got == ["receipt", "entry 1", "receipt"]

    run(main())


def test_a_receipt_that_cannot_be_given_keeps_nothing_from_the_others() -> None:
    def fails(stored: Receipt) -> None:
        raise RuntimeError("the connection is odd")

    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        with capture_logs() as logs:
            assert (await at.relay.send(draft("ada", "1"), fails)).seq == 1
        assert ada.got == ["entry 1"]
        assert [line["event"] for line in logs] == ["receipt_failed"]

    run(main())


def test_a_sender_who_leaves_does_not_take_the_message_along() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        sending = asyncio.create_task(at.relay.send(draft("bob", "1")))
        await asyncio.sleep(0)
        sending.cancel()
        await at.relay.finish()
        assert ada.got == ["entry 1"]

    run(main())


def test_a_send_that_fails_leaves_the_others_alone() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        at.store.away.add("eve")
        sends = [at.relay.send(draft(user, user)) for user in ("bob", "eve", "cyd")]
        outcomes = await asyncio.gather(*sends, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [Receipt, Reject, Receipt]
        assert ada.got == ["entry 1", "entry 2"]

    run(main())


def write(at: Any, count: int) -> list[Any]:
    return [at.store.write("bob", "message") for _ in range(count)]


def test_what_came_early_is_told_when_the_store_has_been_asked() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        at.relay.hear(write(at, 3)[-1])
        assert ada.got == []
        await asyncio.sleep(REPAIR_AFTER + 0.01)
        assert ada.got == ["entry 1", "entry 2", "entry 3"]

    run(main())


def test_what_is_too_far_ahead_to_be_kept_is_read_too() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        at.relay.hear(write(at, MAX_EARLY + 5)[-1])
        await asyncio.sleep(REPAIR_AFTER + 0.01)
        assert len(ada.got) == MAX_EARLY + 5

    run(main())


def test_what_comes_early_during_a_repair_does_not_wait_for_the_sweep() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        at.relay.hear(write(at, 2)[-1])
        after, late = at.store.after, []

        async def slow(*about: Any) -> Any:
            page = await after(*about)
            if not late:
                late.extend(write(at, 2))
                at.relay.hear(late[-1])
            return page

        at.store.after = slow
        await asyncio.sleep(REPAIR_AFTER * 3)
        assert ada.got == [f"entry {n}" for n in range(1, 5)]

    run(main())


def test_a_forged_number_costs_one_look_at_the_store() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        forged = at.store.write("eve", "message"), at.store.write("eve", "message")
        at.store.rows.clear()
        at.relay.hear(forged[1])
        await asyncio.sleep(REPAIR_AFTER * 50)
        room = at.halls.get(HALL).room
        assert (room.behind, ada.got) == (False, [])
        assert at.halls.get(HALL).repairing is None

    run(main())


def test_a_repair_that_is_refused_is_left_to_the_sweep() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        at.relay.hear(write(at, 2)[-1])
        at.store.fails = 2.0
        with capture_logs() as logs:
            await asyncio.sleep(REPAIR_AFTER * 2)
        assert [line["event"] for line in logs] == ["repair_refused"]
        at.store.fails = 0.0
        await at.halls.sweep()
        assert ada.got == ["entry 1", "entry 2"]

    run(main())


def test_closing_ends_what_is_under_way() -> None:
    async def main() -> None:
        at = node()
        await come(at, "ada")
        at.relay.hear(write(at, 2)[-1])
        assert len(asyncio.all_tasks()) == 2
        await at.halls.close()
        assert len(asyncio.all_tasks()) == 1

    run(main())


def test_news_reach_members_who_are_not_in_the_room_once() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        bob, cyd = Guest("bob"), Guest("cyd")
        for guest in (ada, bob):
            at.hub.add(guest)
            at.hub.watch(guest, [HALL])
        at.hub.add(cyd)
        asked: list[set[str]] = []

        async def room_for_each(room: str, users: set[str]) -> dict[str, Any]:
            asked.append(set(users))
            return {user: {"last_seq": at.store.last} for user in users}

        at.store.room_for_each = room_for_each
        for entry in write(at, 3):
            at.relay.hear(entry)
        await at.news.tell()
        await at.news.tell()
        assert asked == [{"bob"}]
        assert bob.got == ["room:changed 3"]
        assert (len(ada.got), cyd.got) == (3, [])

    run(main())


def test_news_that_fail_for_one_room_reach_the_others_next_time() -> None:
    async def main() -> None:
        at, bob = node(), Guest("bob")
        at.hub.add(bob)
        at.hub.watch(bob, ["a", "b", "c"])
        failing = ["b"]

        async def room_for_each(room: str, users: set[str]) -> dict[str, Any]:
            if room in failing:
                raise Reject("unavailable")
            return {user: {"last_seq": 0} for user in users}

        at.store.room_for_each = room_for_each
        for room in "abc":
            at.news.note(room, 1)
        with pytest.raises(Reject):
            await at.news.tell()
        failing.clear()
        await at.news.tell()
        assert len(bob.got) == 2

    run(main())


def test_what_is_written_is_told_though_its_asker_has_gone() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        followed: list[str] = []

        async def store() -> list[Entry]:
            stored = await at.store.append(draft("bob", "1"))
            return [] if stored.entry is None else [stored.entry]

        async def follow() -> None:
            followed.append("the other devices")

        asking = asyncio.create_task(at.relay.write(store(), follow))
        await asyncio.sleep(0)
        asking.cancel()
        await at.relay.finish()
        assert ada.got == ["entry 1"]
        assert followed == ["the other devices"]
        assert await at.relay.write(store(), follow) is False
        assert followed == ["the other devices"]

    run(main())


def test_what_one_wrote_is_stored_in_that_order_however_long_each_is_judged() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        takes = {"slow": 5.0, "quick": 0.0, "other": 1.0}

        async def judge(one: Draft) -> None:
            await asyncio.sleep(takes[str(one.client_id)])

        at.relay.before = judge
        sends = [at.relay.send(draft(user, id_)) for user, id_ in
                 (("bob", "slow"), ("bob", "quick"), ("cyd", "other"))]  # fmt: skip
        slow, quick, other = await asyncio.gather(*sends)
        # Who is another author waits for nobody.
        assert [other.seq, slow.seq, quick.seq] == [1, 2, 3]
        assert ada.got == ["entry 1", "entry 2", "entry 3"]
        assert len(at.relay._judging) == 0

    run(main())


def test_what_is_refused_is_not_stored_but_what_was_before_is_said_to_be_so() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        before = await at.relay.send(draft("bob", "1"))

        async def stored(one: Draft) -> Receipt | None:
            return replace(before, entry=None) if one.client_id == "1" else None

        async def judge(_: Draft) -> None:
            raise Reject("forbidden")

        at.store.stored, at.relay.before = stored, judge
        assert (await at.relay.send(draft("bob", "1"))).seq == before.seq
        with pytest.raises(Reject, match="forbidden"):
            await at.relay.send(draft("bob", "2"))
        assert (ada.got, at.store.last) == (["entry 1"], 1)

    run(main())


def test_what_a_hook_never_lets_go_ends_with_the_node() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")

        async def never(_: Draft) -> None:
            await asyncio.Event().wait()

        at.relay.before = never
        sending = asyncio.create_task(at.relay.send(draft("bob", "1")))
        await asyncio.sleep(1)
        await at.relay.close()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert (at.store.last, ada.got, len(at.relay._judging)) == (0, [], 0)

    run(main())


def test_deliveries_are_counted_by_connections() -> None:
    async def main() -> None:
        at = node()
        await come(at, "ada", "bob", "bob")
        await at.relay.send(draft("ada", "1"))
        assert at.relay.deliveries == 3

    run(main())


def test_who_is_in_a_room_and_who_is_not_are_told_together_what_it_is_now() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        bob, eve = Guest("bob"), Guest("eve")
        for guest in (bob, eve):
            at.hub.add(guest)
            at.hub.watch(guest, [HALL])

        async def room_for_each(room: str, users: set[str]) -> dict[str, Any]:
            return {user: {"last_seq": 0} for user in users if user != "eve"}

        at.store.room_for_each = room_for_each
        at.news.note(HALL, 1)
        await at.news.tell_all(HALL, at.attendance.present(HALL))
        at.news.forget(HALL)
        await at.news.tell()
        assert ada.got == bob.got == ["room:changed 0"], "once"
        assert eve.got == [], "it is no room of hers any more"

    run(main())


class Beginning(MemoryStore):
    """Begins what it appends, and refuses the request «no»."""

    def begin(self, draft: Draft, done: Any) -> None:
        async def append() -> None:
            try:
                if draft.client_id == "no":
                    raise Reject("own:no")
                made = await self.append(draft)
            except Reject as no:
                done(None, no)
            else:
                done(made, None)

        self.appending = [*getattr(self, "appending", ()), asyncio.create_task(append())]


def receipted(ear: Any, _: Receipt) -> None:
    ear.got.append("receipt")


def test_what_is_begun_is_receipted_then_told_then_ended() -> None:
    async def main() -> None:
        at = node(store=Beginning(Quiet()))
        (ada,) = await come(at, "ada")
        assert at.relay.begins
        at.relay.begin(draft("ada", "1"), receipted, ada, ada.got.append)
        assert ada.got == []
        await at.relay.finish()
        assert ada.got == ["receipt", "entry 1", None]

    run(main())


def test_what_is_begun_and_refused_ends_with_that_and_tells_nobody() -> None:
    async def main() -> None:
        at = node(store=Beginning(Quiet()))
        (ada,) = await come(at, "ada")
        at.relay.begin(draft("ada", "no"), receipted, ada, ada.got.append)
        await at.relay.finish()
        (no,) = ada.got
        assert isinstance(no, Reject)

    run(main())


def test_what_is_stored_after_the_end_is_told_to_nobody() -> None:
    async def main() -> None:
        at = node(store=Beginning(Quiet()))
        (ada,) = await come(at, "ada")
        at.relay.begin(draft("ada", "1"), receipted, ada, ada.got.append)
        await at.relay.close()
        await asyncio.gather(*at.store.appending)
        assert ada.got == []

    run(main())


def test_nothing_is_begun_where_somebody_judges_or_the_store_cannot() -> None:
    async def judge(_draft: Draft) -> None: ...

    async def main() -> None:
        assert not node().relay.begins
        at = node(store=Beginning(Quiet()))
        at.relay.before = judge
        assert not at.relay.begins

    run(main())


def test_what_breaks_the_telling_of_what_was_begun_is_how_it_ends() -> None:
    async def main() -> None:
        at = node(store=Beginning(Quiet()))
        (ada,) = await come(at, "ada")
        broken = RuntimeError("a listener is odd")

        def fail(_: Entry) -> None:
            raise broken

        at.relay.on_told = fail
        at.relay.begin(draft("bob", "1"), receipted, ada, ada.got.append)
        await asyncio.sleep(1)
        assert ada.got == ["receipt", "entry 1", broken]
        await at.relay.finish()

    run(main())


def test_the_end_waits_for_what_was_begun_and_for_what_has_a_task() -> None:
    async def main() -> None:
        at = node(store=Beginning(Quiet()))
        (ada,) = await come(at, "ada")
        for id_ in ("1", "2"):
            at.relay.begin(draft("bob", id_), lambda *_: None, None, lambda _: None)
        sending = asyncio.create_task(at.relay.send(draft("bob", "3")))
        await asyncio.sleep(0)
        await at.relay.finish()
        assert sorted(ada.got) == ["entry 1", "entry 2", "entry 3"]
        await sending

    run(main())


def test_a_bug_of_who_is_told_ends_what_was_begun_and_holds_nothing_up() -> None:
    def fails(_entry: Entry) -> None:
        raise RuntimeError("a bug")

    async def main() -> None:
        at = node(store=Beginning(Quiet()))
        (ada,) = await come(at, "ada")
        at.relay.on_told = fails
        ended: list[BaseException | None] = []
        at.relay.begin(draft("ada", "1"), lambda *_: None, None, ended.append)
        # Nobody waits for all of it: that is no matter either.
        await asyncio.gather(*at.store.appending)
        assert ada.got == ["entry 1"]
        assert [type(one) for one in ended] == [RuntimeError]
        await at.relay.finish()

    run(main())


def test_of_a_room_that_nobody_watches_no_news_are_read() -> None:
    async def main() -> None:
        at = node()
        asked: list[str] = []

        async def room_for_each(room: str, _users: set[str]) -> dict[str, Any]:
            asked.append(room)
            return {}

        at.store.room_for_each = room_for_each
        at.news.note(HALL, 1)
        await at.news.tell()
        assert asked == []

    run(main())


def test_what_nobody_hinted_at_is_news_once_it_is_looked_for() -> None:
    async def main() -> None:
        at = node()
        guest = Guest("ann")
        at.hub.add(guest)
        at.hub.identify(guest, "ann")
        at.hub.watch(guest, [HALL, "gone"])

        async def room_for_each(_room: str, users: set[str]) -> dict[str, Any]:
            return {user: {"last_seq": at.store.last} for user in users}

        at.store.room_for_each = room_for_each
        assert await at.news.look() == ["gone"]
        await at.news.tell()
        told = len(guest.got)
        assert told == 1
        # Nothing was said since: nothing is told.
        assert await at.news.look() == ["gone"]
        await at.news.tell()
        assert len(guest.got) == told
        await at.store.append(draft("bob", "1"))
        await at.news.look()
        await at.news.tell()
        assert len(guest.got) == told + 1
        # What was hinted at meanwhile is known.
        stored = await at.store.append(draft("bob", "2"))
        at.relay.hinted(EPOCH, HALL, stored.seq)
        await at.news.tell()
        await at.news.look()
        await at.news.tell()
        assert len(guest.got) == told + 2

    run(main())
