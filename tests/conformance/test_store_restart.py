"""What every store promises of yesterday: it is all still there, and says so the same way."""

import asyncio
from collections.abc import Callable

import pytest
from tests.conformance.conftest import Opened
from tests.conformance.people import BOB, furnish, said, say

from conclave.model import Position, User
from conclave.protocol.errors import Code, Reject


async def test_a_restart_changes_nothing(opened: Callable[[], Opened]) -> None:
    async with opened() as store:
        await furnish(store, BOB)
        first = await store.append(said("hello", client_id="c-1", extra={"note": 1}))
        await store.put_user(User(id="carl", name="carl", display_name="Carl"))
        await store.create_token("carl", b"d" * 32)
        store.mark_read("hall", "bob", 3)
        before = (store.epoch, await store.after("hall", 0), await store.token(b"d" * 32))
        rooms = await store.rooms_of("bob")
    async with opened() as store:
        after = (store.epoch, await store.after("hall", 0), await store.token(b"d" * 32))
        assert after == before
        assert await store.rooms_of("bob") == rooms
        again = await store.append(said("hello", client_id="c-1", extra={"note": 1}))
        assert (again.seq, again.id, again.entry) == (first.seq, first.id, None)
        page = await store.entries("hall", Position(store.epoch, first.seq, first.id))
        assert (page.entries, page.reset) == ([], False)
        (next_one,) = await say(store, "next")
        assert next_one.seq == first.seq + 1


async def test_a_read_mark_survives_a_close_right_after_it(opened: Callable[[], Opened]) -> None:
    async with opened() as store:
        await furnish(store, BOB)
        await say(store, "one", "two")
        store.mark_read("hall", "bob", 3)
    async with opened() as store:
        (room,) = await store.rooms_of("bob")
        assert (room.read_seq, room.unread) == (3, 1)


async def test_closing_finishes_what_waits_and_refuses_what_comes_later(
    opened: Callable[[], Opened],
) -> None:
    async with opened() as store:
        await furnish(store)
        waiting = asyncio.gather(*(store.append(said(str(n))) for n in range(500)))
        await asyncio.sleep(0)
    assert [receipt.seq for receipt in await waiting] == list(range(2, 502))
    for late in (store.append(said("late")), store.heads(["hall"]), store.members("hall")):
        with pytest.raises(Reject) as refused:
            await late
        assert refused.value.code == Code.UNAVAILABLE
    async with opened() as store:
        assert await store.heads(["hall"]) == {"hall": 501}
