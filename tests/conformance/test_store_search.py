"""What every store promises of searching: the right messages, of the right rooms, as they are."""

import pytest
from tests.conformance.people import ANN, BOB, EVE, furnish, said, say

from conclave.model import Draft, Identity, Query, RoomKind, Term
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject


def asking(*words: str, **more: object) -> Query:
    return Query(words=tuple(Term(text=word) for word in words), **more)  # type: ignore[arg-type]


def named(text: str) -> tuple[Term, ...]:
    return (Term(text=text),)


async def search(store: Store, *words: str, by: Identity = ANN, **more: object) -> list[int]:
    """Return the numbers of what is found, once all is indexed."""
    await store.index()
    found = await store.search(asking(*words), reader=by.user, **more)  # type: ignore[arg-type]
    assert not found.more
    return [hit.seq for hit in found.hits]


async def ask(store: Store, query: Query, by: Identity = ANN) -> list[int]:
    await store.index()
    return [hit.seq for hit in (await store.search(query, reader=by.user)).hits]


async def change(store: Store, kind: str, target: int, by: Identity = ANN, **more: str) -> None:
    text = more.pop("text", "")
    extra = {"target": target, **more}
    await store.append(said(text, by, type=kind, extra=extra))


# ── what is found ──────────────────────────────────────────────────────────────────────


async def test_a_message_is_found_by_its_words_newest_first(store: Store) -> None:
    await furnish(store)
    await say(store, "the first apple", "a pear", "another Apple")
    assert await search(store, "apple") == [4, 2]
    assert await search(store, "apple", "first") == [2]
    assert await search(store, "first apple") == [2]
    assert await search(store, "apple first") == []
    assert await search(store, "plum") == []


async def test_a_hit_says_where_by_whom_and_why(store: Store) -> None:
    await furnish(store, BOB)
    (receipt,) = await say(store, "an apple a day", by=BOB)
    await store.index()
    (hit,) = (await store.search(asking("apple"), reader="ann")).hits
    assert (hit.room, hit.seq, hit.user, hit.name) == ("hall", receipt.seq, "bob", "Bob")
    assert hit.timestamp == receipt.timestamp
    assert [(piece.text, piece.hit) for piece in hit.snippet] == [
        ("an ", False),
        ("apple", True),
        (" a day", False),
    ]


async def test_case_accents_and_scripts_do_not_matter(store: Store) -> None:
    await furnish(store)
    await say(store, "Grüße aus Łódź", "昨日東京都に行った", "ＦＵＬＬ width")
    assert await search(store, "grusse") == [2]
    assert await search(store, "GRÜSSE", "lodz") == [2]
    assert await search(store, "東京") == [3]
    assert await search(store, "京") == [3]
    assert await search(store, "full") == [4]


async def test_a_word_that_may_go_on_finds_longer_ones(store: Store) -> None:
    await furnish(store)
    await say(store, "worlds", "world", "word")
    begun = Query(words=(Term(text="worl", begins=True),))
    assert await ask(store, begun) == [3, 2]
    assert await search(store, "worl") == []


async def test_people_rooms_and_times_narrow(store: Store) -> None:
    await furnish(store, BOB)
    await furnish(store, room="cellar")
    await say(store, "apple", by=ANN)
    (receipt,) = await say(store, "apple", by=BOB)
    await say(store, "apple", room="cellar")
    assert await ask(store, asking("apple", people=named("Bob"))) == [receipt.seq]
    assert await ask(store, asking("apple", people=named("bob"))) == [receipt.seq]
    assert len(await ask(store, asking("apple", people=named("me")))) == 2
    assert await ask(store, asking("apple", people=named("nobody"))) == []
    assert await ask(store, asking("apple", rooms=named("CELLAR"))) == [2]
    assert await search(store, "apple", room="cellar") == [2]
    assert await search(store, "apple", author="bob") == [receipt.seq]
    assert await ask(store, asking("apple", people=named("ann"), before=receipt.timestamp)) in (
        [],
        [3],
    )
    assert await ask(store, asking("apple", after=receipt.timestamp + 60_000)) == []
    assert await ask(store, asking("apple", before=receipt.timestamp - 60_000)) == []
    assert len(await ask(store, asking("apple", after=0, before=2**53))) == 3


async def test_what_must_not_be_there_is_left_out(store: Store) -> None:
    await furnish(store, BOB)
    await say(store, "apple pie", "apple juice", "pear")
    await say(store, "apple", by=BOB)
    no_pie = Query(words=(Term(text="apple"), Term(text="pie", without=True)))
    assert await ask(store, no_pie) == [6, 4]
    not_bob = Query(words=named("apple"), people=(Term(text="bob", without=True),))
    assert await ask(store, not_bob) == [4, 3]
    assert await ask(store, Query(words=(Term(text="apple", without=True),))) == [5]
    assert await ask(store, Query(rooms=(Term(text="hall", without=True),))) == []


async def test_traits_are_what_a_message_has_besides_words(store: Store) -> None:
    await furnish(store, BOB)
    await say(store, "see https://example.org")
    await store.append(said("answer", extra={"reply_to": 3, "thread": 3}))
    await store.append(said("hey", extra={"mentions": ["bob"]}))
    await change(store, "reaction:added", 5, by=BOB, emoji="👍")
    await change(store, "message:pinned", 3)
    for trait, seqs in {
        "link": [3],
        "reply": [4],
        "thread": [4],
        "mention": [5],
        "reaction": [5],
        "pin": [3],
        "attachment": [],
    }.items():
        assert await ask(store, Query(traits=named(trait))) == seqs, trait
    await change(store, "reaction:removed", 5, by=BOB, emoji="👍")
    await change(store, "message:unpinned", 3)
    assert await ask(store, Query(traits=named("reaction"))) == []
    assert await ask(store, Query(traits=named("pin"))) == []
    assert await ask(store, Query(traits=(Term(text="link", without=True),))) == [5, 4]


