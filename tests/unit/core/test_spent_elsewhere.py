"""What somebody spends on one node counts on the others, once they spend much."""

import pytest

from conclave.core.ratelimit import Allowances, Cost
from conclave.protocol.errors import Reject

RATE, BURST = 10, 20


def spend(allowances: Allowances, times: int, now: float = 0.0) -> int:
    """Return how many of so many messages were let through."""
    done = 0
    for _ in range(times):
        try:
            allowances.spend(Cost.MESSAGE, "ann", "10.0.0.1", now)
            done += 1
        except Reject:
            pass
    return done


def share(nodes: list[Allowances], now: float) -> None:
    for node in nodes:
        for spent in node.spent(now):
            for other in nodes:
                if other is not node:
                    other.owe(*spent, now)


def test_who_spends_little_is_not_told_of() -> None:
    allowances = Allowances(RATE, BURST)
    spend(allowances, BURST // 2 - 1)
    assert allowances.spent(0.0) == []
    assert Allowances(0, 0).spent(0.0) == []


def test_what_was_told_is_not_told_again_and_what_came_back_never() -> None:
    allowances = Allowances(RATE, BURST)
    spend(allowances, 15)
    assert allowances.spent(0.0) == [(Cost.MESSAGE, "ann", 15)]
    assert allowances.spent(0.0) == []
    slow = Allowances(RATE, BURST)
    for second in range(100):
        spend(slow, 1, float(second))
    assert slow.spent(100.0) == []


def test_after_a_long_time_alone_no_more_is_told_than_there_can_be() -> None:
    allowances = Allowances(RATE, BURST)
    for second in range(100):
        spend(allowances, RATE, float(second))
    spend(allowances, BURST, 99.0)
    assert allowances.spent(99.0) == [(Cost.MESSAGE, "ann", BURST)]


def test_what_is_owed_must_come_back_first_and_is_never_more_than_a_burst() -> None:
    allowances = Allowances(RATE, BURST)
    allowances.owe(Cost.MESSAGE, "ann", 10 * BURST, 0.0)
    with pytest.raises(Reject):
        allowances.spend(Cost.MESSAGE, "ann", "10.0.0.1", BURST / RATE)
    assert spend(allowances, 1, BURST / RATE + 0.2) == 1


def test_what_others_owe_is_not_told_back() -> None:
    nodes = [Allowances(RATE, BURST) for _ in range(2)]
    spend(nodes[0], BURST)
    share(nodes, 0.0)
    assert [node.spent(0.0) for node in nodes] == [[], []]


def test_a_cost_that_only_a_newer_node_knows_is_nothing() -> None:
    allowances = Allowances(RATE, BURST)
    for cost in (0, 99):
        allowances.owe(cost, "ann", BURST, 0.0)
    assert spend(allowances, BURST) == BURST


def test_in_the_long_run_three_nodes_let_somebody_do_little_more_than_one() -> None:
    nodes = [Allowances(RATE, BURST) for _ in range(3)]
    done, seconds = 0, 60
    for tick in range(seconds * 10):
        now = tick / 10
        done += sum(spend(node, 3, now) for node in nodes)
        if tick % 5 == 0:
            share(nodes, now)
    alone = RATE * seconds + BURST
    assert alone * 0.8 < done < alone * 1.5
