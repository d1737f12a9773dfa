"""What every store promises of reading: complete or an explicit reset, never partial."""

import asyncio

import pytest
from tests.conformance.people import ANN, BOB, EVE, furnish, said, say

from conclave.model import Page, Position, RoomKind, Scope, User
from conclave.ports import Moderation, Store
from conclave.protocol.errors import Code, Reject


def seqs(page: Page) -> list[int]:
    return [entry.seq for entry in page.entries]


async def fill(store: Store, n: int) -> None:
    """Number 1 is the owner's entry, 2 to n + 1 are messages."""
    await furnish(store)
    await asyncio.gather(*(store.append(said(str(i))) for i in range(2, n + 2)))


async def test_history_is_the_last_messages_oldest_first(store: Store) -> None:
    await fill(store, 150)
    page = await store.history("hall")
    assert seqs(page) == list(range(52, 152))
    assert (page.first_seq, page.last_seq, page.upto) == (1, 151, 151)
    assert page.epoch == store.epoch
    assert page.more
    assert not page.reset


async def test_history_has_messages_only(store: Store) -> None:
    await furnish(store, BOB)
    await say(store, "hello")
    page = await store.history("hall")
    assert [entry.type for entry in page.entries] == ["message"]
    assert not page.more


async def test_the_history_of_a_new_room_is_empty(store: Store) -> None:
    await furnish(store)
    page = await store.history("hall")
    assert (page.entries, page.upto, page.last_seq, page.more) == ([], 1, 1, False)


async def test_pages_before_a_number_lead_to_the_beginning(store: Store) -> None:
    await fill(store, 25)
    found: list[int] = []
    before = 27
    while True:
        page = await store.history("hall", before=before, limit=10)
        found = seqs(page) + found
        if not page.more:
            break
        before = page.entries[0].seq
    assert found == list(range(2, 27))
    assert (await store.history("hall", before=2)).entries == []
    assert (await store.history("hall", before=0)).entries == []
    assert seqs(await store.history("hall", before=10**15, limit=2)) == [25, 26]


async def test_pages_after_a_number_lead_to_the_end(store: Store) -> None:
    await fill(store, 25)
    found: list[int] = []
    page = await store.history("hall", after=0, limit=10)
    found += seqs(page)
    while page.more:
        assert page.upto == found[-1]
        page = await store.history("hall", after=found[-1], limit=10)
        found += seqs(page)
    assert found == list(range(2, 27))
    assert page.upto == 26


async def test_a_page_around_a_number_holds_both_sides(store: Store) -> None:
    await fill(store, 50)
    page = await store.history("hall", around=25, limit=10)
    assert seqs(page) == list(range(21, 31))
    assert page.more
    assert seqs(await store.history("hall", around=2, limit=10)) == list(range(2, 8))
    assert not (await store.history("hall", around=25, limit=100)).more


async def test_a_page_at_a_moment_is_around_the_first_that_is_not_earlier(store: Store) -> None:
    await furnish(store)
    for n in range(2, 22):
        # So that no two are of the same moment.
        await asyncio.sleep(0.002)
        await store.append(said(str(n)))
    told = (await store.history("hall")).entries
    for entry in (told[0], told[9], told[-1]):
        page = await store.history("hall", at=entry.timestamp, limit=6)
        assert seqs(page) == seqs(await store.history("hall", around=entry.seq, limit=6))
        page = await store.history("hall", at=entry.timestamp - 1, limit=6)
        assert seqs(page) == seqs(await store.history("hall", around=entry.seq, limit=6))
    assert seqs(await store.history("hall", at=0, limit=4))[0] == told[0].seq
    later = await store.history("hall", at=told[-1].timestamp + 1, limit=4)
    assert seqs(later)[-1] == told[-1].seq


async def test_entries_after_a_position_are_all_there_are(store: Store) -> None:
    await fill(store, 20)
    await store.ensure_member("hall", BOB)
    page = await store.entries("hall", Position(store.epoch, 10))
    assert seqs(page) == list(range(11, 23))
    assert page.entries[-1].type == "member:added"
    assert (page.upto, page.more, page.reset) == (22, False, False)


async def test_entries_come_in_pages_that_join_without_a_hole(store: Store) -> None:
    await fill(store, 25)
    found: list[int] = []
    position = Position(store.epoch, 0)
    while True:
        page = await store.entries("hall", position, limit=10)
        found += seqs(page)
        assert page.upto == found[-1]
        position = Position(store.epoch, page.upto, page.entries[-1].id)
        if not page.more:
            break
    assert found == list(range(1, 27))


