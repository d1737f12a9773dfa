"""Rooms forget their oldest entries, in slices, and everything else stays right."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.lived_in import ANN, BOB, change, log_of, say

from conclave.model import Draft, Position
from conclave.protocol.errors import Reject
from conclave.storage import SqliteStore, purge
from conclave.storage.purge import Keep, Purge, keep, room_keeps
from conclave.storage.verify import verify

DAY = 86_400_000


class Time:
    """A clock of days, for the store and for the purge."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    time = Time()
    monkeypatch.setattr(purge, "now_ms", time)
    return time


@pytest.fixture
async def store(data: Path, time: Time):
    store = await SqliteStore.open(data, clock=time)
    yield store
    await store.close()
    assert list(verify(data / "conclave.db")) == [], "a purge leaves a right database"


async def talk(store: SqliteStore, time: Time, days: int, messages: int = 10) -> None:
    """Say so many messages on each day; the first day begins with two who come in."""
    await store.create_room("hall", ANN)
    await store.ensure_member("hall", BOB)
    for day in range(days):
        first = messages * day
        if day == 0:
            for first in range(2):  # others refer to these
                await say(store, first)
            first = 2
        await asyncio.gather(*(say(store, n) for n in range(first, messages * (day + 1))))
        if day == 0:
            await change(store)
        time.now += DAY


async def numbers(store: SqliteStore) -> tuple[int, int]:
    page = await store.after("hall", 0)
    return page.first_seq, page.last_seq


async def test_nothing_is_purged_unless_somebody_wants_it(store, time) -> None:
    await talk(store, time, 3)
    before = await log_of(store, "hall")
    await Purge(store, Keep()).run()
    assert await log_of(store, "hall") == before


async def test_what_is_older_is_purged_and_the_rest_is_as_it_was(store, time) -> None:
    await talk(store, time, 5)
    before = await log_of(store, "hall")
    await Purge(store, Keep(days=3)).run()
    kept = [entry for entry in before if entry.timestamp >= time.now - 3 * DAY]
    assert 0 < len(kept) < len(before)
    assert await log_of(store, "hall") == kept
    assert await numbers(store) == (kept[0].seq, before[-1].seq)


@pytest.mark.parametrize("messages", [1, 7, 49, 50, 51, 1000])
async def test_so_many_messages_stay(store, time, messages) -> None:
    await talk(store, time, 5)
    before = await log_of(store, "hall")
    await Purge(store, Keep(messages=messages)).run()
    after = await log_of(store, "hall")
    assert after == before[len(before) - len(after) :]
    said = [entry for entry in after if entry.type == "message"]
    assert len(said) == min(messages, 50)
    assert after[0] == said[0] or len(after) == len(before)


async def test_all_may_be_too_old(store, time) -> None:
    await talk(store, time, 2)
    _, last = await numbers(store)
    time.now += 100 * DAY
    await Purge(store, Keep(days=3)).run()
    assert await numbers(store) == (last + 1, last)
    assert (await store.entries("hall", Position(store.epoch, last))).reset is False
    receipt = await store.append(Draft(room="hall", user="ann", name="Ann", text="still here"))
    assert receipt.seq == last + 1
    assert [entry.text for entry in (await store.history("hall")).entries] == ["still here"]


async def test_the_later_text_of_a_message_that_goes_is_erased(store, time) -> None:
    await talk(store, time, 3)
    said = [entry for entry in await log_of(store, "hall") if entry.type == "message"]
    for target in (said[4], said[-1]):
        await store.append(
            Draft(
                room="hall",
                user=target.user,
                name=target.name,
                type="message:edited",
                text=f"secret of {target.seq}",
                extra={"target": target.seq},
            )
        )
    await Purge(store, Keep(messages=5)).run()
    texts = [entry.text for entry in await log_of(store, "hall") if "target" in entry.extra]
    assert texts == ["", f"secret of {said[-1].seq}"]


async def test_unread_counts_stay_right(store, time) -> None:
    await talk(store, time, 5)
    for mark in (5, 30, 60):
        store.mark_read("hall", "bob", mark)
        info = await store.room_for("hall", "bob")
        assert info is not None
        await Purge(store, Keep(messages=20)).run()
        now = await store.room_for("hall", "bob")
        assert now is not None
        # What is purged cannot be read any more.
        left = [e for e in await log_of(store, "hall") if e.type == "message" and e.seq > mark]
        assert now.unread == min(info.unread, len(left))


async def test_who_was_behind_the_purge_is_reset(store, time) -> None:
    await talk(store, time, 5)
    await Purge(store, Keep(messages=20)).run()
    first, last = await numbers(store)
    assert (await store.entries("hall", Position(store.epoch, first - 2))).reset
    page = await store.entries("hall", Position(store.epoch, first - 1))
    assert (page.reset, page.entries[0].seq, page.upto) == (False, first, last)


async def test_a_request_is_known_for_ninety_days_after_its_entry_is_gone(store, time) -> None:
    await talk(store, time, 2)
    request = next(e for e in await log_of(store, "hall") if e.client_id and e.type == "message")
    again = Draft(
        room="hall",
        user=request.user,
        name=request.name,
        text=request.text,
        extra=request.extra,
        client_id=request.client_id,
    )
    await Purge(store, Keep(messages=1)).run()
    assert (await store.append(again)).seq == request.seq
    time.now += 87 * DAY
    await Purge(store, Keep(messages=1)).run()
    assert (await store.append(again)).seq == request.seq
    time.now += 10 * DAY
    await Purge(store, Keep(messages=1)).run()
    assert (await store.append(again)).seq > request.seq


async def test_a_room_says_for_itself_what_it_keeps(store, time) -> None:
    await talk(store, time, 5)
    await store.write(lambda connection, _: keep(connection, "HALL", 0, 5))
    found = await store.read(lambda connection: room_keeps(connection, "hall"))
    assert found == ("hall", 0, 5)
    await Purge(store, Keep(days=1, messages=1)).run()
    assert len((await store.history("hall")).entries) == 5
    await store.write(lambda connection, _: keep(connection, "hall", None, None))
    await Purge(store, Keep(messages=2)).run()
    assert len((await store.history("hall")).entries) == 2


@pytest.mark.parametrize(
    ("room", "days", "messages"), [("hall", -1, 0), ("hall", 0, 10**12), ("nowhere", 1, 1)]
)
async def test_what_cannot_be_kept_is_refused(store, time, room, days, messages) -> None:
    await talk(store, time, 1)
    with pytest.raises(Reject):
        await store.write(lambda connection, _: keep(connection, room, days, messages))


async def test_it_goes_on_in_slices_and_the_first_number_only_grows(
    store, time, monkeypatch
) -> None:
    monkeypatch.setattr(purge, "_FIRST_ROWS", 20)
    monkeypatch.setattr(purge, "_MOST_ROWS", 20)
    await talk(store, time, 12, messages=20)
    working = asyncio.create_task(Purge(store, Keep(messages=10)).run())
    seen = []
    while not working.done():
        first, _ = await numbers(store)
        page = await store.after("hall", first - 1)
        assert [entry.seq for entry in page.entries] == list(
            range(page.first_seq, page.last_seq + 1)
        )
        seen.append(first)
    await working
    assert seen == sorted(seen)
    assert len(set(seen)) > 3, "it was one slice"
