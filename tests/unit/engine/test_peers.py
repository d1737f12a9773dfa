"""Who is there, what of theirs was heard, and what nobody may say twice."""

from hypothesis import given
from hypothesis import strategies as st

from conclave.engine.peers import (
    CUT_OFF_EVERY,
    CUT_OFF_FOR,
    LEASE,
    MOST_KEPT,
    SILENT,
    WINDOW,
    Peers,
)


def test_each_message_counts_once_in_whatever_order_it_comes() -> None:
    peers = Peers()
    assert [peers.take("a", 1, n, 0.0) for n in (1, 2, 4, 3, 3, 4, 1)] == [
        0, 0, 1, 0, None, None, None,
    ]  # fmt: skip


@given(st.permutations(range(1, 30)), st.lists(st.integers(1, 29)))
def test_nothing_is_taken_twice_and_nothing_in_the_window_refused(
    order: list[int], again: list[int]
) -> None:
    peers = Peers()
    assert None not in [peers.take("a", 1, n, 0.0) for n in order]
    assert {peers.take("a", 1, n, 0.0) for n in again} <= {None}


def test_what_is_older_than_could_come_is_refused_though_it_was_never_heard() -> None:
    peers = Peers()
    peers.take("a", 1, 1, 0.0)
    peers.take("a", 1, 2 + WINDOW, 0.0)
    assert peers.take("a", 1, 2, 0.0) is None
    assert peers.take("a", 1, 3, 0.0) == 0


def test_a_number_that_is_far_ahead_costs_no_memory() -> None:
    peers = Peers()
    peers.take("a", 1, 1, 0.0)
    assert peers.take("a", 1, 2**53, 0.0) == 2**53 - 2
    assert peers._peers["a"].heard < 1 << WINDOW


def test_who_connects_again_counts_anew_and_what_it_said_before_is_over() -> None:
    peers = Peers()
    assert peers.take("a", 1, 1, 0.0) == 0
    assert peers.take("a", 2, 1, 0.0) == 1
    assert peers.take("a", 1, 2, 0.0) is None


def test_of_one_who_was_there_before_something_may_be_missing() -> None:
    assert Peers().take("a", 1, 7, 0.0) == 1
    assert Peers().take("a", 3, 1, 0.0) == 1


def test_a_lease_ends_once_and_a_late_word_begins_another() -> None:
    peers = Peers()
    peers.take("a", 1, 1, 0.0)
    assert not peers.silent(SILENT)
    assert peers.silent(SILENT + 1)
    assert peers.bury(LEASE) == []
    assert peers.bury(LEASE + 1) == ["a"]
    assert (peers.bury(LEASE + 2), peers.here(), peers.silent(LEASE + 2)) == ([], [], False)
    assert peers.take("a", 1, 1, LEASE + 3) is None
    assert peers.here() == []
    peers.take("a", 1, 2, LEASE + 3)
    assert peers.here() == ["a"]


def test_one_that_is_taken_for_dead_may_be_cut_off_and_is_listened_for_in_vain_for_an_hour() -> (
    None
):
    """It serves people and has the store, and its own Redis is away: what it revokes, we find."""
    peers = Peers()
    peers.take("a", 1, 1, 0.0)
    buried = LEASE + 1
    assert peers.bury(buried) == ["a"]
    late = buried + CUT_OFF_EVERY
    looks = [peers.silent(at) for at in (late - 1, late, late + 1, late + CUT_OFF_EVERY)]
    assert looks == [False, True, False, True]
    peers.renew(late + CUT_OFF_EVERY + 1)
    assert peers.silent(CUT_OFF_FOR - 1)
    assert peers.silent(CUT_OFF_FOR - 1 + CUT_OFF_EVERY), "once more, and it was one that died"
    assert not peers.silent(CUT_OFF_FOR * 2), "that we were deaf is no sign of it"


def test_one_that_comes_back_or_said_goodbye_is_not_listened_for() -> None:
    peers = Peers()
    peers.take("a", 1, 1, 0.0)
    peers.take("b", 1, 1, 0.0)
    peers.part("b")
    assert peers.bury(LEASE + 1) == ["a"]
    peers.take("a", 1, 2, LEASE + 2)
    peers.part("a")
    assert not peers.silent(LEASE + 2 + CUT_OFF_EVERY)


def test_who_says_goodbye_is_gone_at_once() -> None:
    peers = Peers()
    peers.take("a", 1, 1, 0.0)
    peers.part("a")
    peers.part("nobody")
    assert (peers.here(), peers.bury(LEASE + 1)) == ([], [])


def test_while_we_are_deaf_nobody_dies() -> None:
    peers = Peers()
    peers.take("a", 1, 1, 0.0)
    peers.renew(100.0)
    assert peers.bury(100.0 + LEASE) == []


def test_those_who_were_there_longest_ago_are_forgotten() -> None:
    peers = Peers()
    for n in range(MOST_KEPT + 10):
        peers.take(f"n{n}", 1, 1, 0.0)
    assert len(peers.here()) == MOST_KEPT
    assert peers.here()[0] == "n10"
