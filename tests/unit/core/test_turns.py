"""Requests of one connection start in order; barriers stand alone; what is too much is busy."""

from contextlib import suppress

import pytest

from conclave.core.turns import MAX_PENDING, MAX_READS, MAX_READS_WAITING, Turn, Turns
from conclave.protocol.errors import Reject


def arrived(*turns: Turn) -> Turns[int]:
    queue: Turns[int] = Turns()
    for n, turn in enumerate(turns):
        queue.arrive(turn, n)
    return queue


def started(queue: Turns[int]) -> list[int]:
    found = []
    while (request := queue.start()) is not None:
        found.append(request)
    return found


def test_requests_start_in_the_order_they_came() -> None:
    assert started(arrived(Turn.WRITE, Turn.READ, Turn.WRITE)) == [0, 1, 2]


def test_nothing_starts_beside_a_barrier() -> None:
    queue = arrived(Turn.WRITE, Turn.READ, Turn.BARRIER, Turn.WRITE)
    assert started(queue) == [0, 1]
    queue.done(Turn.READ)
    assert started(queue) == []
    queue.done(Turn.WRITE)
    assert started(queue) == [2]
    queue.done(Turn.BARRIER)
    assert started(queue) == [3]


def test_of_two_barriers_the_second_waits_for_the_first() -> None:
    queue = arrived(Turn.BARRIER, Turn.BARRIER)
    assert started(queue) == [0]
    queue.done(Turn.BARRIER)
    assert started(queue) == [1]


def test_reads_run_eight_at_a_time_and_keep_their_order() -> None:
    queue = arrived(*[Turn.READ] * (MAX_READS + 2), Turn.WRITE)
    assert started(queue) == [*range(MAX_READS)]
    queue.done(Turn.READ)
    assert started(queue) == [MAX_READS]
    queue.done(Turn.READ)
    assert started(queue) == [MAX_READS + 1, MAX_READS + 2]


def test_too_many_reads_are_busy_and_nothing_else_is() -> None:
    queue = arrived(*[Turn.READ] * MAX_READS)
    started(queue)
    for n in range(MAX_READS_WAITING):
        queue.arrive(Turn.READ, n)
    with pytest.raises(Reject, match="busy"):
        queue.arrive(Turn.READ, 99)
    queue.arrive(Turn.WRITE, 99)


def test_too_many_requests_are_busy_until_one_is_done() -> None:
    queue = arrived(*[Turn.WRITE] * MAX_PENDING)
    with pytest.raises(Reject, match="busy"):
        queue.arrive(Turn.WRITE, 0)
    started(queue)
    with pytest.raises(Reject, match="busy"):
        queue.arrive(Turn.BARRIER, 0)
    queue.done(Turn.WRITE)
    queue.arrive(Turn.BARRIER, 0)
    assert queue.pending == MAX_PENDING


def test_what_was_refused_takes_no_place() -> None:
    queue = arrived(*[Turn.READ] * MAX_READS)
    started(queue)
    for n in range(MAX_READS_WAITING * 2):
        with suppress(Reject):
            queue.arrive(Turn.READ, n)
    assert queue.pending == MAX_READS + MAX_READS_WAITING


def test_clearing_forgets_what_waits_and_not_what_runs() -> None:
    queue = arrived(Turn.BARRIER, Turn.READ, Turn.WRITE)
    assert started(queue) == [0]
    queue.clear()
    assert queue.pending == 1
    queue.done(Turn.BARRIER)
    assert (queue.pending, started(queue)) == (0, [])
    queue.arrive(Turn.READ, 7)
    assert started(queue) == [7]


def test_a_write_that_waits_for_nothing_enters_and_has_its_turn_until_it_is_done() -> None:
    queue = arrived(Turn.BARRIER)
    assert not queue.enter(Turn.WRITE), "one came before it"
    assert started(queue) == [0]
    assert not queue.enter(Turn.WRITE), "a barrier is under way"
    queue.done(Turn.BARRIER)
    assert [queue.enter(turn) for turn in (Turn.WRITE, Turn.READ, Turn.BARRIER)] == [
        True,
        False,
        False,
    ]
    queue.arrive(Turn.BARRIER, 1)
    assert started(queue) == [], "it waits for the one that entered"
    queue.done(Turn.WRITE)
    assert started(queue) == [1]


def test_no_more_enter_than_may_be_pending() -> None:
    queue = arrived()
    assert all(queue.enter(Turn.WRITE) for _ in range(MAX_PENDING))
    assert not queue.enter(Turn.WRITE)
    assert queue.pending == MAX_PENDING