async def test_nothing_asked_is_nothing_found(store: Store) -> None:
    await furnish(store)
    await say(store, "apple")
    for query in (Query(), asking(""), asking("!?"), asking("\0")):
        assert await ask(store, query) == []
    assert await search(store, "!?", room="hall") == []
    assert await search(store, room="hall") == [2]


# ── what it was and what it is ─────────────────────────────────────────────────────────


async def test_an_edited_message_is_found_by_what_it_is(store: Store) -> None:
    await furnish(store)
    await say(store, "apple")
    assert await search(store, "apple") == [2]
    await change(store, "message:edited", 2, text="pear")
    # Also before the index knows.
    assert (await store.search(asking("apple"), reader="ann")).hits == []
    assert await search(store, "apple") == []
    assert await search(store, "pear") == [2]


async def test_a_deleted_message_is_found_no_more_from_that_moment_on(store: Store) -> None:
    await furnish(store)
    await say(store, "apple", "apple")
    await change(store, "message:edited", 3, text="apple pie")
    assert await search(store, "apple") == [3, 2]
    await change(store, "message:deleted", 2)
    await change(store, "message:deleted", 3)
    assert (await store.search(asking("apple"), reader="ann")).hits == []
    assert await search(store, "apple") == []
    assert await search(store, "pie") == []


async def test_what_is_deleted_before_it_is_indexed_is_never_found(store: Store) -> None:
    await furnish(store)
    await say(store, "apple", "apple")
    await change(store, "message:edited", 2, text="apple pie")
    await change(store, "message:deleted", 2)
    assert await search(store, "apple") == [3]


# ── whose rooms ────────────────────────────────────────────────────────────────────────


async def test_only_rooms_of_the_reader_are_searched(store: Store) -> None:
    await furnish(store, BOB)
    await store.create_room("cellar", ANN, kind=RoomKind.PRIVATE)
    await say(store, "apple")
    await say(store, "apple", "rotten", room="cellar")
    assert len(await search(store, "apple", by=ANN)) == 2
    assert len(await search(store, "apple", by=BOB)) == 1
    assert await search(store, "rotten", by=BOB) == []
    assert await search(store, "apple", by=EVE) == []
    assert await ask(store, asking("rotten", rooms=named("cellar")), by=BOB) == []
    assert await ask(store, Query(traits=(Term(text="pin", without=True),)), by=EVE) == []


async def test_a_room_one_is_not_in_and_one_that_is_not_answer_the_same(store: Store) -> None:
    await furnish(store)
    await store.index()
    said_no = []
    for room in ("hall", "nowhere"):
        with pytest.raises(Reject) as refused:
            await store.search(asking("apple"), reader="eve", room=room)
        said_no.append((refused.value.code, refused.value.message))
    assert said_no[0] == said_no[1]
    assert said_no[0][0] == Code.NOT_IN_ROOM


async def test_who_has_left_finds_nothing_there(store: Store) -> None:
    await furnish(store, BOB)
    await say(store, "apple")
    assert len(await search(store, "apple", by=BOB)) == 1
    await store.quit_room("hall", BOB)
    assert (await store.search(asking("apple"), reader="bob")).hits == []


# ── the index ──────────────────────────────────────────────────────────────────────────


async def test_the_index_says_how_far_it_is_behind(store: Store) -> None:
    await furnish(store)
    await store.index()
    assert await store.index_lag() == 0
    await say(store, "apple", "apple")
    assert await store.index_lag() == 2
    page = await store.search(asking("apple"), reader="ann")
    assert (page.hits, page.behind) == ([], 2)
    await store.index()
    assert await store.index_lag() == 0
    assert (await store.search(asking("apple"), reader="ann")).behind == 0


async def test_indexing_again_changes_nothing(store: Store) -> None:
    await furnish(store)
    await say(store, "apple")
    for _ in range(3):
        assert await search(store, "apple") == [2]


async def test_no_text_upsets_it(store: Store) -> None:
    await furnish(store)
    texts = ['"', "'", "*", "a\0b", '" OR 1 --', "NEAR(a b)", "x" * 5_000, "a " * 2_000, "\ud7ff"]
    texts += ["search_index", "1_apple", "1__", "__u", "{a} : b", "^a", "-a", "a + b", "東" * 3_000]
    for text in texts:
        await store.append(Draft(room="hall", user="ann", name="Ann", text=text))
    await store.index()
    for text in texts:
        await store.search(asking(text), reader="ann")
        await store.search(Query(people=named(text), rooms=named(text)), reader="ann")
        await store.search(Query(words=(Term(text=text, begins=True),)), reader="ann")
        await store.search(Query(words=(Term(text=text, without=True),)), reader="ann")
        await store.search(Query(traits=named(text)), reader="ann")
    assert await search(store, "1_apple") == [12]


async def test_a_search_finds_nothing_from_before_one_joined_where_the_past_is_hidden(
    store: Store,
) -> None:
    await furnish(store)
    await store.append(said("", type="room:updated", extra={"history": "joined"}))
    (before,) = await say(store, "the canary was here before")
    await store.ensure_member("hall", BOB)
    (since,) = await say(store, "the canary is here since")
    assert await search(store, "canary", by=BOB) == [since.seq]
    assert await search(store, "canary", by=BOB, room="hall") == [since.seq]
    assert await search(store, "canary") == [since.seq, before.seq]
    # Who has gone and come back reads on from there, not from the first time.
    await store.quit_room("hall", BOB)
    await store.ensure_member("hall", BOB)
    assert await search(store, "canary", by=BOB) == []
