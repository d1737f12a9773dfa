"""What every store promises of appending: numbers, order, once and only once, rights."""

import asyncio
import random

import pytest
from tests.conformance.people import ANN, BOB, EVE, furnish, said, say

from conclave.model import SYSTEM, Entry, Receipt
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject


def code_of(answer: object) -> str | None:
    return answer.code if isinstance(answer, Reject) else None


async def all_of(store: Store, room: str = "hall") -> list[Entry]:
    found: list[Entry] = []
    while True:
        page = await store.after(room, found[-1].seq if found else 0)
        found += page.entries
        if not page.more:
            return found


async def test_numbers_follow_each_other_and_receipts_say_what_is_stored(store: Store) -> None:
    await furnish(store)
    receipts = await say(store, "one", "two", "three")
    assert [receipt.seq for receipt in receipts] == [2, 3, 4]  # the owner's entry is number 1
    stored = (await all_of(store))[1:]
    assert [receipt.entry for receipt in receipts] == stored
    for receipt, entry in zip(receipts, stored, strict=True):
        numbers = (receipt.room, receipt.seq, receipt.id, receipt.timestamp)
        assert numbers == (entry.room, entry.seq, entry.id, entry.timestamp)


async def test_the_same_request_again_has_the_first_ones_numbers_and_no_entry(store: Store) -> None:
    await furnish(store)
    first = await store.append(said("hello", client_id="c-1"))
    await say(store, "between")
    again = await store.append(said("hello", client_id="c-1"))
    assert first.entry is not None
    assert again.entry is None
    assert (again.seq, again.id, again.timestamp) == (first.seq, first.id, first.timestamp)
    assert await store.stored(said("hello", client_id="c-1")) == again
    assert len(await all_of(store)) == 3


async def test_the_same_id_with_other_content_is_refused_and_stores_nothing(store: Store) -> None:
    await furnish(store)
    await store.append(said("hello", client_id="c-1"))
    others = [
        said("other", client_id="c-1"),
        said("hello", client_id="c-1", extra={"reply_to": 1}),
        said("hello", client_id="c-1", type="topic"),
    ]
    for other in others:
        with pytest.raises(Reject) as refused:
            await store.append(other)
        assert refused.value.code == Code.ID_REUSED
        with pytest.raises(Reject) as refused:
            await store.stored(other)
        assert refused.value.code == Code.ID_REUSED
    assert len(await all_of(store)) == 2


async def test_an_id_belongs_to_one_user_in_one_room(store: Store) -> None:
    await furnish(store, BOB)
    await furnish(store, BOB, room="other")
    drafts = [said(f"{by.user} {room}", by, room, client_id="same") for by in (ANN, BOB)
              for room in ("hall", "other")]  # fmt: skip
    assert all([(await store.append(draft)).entry is not None for draft in drafts])


async def test_nothing_is_known_of_requests_that_never_were(store: Store) -> None:
    await furnish(store)
    assert await store.stored(said("x", client_id="never")) is None
    assert await store.stored(said("x")) is None
    assert await store.stored(said("x", room="nowhere", client_id="c")) is None


async def test_without_an_id_the_same_text_is_said_twice(store: Store) -> None:
    await furnish(store)
    first, second = await say(store, "hello", "hello")
    assert first.seq + 1 == second.seq


async def test_who_is_no_member_cannot_append_and_takes_no_number(store: Store) -> None:
    await furnish(store)
    answers = await asyncio.gather(
        store.append(said("one")),
        store.append(said("let me in", EVE)),
        store.append(said("two")),
        return_exceptions=True,
    )
    assert code_of(answers[1]) == Code.NOT_IN_ROOM
    assert [entry.text for entry in await all_of(store)] == ["", "one", "two"]
    assert [entry.seq for entry in await all_of(store)] == [1, 2, 3]


async def test_there_must_be_a_room(store: Store) -> None:
    with pytest.raises(Reject) as refused:
        await store.append(said("hello?", room="nowhere"))
    assert refused.value.code == Code.NO_SUCH_ROOM


async def test_the_system_may_always_append(store: Store) -> None:
    await furnish(store)
    receipt = await store.append(said("welcome", SYSTEM))
    assert receipt.seq == 2


