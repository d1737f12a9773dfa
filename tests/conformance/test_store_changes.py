"""What every store promises of messages that are changed after they were written."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.conformance.conftest import Opened
from tests.conformance.people import ANN, BOB, EVE, furnish, said, say

from conclave.model import SYSTEM, Draft, Entry, Identity, Position, Receipt, Role, RoomRole
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject
from conclave.storage.changes import MOST_EMOJI, MOST_PINNED

ADMIN = Identity(user="root", name="Root", role=Role.ADMIN)


def change(type_: str, target: int, by: Identity = ANN, text: str = "", **more: Any) -> Draft:
    extra = {"target": target, **more.pop("extra", {})}
    draft = {"room": "hall", "user": by.user, "name": by.name, "role": by.role}
    return Draft(type=type_, text=text, extra=extra, **draft, **more)


def reacted(target: int, emoji: str, by: Identity = ANN, verb: str = "added") -> Draft:
    return change(f"reaction:{verb}", target, by, extra={"emoji": emoji})


async def refused(store: Store, draft: Draft) -> Code:
    head = (await store.heads(["hall"]))["hall"]
    with pytest.raises(Reject) as no:
        await store.append(draft)
    assert (await store.heads(["hall"]))["hall"] == head, "nothing is half-done"
    return no.value.code


async def now(store: Store, seq: int, reader: str = "ann") -> Entry:
    page = await store.history("hall", around=seq, limit=2, reader=reader)
    return next(entry for entry in page.entries if entry.seq == seq)


async def test_an_edited_message_has_its_last_text_and_the_log_has_all(store: Store) -> None:
    await furnish(store)
    (said_,) = await say(store, "one")
    for text in ("two", "three"):
        edit = await store.append(change("message:edited", said_.seq, text=text))
    message = await now(store, said_.seq)
    assert (message.text, message.id) == ("three", said_.id)
    assert message.state is not None
    assert message.state.edited_at == edit.timestamp
    page = await store.after("hall", 1)
    assert [(entry.type, entry.text) for entry in page.entries] == [
        ("message", "one"),
        ("message:edited", "two"),
        ("message:edited", "three"),
    ]


async def test_only_its_author_edits_a_message(store: Store) -> None:
    await furnish(store, BOB, ADMIN)
    (said_,) = await say(store, "mine")
    for other in (BOB, ADMIN):
        edit = change("message:edited", said_.seq, other, "yours")
        assert await refused(store, edit) == Code.FORBIDDEN


async def test_the_same_text_again_is_no_edit(store: Store) -> None:
    await furnish(store)
    (said_,) = await say(store, "one")
    same = await store.append(change("message:edited", said_.seq, text="one"))
    assert (same.seq, same.id, same.entry) == (said_.seq, said_.id, None)
    edit = await store.append(change("message:edited", said_.seq, text="two"))
    again = await store.append(change("message:edited", said_.seq, text="two"))
    assert (again.seq, again.entry) == (edit.seq, None)


async def test_a_deleted_message_is_a_number_and_nothing_else(store: Store) -> None:
    await furnish(store, BOB)
    await say(store, "first")
    secret = said("secret", extra={"mentions": ["bob"], "reply_to": 3})
    target = (await store.append(secret)).seq
    await store.append(change("message:edited", target, text="more secret"))
    await store.append(reacted(target, "👍", BOB))
    await store.append(change("message:pinned", target, BOB))
    deletion = await store.append(change("message:deleted", target))
    message = await now(store, target)
    assert (message.text, message.state) == ("", None)
    assert message.extra == {"reply_to": 3, "deleted": True}
    assert (await store.history("hall", pinned=True)).entries == []
    entries = (await store.after("hall", 0)).entries
    assert not [entry for entry in entries if "secret" in entry.text]
    assert [entry.seq for entry in entries] == list(range(1, deletion.seq + 1))
    assert (await store.room_for("hall", "bob")).mentions == 0  # type: ignore[union-attr]
    again = await store.append(change("message:deleted", target))
    assert (again.seq, again.entry) == (deletion.seq, None)


async def test_nothing_more_happens_to_a_deleted_message(store: Store) -> None:
    await furnish(store)
    (said_,) = await say(store, "one")
    await store.append(change("message:deleted", said_.seq))
    for draft in (
        change("message:edited", said_.seq, text="two"),
        change("message:pinned", said_.seq),
        change("message:unpinned", said_.seq),
        reacted(said_.seq, "👍"),
        reacted(said_.seq, "👍", verb="removed"),
    ):
        assert await refused(store, draft) == Code.NO_SUCH_MESSAGE


async def test_authors_owners_and_admins_delete_a_message_others_do_not(store: Store) -> None:
    await furnish(store, BOB, EVE, ADMIN)
    mine = [(await say(store, "bob's", by=BOB))[0].seq for _ in range(4)]
    for by, target in zip((BOB, ANN, ADMIN, SYSTEM), mine, strict=True):
        assert await refused(store, change("message:deleted", target, EVE)) == Code.FORBIDDEN
        assert (await store.append(change("message:deleted", target, by))).entry is not None


@pytest.mark.parametrize(
    "type_",
    ["message:edited", "message:deleted", "message:pinned", "message:unpinned", "reaction:added"],
)
async def test_what_is_no_message_of_the_room_cannot_be_changed(store: Store, type_: str) -> None:
    await furnish(store)
    await store.create_room("other", ANN)
    await say(store, *"abc", room="other")
    # 1 is the entry that made Ann a member; 3 is a message of another room.
    for target in (0, 1, 2, 3, 2**53 - 1):
        draft = change(type_, target, text="x", extra={"emoji": "👍"})
        assert await refused(store, draft) == Code.NO_SUCH_MESSAGE


async def test_who_is_no_member_changes_nothing(store: Store) -> None:
    await furnish(store)
    (said_,) = await say(store, "one")
    assert await refused(store, reacted(said_.seq, "👍", EVE)) == Code.NOT_IN_ROOM


async def test_reactions_are_summed_in_the_order_they_came(store: Store) -> None:
    people = [Identity(user=f"u{n:02}", name=f"U{n}") for n in range(25)]
    await furnish(store, *people)
    (said_,) = await say(store, "one")
    await store.append(reacted(said_.seq, "🎉", people[3]))
    for who in people:
        await store.append(reacted(said_.seq, "👍", who))
    state = (await now(store, said_.seq, "u24")).state
    assert state is not None
    assert [(r.emoji, r.count, r.me) for r in state.reactions] == [
        ("🎉", 1, False),
        ("👍", 25, True),
    ]
    assert state.reactions[1].users == tuple(who.user for who in people[:20])


async def test_a_reaction_is_there_once_and_goes_once(store: Store) -> None:
    await furnish(store)
    (said_,) = await say(store, "one")
    first = await store.append(reacted(said_.seq, "👍"))
    again = await store.append(reacted(said_.seq, "👍"))
    assert (again.seq, again.id, again.entry) == (first.seq, first.id, None)
    assert (await store.append(reacted(said_.seq, "👍", verb="removed"))).entry is not None
    gone = await store.append(reacted(said_.seq, "👍", verb="removed"))
    assert (gone.seq, gone.entry) == (said_.seq, None)
    assert (await now(store, said_.seq)).state is None


async def test_a_message_has_only_so_many_different_reactions(store: Store) -> None:
    await furnish(store, BOB)
    (said_,) = await say(store, "one")
    emoji = [chr(0x1F600 + n) for n in range(MOST_EMOJI + 1)]
    for one in emoji[:-1]:
        await store.append(reacted(said_.seq, one))
    assert await refused(store, reacted(said_.seq, emoji[-1])) == Code.FORBIDDEN
    assert (await store.append(reacted(said_.seq, emoji[0], BOB))).entry is not None


async def test_pinned_messages_are_listed_and_there_are_only_so_many(store: Store) -> None:
    await furnish(store, BOB)
    messages = await say(store, *map(str, range(MOST_PINNED + 1)))
    for message in messages[:-1]:
        pin = await store.append(change("message:pinned", message.seq, BOB))
    assert (await store.append(change("message:pinned", messages[-2].seq))).seq == pin.seq
    assert await refused(store, change("message:pinned", messages[-1].seq)) == Code.FORBIDDEN
    await store.append(change("message:unpinned", messages[0].seq))
    page = await store.history("hall", pinned=True)
    assert [entry.text for entry in page.entries] == [str(n) for n in range(1, MOST_PINNED)]
    assert all(entry.state is not None and entry.state.pinned for entry in page.entries)
    page = await store.history("hall", pinned=True, before=messages[5].seq, limit=2)
    assert ([entry.text for entry in page.entries], page.more) == (["3", "4"], True)


async def test_a_thread_is_read_from_the_message_that_began_it(store: Store) -> None:
    await furnish(store)
    root, other = await say(store, "root", "other")
    answers = []
    for n in range(5):
        await say(store, f"noise {n}")
        answers.append(await store.append(said(f"a{n}", extra={"thread": root.seq})))
    page = await store.history("hall", thread=root.seq)
    assert [entry.text for entry in page.entries] == ["root", *(f"a{n}" for n in range(5))]
    assert not page.more
    page = await store.history("hall", thread=root.seq, limit=3)
    assert ([entry.text for entry in page.entries], page.more) == (["a2", "a3", "a4"], True)
    page = await store.history("hall", thread=root.seq, before=answers[2].seq, limit=3)
    assert ([entry.text for entry in page.entries], page.more) == (["root", "a0", "a1"], False)
    page = await store.history("hall", thread=root.seq, after=root.seq, limit=2)
    assert ([entry.text for entry in page.entries], page.more) == (["a0", "a1"], True)
    page = await store.history("hall", thread=other.seq)
    assert [entry.text for entry in page.entries] == ["other"]


async def test_a_message_refers_to_messages_of_its_room_only(store: Store) -> None:
    await furnish(store)
    (root,) = await say(store, "root")
    answer = await store.append(said("answer", extra={"thread": root.seq, "reply_to": root.seq}))
    for name in ("reply_to", "thread"):
        for number in (1, 99):
            assert await refused(store, said("x", extra={name: number})) == Code.NO_SUCH_MESSAGE
    assert await refused(store, said("x", extra={"thread": answer.seq})) == Code.CONFLICT


async def test_changes_that_come_at_once_see_each_other(store: Store) -> None:
    await furnish(store, BOB)
    (said_,) = await say(store, "one")
    drafts = [
        change("message:edited", said_.seq, text="two"),
        said("between"),
        reacted(said_.seq, "👍", BOB),
        reacted(said_.seq, "👍", BOB),
        change("message:deleted", said_.seq),
        change("message:edited", said_.seq, text="three"),
        reacted(said_.seq, "🎉"),
    ]
    answers = await asyncio.gather(*map(store.append, drafts), return_exceptions=True)
    stored = [one.seq for one in answers if isinstance(one, Receipt) and one.entry is not None]
    assert stored == list(range(said_.seq + 1, said_.seq + 5))
    assert [one.code for one in answers if isinstance(one, Reject)] == [Code.NO_SUCH_MESSAGE] * 2
    texts = [entry.text for entry in (await store.after("hall", said_.seq - 1)).entries]
    assert texts == ["", "", "between", "", ""]


async def test_the_same_request_is_the_same_change_also_after_a_restart(
    opened: Callable[[], Opened],
) -> None:
    edit = change("message:edited", 3, text="two", client_id="e-1")
    nothing = change("message:unpinned", 3, client_id="u-1")
    async with opened() as store:
        await furnish(store, BOB)
        await say(store, "one")
        first = await store.append(edit)
        (same,) = [await store.append(nothing)]
        # Otherwise now: the requests are still what they were.
        await store.append(change("message:pinned", 3, BOB))
        await store.append(change("message:edited", 3, text="three"))
    async with opened() as store:
        again = await store.append(edit)
        assert (again.seq, again.id, again.entry) == (first.seq, first.id, None)
        assert (await store.append(nothing)).seq == same.seq
        assert (await now(store, 3)).text == "three"
        other = change("message:edited", 3, text="other", client_id="e-1")
        assert await refused(store, other) == Code.ID_REUSED
        page = await store.entries("hall", Position(store.epoch, 0))
        assert [entry.seq for entry in page.entries] == list(range(1, page.last_seq + 1))


async def test_mentions_after_the_mark_are_counted(store: Store) -> None:
    await furnish(store, BOB)
    both = said("@bob @eve", extra={"mentions": ["bob", "eve"]})
    first, second = [await store.append(both) for _ in range(2)]

    async def counts(user: str) -> tuple[int, int]:
        (room,) = await store.rooms_of(user)
        return room.unread, room.mentions

    assert await counts("bob") == (2, 2)
    store.mark_read("hall", "bob", first.seq)
    assert await counts("bob") == (1, 1)
    await store.append(change("message:deleted", second.seq))
    assert await counts("bob") == (0, 0)
    # Eve was called before she came: that is not news to her.
    await store.ensure_member("hall", EVE)
    assert await counts("eve") == (0, 0)


async def test_deleted_messages_are_not_unread(store: Store) -> None:
    await furnish(store, BOB)
    messages = await say(store, *"abcde")
    for message in (messages[0], messages[3]):
        await store.append(change("message:deleted", message.seq))
    for mark, unread in ((None, 3), (messages[0].seq, 3), (messages[1].seq, 2), (10**9, 0)):
        if mark is not None:
            store.mark_read("hall", "bob", mark)
        (room,) = await store.rooms_of("bob")
        assert room.unread == unread
    assert room.read_seq == room.last_seq


async def test_a_room_is_renamed_by_who_may(store: Store) -> None:
    await furnish(store, BOB, ADMIN)

    def update(by: Identity, **words: str) -> Draft:
        draft = {"room": "hall", "user": by.user, "name": by.name, "role": by.role}
        return Draft(type="room:updated", extra=dict(words), **draft)

    assert await refused(store, update(BOB, title="Bob's")) == Code.FORBIDDEN
    await store.append(update(ANN, title="The hall", topic="All"))
    await store.append(update(ADMIN, topic="Nothing"))
    room = await store.room_for("hall", "bob")
    assert room is not None
    assert (room.title, room.topic) == ("The hall", "Nothing")


async def test_who_quits_is_a_member_no_more(store: Store) -> None:
    await furnish(store, BOB)
    (gone,) = await store.quit_room("hall", BOB)
    assert (gone.type, gone.extra["member"]) == ("member:removed", "bob")
    assert await store.quit_room("hall", BOB) == []
    assert await store.quit_room("nowhere", BOB) == []
    assert await store.members("hall") == ["ann"]
    assert await refused(store, said("still here", BOB)) == Code.NOT_IN_ROOM
    assert [entry.type for entry in await store.ensure_member("hall", BOB)] == ["member:added"]


async def test_the_only_owner_leaves_the_room_to_somebody(store: Store) -> None:
    await furnish(store, EVE, BOB)
    role, gone = await store.quit_room("hall", ANN)
    assert (role.type, role.extra["role"]) == ("member:role", "owner")
    assert role.extra["member"] in ("eve", "bob")
    assert gone.type == "member:removed"
    assert await store.member("hall", role.extra["member"]) is RoomRole.OWNER
    heir = EVE if role.extra["member"] == "eve" else BOB
    await store.ensure_member("hall", ANN)
    assert len(await store.quit_room("hall", ANN)) == 1, "there is an owner"
    await store.quit_room("hall", heir)
    (last,) = await store.members("hall")
    assert await store.member("hall", last) is RoomRole.OWNER


async def test_members_are_listed_by_their_ids(store: Store) -> None:
    await furnish(store, EVE, BOB)
    found = await store.list_members("hall")
    assert [(one.id, one.name, str(one.role)) for one in found] == [
        ("ann", "Ann", "owner"),
        ("bob", "Bob", "member"),
        ("eve", "Eve", "member"),
    ]
    assert [one.id for one in await store.list_members("hall", after="ann", limit=1)] == ["bob"]
    for room, reader, code in (
        ("hall", "stranger", Code.NOT_IN_ROOM),
        ("nowhere", "ann", Code.NO_SUCH_ROOM),
    ):
        with pytest.raises(Reject) as no:
            await store.list_members(room, reader=reader)
        assert no.value.code == code


async def test_a_page_is_as_small_as_it_is_asked_to_be(store: Store) -> None:
    await furnish(store)
    await say(store, *("x" * 1_000 for _ in range(20)))
    page = await store.history("hall", most_bytes=5_000)
    assert 1 <= len(page.entries) <= 4
    assert (page.entries[-1].seq, page.more) == (21, True)
    page = await store.entries("hall", Position(store.epoch, 1), most_bytes=1)
    assert ([entry.seq for entry in page.entries], page.upto, page.more) == ([2], 2, True)


async def test_a_change_that_does_not_say_of_what_is_its_authors_mistake(store: Store) -> None:
    await furnish(store)
    nothing = Draft(room="hall", user="ann", name="Ann", type="message:deleted")
    for draft in (nothing, change("reaction:added", 2)):
        answers = await asyncio.gather(
            store.append(said("fine")), store.append(draft), return_exceptions=True
        )
        assert isinstance(answers[0], Receipt), "others who write are not concerned"
        assert isinstance(answers[1], ValueError)


async def test_one_who_is_at_fault_harms_nobody_who_writes_at_once(store: Store) -> None:
    await furnish(store)
    drafts = [said(str(n)) for n in range(6)]
    # No JSON number of SQLite's: it fails where the others are written.
    drafts[3] = said("mine", extra={"odd": 1, "mentions": ["x" * 10, "\ud800"]})
    answers = await asyncio.gather(*map(store.append, drafts), return_exceptions=True)
    assert [isinstance(one, Receipt) for one in answers] == [n != 3 for n in range(6)]


async def test_a_request_that_made_or_ended_something_does_so_once(store: Store) -> None:
    assert len(await store.create_room("Hall", ANN, client_id="r-1")) == 1
    assert await store.create_room("Hall", ANN, client_id="r-1") == []
    for creator, id_ in ((ANN, "r-2"), (ANN, None), (BOB, "r-1")):
        with pytest.raises(Reject) as no:
            await store.create_room("hall", creator, client_id=id_)
        assert no.value.code == Code.ROOM_EXISTS
    await store.ensure_member("Hall", BOB)
    assert len(await store.quit_room("Hall", BOB, client_id="q-1")) == 1
    await store.ensure_member("Hall", BOB)
    assert await store.quit_room("Hall", BOB, client_id="q-1") == []
    assert await store.member("Hall", "bob") is not None


async def test_what_was_deleted_cannot_be_guessed_and_its_request_is_known(store: Store) -> None:
    await furnish(store)
    first = await store.append(said("1234", client_id="c-1"))
    await store.append(change("message:deleted", first.seq))
    for guess in ("1234", "4321"):
        again = await store.append(said(guess, client_id="c-1"))
        assert (again.seq, again.id, again.entry) == (first.seq, first.id, None)


async def test_a_page_around_a_number_has_no_more_than_it_may(store: Store) -> None:
    await furnish(store)
    await say(store, *"abcde")
    for limit in range(1, 8):
        page = await store.history("hall", around=4, limit=limit)
        assert 1 <= len(page.entries) <= limit
        assert 4 in [entry.seq for entry in page.entries]
        assert page.more == (len(page.entries) < 5)
