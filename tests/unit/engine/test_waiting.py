"""What waits is melted and bounded, and what was left away is known."""

from conclave.engine.sealing import Hint
from conclave.engine.waiting import AT_ONCE, MOST_WAITING, Waiting


def test_of_a_room_the_newest_number_waits_alone() -> None:
    waiting = Waiting()
    assert [waiting.hint("e", "hall", seq) for seq in (1, 3, 2, 3)] == [True, True, False, False]
    assert [waiting.doubt("ada"), waiting.doubt("ada")] == [True, False]
    taken = waiting.take()
    assert (taken.hints, taken.doubts, taken.lost) == ([Hint("e", "hall", 3)], ["ada"], False)
    assert not waiting


def test_one_message_has_so_much_and_the_rest_waits_in_turn() -> None:
    waiting = Waiting()
    for n in range(AT_ONCE + 1):
        waiting.hint("e", f"r{n}", 1)
    assert len(waiting.take().hints) == AT_ONCE
    assert waiting.take().hints == [Hint("e", f"r{AT_ONCE}", 1)]


def test_what_could_not_be_said_waits_on_and_is_older_than_what_came_since() -> None:
    waiting = Waiting()
    waiting.hint("e", "hall", 1)
    waiting.doubt("ada")
    taken = waiting.take()
    waiting.hint("e", "hall", 2)
    waiting.give_back(taken)
    again = waiting.take()
    assert (again.hints, again.doubts) == ([Hint("e", "hall", 2)], ["ada"])


def test_above_the_cap_it_is_only_known_that_something_was_left_away() -> None:
    waiting = Waiting()
    for n in range(MOST_WAITING):
        waiting.hint("e", f"r{n}", 1)
    assert not waiting.hint("e", "one more", 1)
    assert waiting.hint("e", "r0", 2)
    taken = waiting.take()
    assert (taken.lost, waiting.dropped) == (True, 1)
    waiting.give_back(taken)
    assert waiting.take().lost
    assert not waiting.take().lost
