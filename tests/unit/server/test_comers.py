"""
Five thousand who lost their server come again, by a clock turned by hand (F9).

The rules of the client say when each tries, and those of admission who is let in: 300 a second.
"""

import heapq
import random
from collections import Counter

import pytest

from conclave.client.backoff import wait_at_least
from conclave.server.admission import Admission
from conclave.server.terms import Terms

CLIENTS = 5_000
A_SECOND = 300.0
WITHIN = 60.0
MOST_ATTEMPTS = 8


def come_again(down: float, *, elsewhere: bool, seed: int = 9) -> tuple[float, Counter[int]]:
    """Return when the last is in, and how many tried how often; *elsewhere*: after one in vain."""
    dice, now = random.Random(seed), 0.0
    judge = Admission(Terms(arrivals_per_second=A_SECOND), lambda: now)
    tries: Counter[int] = Counter()
    due = [(wait_at_least(0.0, 0, dice.random), client, 1) for client in range(CLIENTS)]
    heapq.heapify(due)
    while due:
        now, client, attempt = heapq.heappop(due)
        advice = 0.0
        if now >= down and not (elsewhere and attempt == 1):
            refusal = judge.arrival("192.0.2.1")
            if refusal is None:
                tries[attempt] += 1
                continue
            advice = float(dict(refusal.headers)["retry-after"])
        again = now + wait_at_least(advice, attempt, dice.random)
        heapq.heappush(due, (again, client, attempt + 1))
    return now, tries


@pytest.mark.parametrize("down", [0.5, 1.5, 3.0])
def test_all_are_back_in_a_minute_and_nobody_tries_more_than_eight_times(down: float) -> None:
    last, tries = come_again(down, elsewhere=False)
    assert tries.total() == CLIENTS
    assert last <= WITHIN
    assert max(tries) <= MOST_ATTEMPTS, tries


def test_those_who_are_sent_away_are_given_turns_and_do_not_come_together() -> None:
    last, tries = come_again(0.0, elsewhere=True)
    # No longer than it takes to let them in one after the other, and a few seconds.
    assert last <= CLIENTS / A_SECOND + 5
    assert max(tries) <= 5, tries
