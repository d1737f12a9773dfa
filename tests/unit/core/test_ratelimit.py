"""A bucket of tokens: what is allowed at once, in the long run, and what is a flood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conclave.core.ratelimit import SWEEP_EVERY, Allowances, Bucket
from conclave.protocol.errors import Disconnect, Reject


def test_a_burst_passes_and_then_the_rate() -> None:
    bucket = Bucket(rate=10, burst=3, now=0)
    assert [bucket.take(0) for _ in range(3)] == [0, 0, 0]
    assert bucket.take(0) == pytest.approx(0.1)
    assert bucket.take(0.2) == 0


def test_who_waits_is_full_again_and_not_more() -> None:
    bucket = Bucket(rate=1, burst=2, now=0)
    assert bucket.full(0)
    bucket.take(0)
    assert not bucket.full(0.5)
    assert bucket.full(10**6)
    assert [bucket.take(10**6) > 0 for _ in range(3)] == [False, False, True]


def test_a_rate_of_zero_has_no_limit() -> None:
    allowances = Allowances(rate=0, burst=0)
    for _ in range(1_000):
        allowances.spend("ada", 0)


@given(st.floats(0.1, 100), st.integers(1, 100), st.floats(0, 10**7))
def test_who_waits_as_long_as_it_was_told_is_let_through(
    rate: float, burst: int, now: float
) -> None:
    allowances = Allowances(rate, burst)
    for _ in range(burst):
        allowances.spend("ada", now)
    with pytest.raises(Reject) as no:
        allowances.spend("ada", now)
    assert no.value.code == "rate_limited"
    assert no.value.retryable
    assert no.value.retry_after_ms is not None
    allowances.spend("ada", now + no.value.retry_after_ms / 1000)


def test_each_user_has_an_allowance_of_its_own() -> None:
    allowances = Allowances(rate=1, burst=1)
    allowances.spend("ada", 0)
    allowances.spend("bob", 0)
    with pytest.raises(Reject):
        allowances.spend("ada", 0)


def test_a_refusal_costs_nothing_of_what_comes_back() -> None:
    allowances = Allowances(rate=1, burst=2)
    for _ in range(2):
        allowances.spend("ada", 0)
    for _ in range(3):
        with pytest.raises(Reject):
            allowances.spend("ada", 0.5)
    allowances.spend("ada", 1)


def test_a_flood_ends_the_connection() -> None:
    allowances = Allowances(rate=10, burst=3)
    for _ in range(3):
        allowances.spend("eve", 0)
    # Three times what ten seconds allow.
    for _ in range((3 + 10 * 10) * 3 - 3):
        with pytest.raises(Reject):
            allowances.spend("eve", 0)
    with pytest.raises(Disconnect) as end:
        allowances.spend("eve", 0)
    assert end.value.code == 4005


def test_users_who_could_start_afresh_are_forgotten() -> None:
    allowances = Allowances(rate=10, burst=3)
    for n in range(100):
        allowances.spend(f"user{n}", SWEEP_EVERY + n / 1000)
    allowances.spend("late", SWEEP_EVERY * 3)
    assert set(allowances._users) == {"late"}