async def test_who_knows_everything_gets_nothing_and_no_reset(store: Store) -> None:
    await fill(store, 3)
    last = (await store.history("hall")).entries[-1]
    page = await store.entries("hall", Position(store.epoch, last.seq, last.id))
    assert (page.entries, page.upto, page.reset, page.more) == ([], 4, False, False)


async def test_a_position_that_is_void_gets_a_reset_with_the_last_messages(store: Store) -> None:
    await fill(store, 5)
    void = {
        "another epoch": Position("another", 3),
        "no epoch": Position("", 3),
        "ahead of the head": Position(store.epoch, 7),
        "far ahead": Position(store.epoch, 2**53 - 1),
        "negative": Position(store.epoch, -1),
        "another entry at that number": Position(store.epoch, 3, "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    }
    for why, position in void.items():
        page = await store.entries("hall", position)
        assert page.reset, why
        assert seqs(page) == [2, 3, 4, 5, 6], why
        assert (page.epoch, page.first_seq, page.last_seq) == (store.epoch, 1, 6), why
        # The reader's position is the end: there is nothing to come back for.
        assert (page.upto, page.more) == (6, False), why


async def test_a_reset_has_at_most_a_page_of_messages(store: Store) -> None:
    await fill(store, 150)
    page = await store.entries("hall", Position("another", 1))
    assert seqs(page) == list(range(52, 152))


async def test_after_gives_entries_of_all_types_and_the_numbers(store: Store) -> None:
    await fill(store, 5)
    page = await store.after("hall", 0, limit=2)
    assert (seqs(page), page.upto, page.more, page.last_seq) == ([1, 2], 2, True, 6)
    page = await store.after("hall", 100)
    assert (page.entries, page.more, page.last_seq) == ([], False, 6)


async def test_a_page_is_bounded_in_bytes_and_loses_nothing(store: Store) -> None:
    await furnish(store)
    texts = [str(n) + "x" * 16_000 for n in range(20)]
    await asyncio.gather(*(store.append(said(text)) for text in texts))
    page = await store.history("hall")
    assert page.more
    assert sum(len(entry.text) for entry in page.entries) <= 131_072
    assert page.entries[-1].text == texts[-1]
    found: list[str] = []
    seq = 1
    while True:
        page = await store.after("hall", seq)
        assert sum(len(entry.text) for entry in page.entries) <= 131_072
        found += [entry.text for entry in page.entries]
        seq = page.upto
        if not page.more:
            break
    assert found == texts


async def test_an_entry_larger_than_a_page_comes_alone(store: Store) -> None:
    await furnish(store)
    await say(store, "small", "\x01" * 50_000, "small")  # six bytes each in JSON
    page = await store.after("hall", 1)
    assert (seqs(page), page.more) == ([2], True)
    page = await store.after("hall", 2)
    assert (seqs(page), page.more) == ([3], True)
    assert seqs(await store.after("hall", 3)) == [4]


async def test_a_page_is_never_partial_while_others_write(store: Store) -> None:
    await furnish(store)
    writing = asyncio.gather(*(store.append(said(str(n))) for n in range(500)))
    seen = 0
    while not writing.done():
        page = await store.entries("hall", Position(store.epoch, seen))
        assert seqs(page) == list(range(seen + 1, page.upto + 1))
        assert page.more or page.upto == page.last_seq
        seen = page.upto
    await writing


async def test_there_must_be_a_room(store: Store) -> None:
    reads = [
        store.history("nowhere"),
        store.history("nowhere", before=1),
        store.history("nowhere", around=1),
        store.after("nowhere", 0),
        store.entries("nowhere", Position(store.epoch, 0)),
    ]
    for read in reads:
        with pytest.raises(Reject) as refused:
            await read
        assert refused.value.code == Code.NO_SUCH_ROOM


async def test_heads_are_the_last_numbers_of_rooms_there_are(store: Store) -> None:
    await fill(store, 5)
    await store.create_room("empty", ANN)
    assert await store.heads(["hall", "empty", "nowhere"]) == {"hall": 6, "empty": 1}
    assert await store.heads([]) == {}


async def test_what_was_missed_of_many_rooms_is_what_each_would_say(store: Store) -> None:
    for room in ("a", "b", "c"):
        await furnish(store, BOB, room=room)
    await say(store, "one", "two", room="a")
    await say(store, "three", room="b")
    known = {"a": Position(store.epoch, 2), "b": Position(store.epoch, 3), "c": Position("", 2)}
    found = await store.missed("bob", known)
    # Of `c` another history is known: that is no simple matter.
    assert set(found) == {"a", "b"}
    for room, page in found.items():
        assert page == await store.entries(room, known[room], reader="bob")
    assert (seqs(found["a"]), seqs(found["b"])) == ([3, 4], [])


async def test_what_was_missed_is_told_to_members_only_and_only_where_it_is_there(
    store: Store, moderation: Moderation
) -> None:
    await furnish(store, BOB, EVE)
    await furnish(store, BOB, room="gone")
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    known = {name: Position(store.epoch, 1) for name in ("hall", "gone", "cellar", "nowhere")}
    await moderation.delete_room("gone", ANN)
    assert set(await store.missed("bob", known)) == {"hall"}
    assert await store.missed("nobody", known) == {}
    await moderation.ban("hall", ANN, "bob")
    assert await store.missed("bob", known) == {}
    assert set(await store.missed("eve", known)) == {"hall"}
    assert await store.missed("eve", {}) == {}


async def test_where_the_log_does_not_go_on_nothing_is_said_to_be_missed(store: Store) -> None:
    await furnish(store, BOB)
    (said_first,) = await say(store, "first")
    for wrong in (
        Position(store.epoch, 99),
        Position("another", 3),
        Position(store.epoch, said_first.seq, "0" * 26),
    ):
        assert await store.missed("bob", {"hall": wrong}) == {}
    right = Position(store.epoch, said_first.seq, said_first.id)
    assert (await store.missed("bob", {"hall": right}))["hall"].upto_id == said_first.id


async def test_more_than_a_page_is_not_said_at_once(store: Store) -> None:
    await furnish(store, BOB)
    await say(store, *["x" * 1_000] * 5)
    known = {"hall": Position(store.epoch, 2)}
    assert seqs((await store.missed("bob", known))["hall"]) == [3, 4, 5, 6, 7]
    assert await store.missed("bob", known, most_bytes=4_000) == {}
    # So many rooms have room for few entries of each.
    many = known | {f"room{n}": Position(store.epoch, 2) for n in range(127)}
    assert await store.missed("bob", many) == {}
    assert set(await store.missed("bob", many | {"hall": Position(store.epoch, 3)})) == {"hall"}


async def test_members_who_may_not_read_what_was_before_them_do_not_read_its_edits(
    store: Store,
) -> None:
    await furnish(store)
    (old,) = await say(store, "secret")
    by = {"by": ANN, "type": "room:updated", "extra": {"history": "joined"}}
    await store.append(said("", **by))
    await store.ensure_member("hall", BOB)
    edit = said("secret still", type="message:edited", extra={"target": old.seq})
    await store.append(edit)
    page = (await store.missed("bob", {"hall": Position(store.epoch, 4)}))["hall"]
    assert [entry.text for entry in page.entries] == [""]
    assert page == await store.entries("hall", Position(store.epoch, 4), reader="bob")


async def test_who_comes_in_is_found_with_their_rooms(store: Store) -> None:
    for room in ("b", "A"):
        await furnish(store, BOB, room=room)
    user, rooms = await store.coming_in("bob")
    assert user == await store.user("bob")
    assert rooms == await store.names_of("bob") == ["A", "b"]
    assert await store.coming_in("nobody") == (None, [])


async def test_who_comes_in_by_a_token_is_found_with_their_rooms(store: Store) -> None:
    for room in ("b", "A"):
        await furnish(store, BOB, room=room)
    await store.put_user(User(id="eve", name="eve", display_name="Eve"))
    scopes, rooms = frozenset({Scope.READ}), frozenset({"b"})
    await store.create_token("bob", b"1", name="of Bob", scopes=scopes, rooms=rooms)
    await store.create_token("eve", b"2")
    for digest, names in ((b"1", ["A", "b"]), (b"2", [])):
        assert await store.token_coming_in(digest) == (await store.token(digest), names)
    await store.people.revoke("bob")
    token, names = await store.token_coming_in(b"1")
    assert token.revoked_at is not None, "whether it is good is for others to say"
    assert await store.token_coming_in(b"3") is None
