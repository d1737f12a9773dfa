"""What the entries of a log mean, one rule at a time."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conclave.model import Entry, Reaction, State
from conclave.protocol.state import AS_WRITTEN, Revision, RoomState, as_now, sums


def entry(seq: int, type_: str, user: str = "ada", text: str = "", **extra: Any) -> Entry:
    return Entry(
        room="hall",
        seq=seq,
        id=f"id{seq}",
        type=type_,
        name=user.title(),
        user=user,
        timestamp=1_000 + seq,
        text=text,
        extra=extra,
    )


def after(*entries: Entry) -> RoomState:
    state = RoomState()
    for one in entries:
        state.apply(one)
    return state


HELLO = entry(1, "message", text="hello", mentions=["bob"], reply_to=7)


def test_the_last_edit_counts() -> None:
    first = entry(2, "message:edited", text="a", target=1)
    second = entry(3, "message:edited", text="b", target=1)
    (revision,) = after(HELLO, first, second).revisions.values()
    now = as_now(HELLO, revision, second)
    assert (now.text, now.state) == ("b", State(edited_at=1_003))
    assert now.extra["mentions"] == ["bob"], "an edit names nobody anew"


def test_a_deleted_message_is_a_tombstone_for_good() -> None:
    marks = [
        entry(2, "reaction:added", target=1, emoji="+"),
        entry(3, "message:pinned", target=1),
        entry(4, "message:deleted", target=1),
        entry(5, "message:edited", text="again", target=1),
        entry(6, "reaction:added", target=1, emoji="+"),
        entry(7, "message:pinned", target=1),
    ]
    state = after(HELLO, *marks)
    assert state.revisions == {1: Revision(deleted_seq=4)}
    assert state.mentions == {}
    now = as_now(HELLO, state.revisions[1], None)
    assert (now.text, now.extra, now.state) == ("", {"reply_to": 7, "deleted": True}, None)


def test_reactions_stand_in_the_order_they_came_and_say_who() -> None:
    state = after(
        HELLO,
        entry(2, "reaction:added", "bob", target=1, emoji="-"),
        entry(3, "reaction:added", "ada", target=1, emoji="+"),
        entry(4, "reaction:added", "cat", target=1, emoji="-"),
        entry(5, "reaction:added", "bob", target=1, emoji="-"),
    )
    assert sums(state.revisions[1], "cat") == (
        Reaction("-", 2, ("bob", "cat"), me=True),
        Reaction("+", 1, ("ada",), me=False),
    )
    state.apply(entry(6, "reaction:removed", "bob", target=1, emoji="-"))
    assert [one.emoji for one in sums(state.revisions[1])] == ["+", "-"]


def test_more_reactions_are_counted_than_named() -> None:
    came = [entry(n, "reaction:added", f"u{n}", target=1, emoji="+") for n in range(2, 32)]
    (total,) = sums(after(HELLO, *came).revisions[1], "u31")
    assert (total.count, len(total.users), total.me) == (30, 20, True)


def test_what_was_undone_leaves_nothing() -> None:
    undone = after(
        HELLO,
        entry(2, "message:pinned", target=1),
        entry(3, "reaction:added", target=1, emoji="+"),
        entry(4, "message:unpinned", target=1),
        entry(5, "reaction:removed", target=1, emoji="+"),
    )
    assert undone.revisions == {}
    assert as_now(HELLO, AS_WRITTEN, None) == HELLO


def test_members_and_the_room_are_what_the_log_said_last() -> None:
    state = after(
        entry(1, "member:added", member="ada", role="owner"),
        entry(2, "member:added", member="bob", role="member"),
        entry(3, "member:role", member="bob", role="moderator"),
        entry(4, "member:removed", member="ada"),
        entry(5, "room:updated", title="Hall", topic="dust"),
        entry(6, "room:updated", archived=True),
        entry(7, "room:updated", topic="light"),
    )
    assert (state.members, state.gone) == ({"bob": "moderator"}, {"ada"})
    assert (state.title, state.topic, state.archived) == ("Hall", "light", True)


@pytest.mark.parametrize(
    "stray",
    [
        entry(9, "message:edited", target=8, text="who?"),
        entry(9, "message:deleted", target=9),
        entry(9, "reaction:added", target=2, emoji="+"),
        entry(9, "message:pinned"),
        entry(9, "poll:closed", target=1),
    ],
)
def test_what_refers_to_no_message_is_passed_over(stray: Entry) -> None:
    state = after(HELLO, entry(2, "member:added", member="bob", role="member"), stray)
    assert (state.seq, state.revisions) == (9, {})


KINDS = [
    "message",
    "message:edited",
    "message:deleted",
    "message:pinned",
    "message:unpinned",
    "reaction:added",
    "reaction:removed",
    "member:added",
    "member:removed",
]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 6), st.sampled_from("ab"))))
def test_the_same_entry_again_changes_nothing(steps: list[tuple[str, int, str]]) -> None:
    log = [
        entry(seq, kind, who, target=at, emoji="+", member=who, role="member", mentions=[who])
        for seq, (kind, at, who) in enumerate(steps, 1)
    ]
    once, twice = after(*log), RoomState()
    for upto, one in enumerate(log):
        for again in (*log[max(0, upto - 2) : upto], one, one):
            twice.apply(again)
    assert vars(once) == vars(twice)
    assert not once.mentions.keys() & {
        seq for seq, revision in once.revisions.items() if revision.deleted_seq
    }


def test_what_a_message_has_goes_with_it() -> None:
    with_file = entry(1, "message", text="see", attachments=[{"id": "a"}, {"id": "b"}])
    state = after(with_file)
    assert (state.attachments, state.mentions) == ({1: ("a", "b")}, {})
    state.apply(entry(2, "message:deleted", target=1))
    assert state.attachments == {}
