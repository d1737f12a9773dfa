"""What other nodes hint at is read at once; what is not true costs one look; silence, a second."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.schedules.hand_time import run
from tests.schedules.relay_world import EPOCH, HALL
from tests.unit.relay.parts import come, node

from conclave.protocol.errors import Reject
from conclave.relay.halls import REPAIR_AFTER


def write(at: Any, count: int) -> list[Any]:
    """Let another node store so many entries."""
    return [at.store.write("bob", "message") for _ in range(count)]


def count_reads(at: Any) -> list[int]:
    """Return a list that grows by the first number asked for, with each look at the store."""
    reads, after = [], at.store.after

    async def counted(room: str, seq: int, limit: int) -> Any:
        reads.append(seq + 1)
        return await after(room, seq, limit)

    at.store.after = counted
    return reads


async def settle() -> None:
    """Let all run that waits for nothing but the others."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_what_another_node_stored_is_told_at_once() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        write(at, 3)
        at.relay.hinted(EPOCH, HALL, 3)
        await settle()
        assert ada.got == ["entry 1", "entry 2", "entry 3"]

    run(main())


def test_hints_that_come_during_a_read_are_followed_by_one_read_more() -> None:
    async def main() -> None:
        at = node()
        await come(at, "ada")
        reads, after = count_reads(at), at.store.after

        async def slow(*about: Any) -> Any:
            page = await after(*about)
            await asyncio.sleep(0.01)
            return page

        at.store.after = slow
        write(at, 1)
        at.relay.hinted(EPOCH, HALL, 1)
        await settle()
        for entry in write(at, 3):
            at.relay.hinted(EPOCH, HALL, entry.seq)
        await asyncio.sleep(0.1)
        assert reads == [1, 2]
        assert at.halls.get(HALL).room.head == 4

    run(main())


def test_an_old_hint_or_a_doubled_one_is_no_reason_to_read() -> None:
    async def main() -> None:
        at = node()
        await come(at, "ada")
        reads = count_reads(at)
        write(at, 2)
        for seq in (2, 2, 1):
            at.relay.hinted(EPOCH, HALL, seq)
        await settle()
        at.relay.hinted(EPOCH, HALL, 2)
        await settle()
        assert reads == [1]

    run(main())


def test_a_hint_at_what_nobody_stored_costs_one_look_and_tells_nothing() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        reads = count_reads(at)
        at.relay.hinted(EPOCH, HALL, 10**15)
        await asyncio.sleep(60)
        assert (reads, ada.got) == ([1], [])
        assert at.halls.get(HALL).repairing is None
        at.relay.tell(write(at, 1))
        assert ada.got == ["entry 1"]

    run(main())


def test_a_hint_about_another_database_is_ignored_and_counted() -> None:
    async def main() -> None:
        at = node()
        await come(at, "ada")
        reads = count_reads(at)
        write(at, 1)
        at.relay.hinted("e0", HALL, 1)
        await settle()
        assert (reads, at.relay.strange_hints) == ([], 1)

    run(main())


def test_a_hint_ends_the_wait_for_an_earlier_entry() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        at.relay.tell(write(at, 2)[1:])
        await asyncio.sleep(REPAIR_AFTER / 2)
        assert ada.got == []
        at.relay.hinted(EPOCH, HALL, 1)
        await settle()
        assert ada.got == ["entry 1", "entry 2"]

    run(main())


def test_a_room_nobody_is_in_is_not_read() -> None:
    async def main() -> None:
        at = node()
        reads = count_reads(at)
        write(at, 1)
        at.relay.hinted(EPOCH, HALL, 1)
        await settle()
        assert (reads, len(at.halls)) == ([], 0)

    run(main())


def test_while_hints_may_not_arrive_each_poll_looks_at_the_store() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        write(at, 1)
        await at.halls.poll()
        assert ada.got == []
        at.engine.degraded = "no answer"
        for seq in (1, 2):
            await at.halls.poll()
            assert ada.got[-1] == f"entry {seq}"
            write(at, 1)

    run(main())


def test_when_hints_may_have_been_lost_the_next_poll_looks_until_it_could() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        write(at, 1)
        at.engine.missed += 1
        at.store.fails = 2.0
        with pytest.raises(Reject):
            await at.halls.poll()
        at.store.fails = 0.0
        await at.halls.poll()
        assert ada.got == ["entry 1"]
        write(at, 1)
        await at.halls.poll()
        assert ada.got == ["entry 1"]

    run(main())


def test_who_is_removed_by_another_node_hears_nothing_more() -> None:
    async def main() -> None:
        at = node()
        ada, bob = await come(at, "ada", "bob")
        at.hub.add(bob)
        at.hub.identify(bob, "bob")
        at.hub.watch(bob, [HALL])
        at.store.write("mod", "member:removed", member="bob", member_name="Bob")
        write(at, 1)
        at.relay.hinted(EPOCH, HALL, 2)
        await settle()
        assert ada.got == ["entry 1", "entry 2", "BOB has left the room"]
        assert bob.got == ["entry 1"]
        assert at.hub.watchers(HALL) == []

    run(main())


def test_a_hinted_read_that_is_refused_is_left_to_the_sweep() -> None:
    async def main() -> None:
        at = node()
        (ada,) = await come(at, "ada")
        write(at, 1)
        at.store.fails = 2.0
        with capture_logs() as logs:
            at.relay.hinted(EPOCH, HALL, 1)
            await asyncio.sleep(1)
        assert [line["event"] for line in logs] == ["repair_refused"]
        at.store.fails = 0.0
        await at.halls.sweep()
        assert ada.got == ["entry 1"]

    run(main())
