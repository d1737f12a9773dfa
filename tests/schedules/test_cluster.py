"""
The same three nodes and clients, now with the real engine over a bus that fails as buses do.

Packets are lost, doubled and overtaken; nodes are cut off, or hang on connections that look
well and bring nothing. Whoever comes in or stays is told everything once and in order, and what
is missed is made good in the time that was promised.
"""

import pytest
from tests.schedules.failing_bus import FailingBus
from tests.schedules.test_relay import broken_by

SCHEDULES = 1_000
QUICK = 50
BATCH = 50


def wrong_in(seeds: range) -> list[str]:
    return [wrong for seed in seeds if (wrong := broken_by(seed, FailingBus))]


def test_whatever_the_bus_does_everything_is_told_once_in_order() -> None:
    assert not wrong_in(range(QUICK))[:5]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(QUICK, SCHEDULES, BATCH))
def test_a_thousand_schedules_find_nothing(first: int) -> None:
    assert not wrong_in(range(first, first + BATCH))[:5]