async def test_a_join_that_was_asked_for_first_lets_the_message_pass(store: Store) -> None:
    await furnish(store)
    joined, receipt = await asyncio.gather(
        store.ensure_member("hall", EVE), store.append(said("hi", ANN))
    )
    assert {joined[0].seq, receipt.seq} == {2, 3}
    assert (await store.append(said("hi", EVE))).seq == 4


async def test_calls_of_one_room_are_numbered_in_their_order(store: Store) -> None:
    await furnish(store)
    texts = [str(n) for n in range(1000)]
    receipts = await asyncio.gather(*(store.append(said(text)) for text in texts))
    assert [receipt.seq for receipt in receipts] == list(range(2, 1002))
    assert [entry.text for entry in await all_of(store)][1:] == texts


async def test_rooms_count_for_themselves(store: Store) -> None:
    rooms = ["a", "b", "c"]
    for room in rooms:
        await furnish(store, room=room)
    drafts = [said(str(n), room=rooms[n % 3]) for n in range(300)]
    receipts = await asyncio.gather(*(store.append(draft) for draft in drafts))
    for at, room in enumerate(rooms):
        seqs = [receipt.seq for receipt in receipts if receipt.room == room]
        assert seqs == list(range(2, 102))
        texts = [entry.text for entry in await all_of(store, room)][1:]
        assert texts == [str(n) for n in range(at, 300, 3)]


@pytest.mark.parametrize("seed", range(3))
async def test_of_many_parallel_appends_with_duplicates_each_is_stored_once(
    store: Store, seed: int
) -> None:
    print("seed", seed)
    chance = random.Random(seed)
    await furnish(store, BOB)
    drafts = [
        said(f"{by.user} {n}", by, client_id=f"c-{n}") for by in (ANN, BOB) for n in range(50)
    ]
    calls = drafts * 2
    chance.shuffle(calls)
    receipts = await asyncio.gather(*(store.append(draft) for draft in calls))
    seqs: dict[tuple[str, str | None], set[int]] = {}
    for draft, receipt in zip(calls, receipts, strict=True):
        seqs.setdefault((draft.user, draft.client_id), set()).add(receipt.seq)
    assert all(len(found) == 1 for found in seqs.values())
    assert sum(receipt.entry is not None for receipt in receipts) == len(drafts)
    stored = [(entry.user, entry.client_id) for entry in await all_of(store)][2:]
    assert sorted(stored) == sorted(seqs)


async def test_two_callers_with_one_id_at_once_make_one_row(store: Store) -> None:
    await furnish(store)
    for n in range(100):
        draft = said(f"text {n}", client_id=f"pair-{n}")
        one, two = await asyncio.gather(store.append(draft), store.append(draft))
        assert one.seq == two.seq
        assert one.id == two.id
        assert (one.entry is None) != (two.entry is None)
    assert len(await all_of(store)) == 101


async def test_two_callers_with_one_id_and_two_texts_make_one_row_and_one_refusal(
    store: Store,
) -> None:
    await furnish(store)
    answers = await asyncio.gather(
        store.append(said("one", client_id="c")),
        store.append(said("two", client_id="c")),
        return_exceptions=True,
    )
    assert [code_of(answer) for answer in answers] == [None, Code.ID_REUSED]
    assert [entry.text for entry in await all_of(store)] == ["", "one"]


async def test_a_draft_that_json_cannot_hold_harms_no_other(store: Store) -> None:
    await furnish(store)
    answers = await asyncio.gather(
        store.append(said("one")),
        store.append(said("\ud800")),
        store.append(said("two")),
        return_exceptions=True,
    )
    assert isinstance(answers[1], ValueError)
    assert [isinstance(answer, Receipt) for answer in answers] == [True, False, True]
    assert [entry.text for entry in await all_of(store)] == ["", "one", "two"]


async def test_what_a_caller_no_longer_waits_for_is_stored_all_the_same(store: Store) -> None:
    await furnish(store)
    task = asyncio.create_task(store.append(said("gone", client_id="c")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    again = await store.append(said("gone", client_id="c"))
    assert again.entry is None
    assert [entry.text for entry in await all_of(store)] == ["", "gone"]
