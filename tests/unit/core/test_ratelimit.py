"""A bucket of tokens: what is allowed at once, in the long run, and what is a flood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conclave.core.bucket import Bucket
from conclave.core.ratelimit import SHARES, Allowance, Allowances, Buckets, Cost
from conclave.protocol.errors import Disconnect, Reject

HERE = "192.0.2.1"


def spend(
    allowances: Allowances,
    user: str,
    now: float,
    cost: Cost = Cost.MESSAGE,
    address: str = HERE,
) -> None:
    allowances.spend(cost, user, address, now)


def spent(allowances: Allowances, times: int, *words: object) -> int:
    """Return how many of so many tries, all by different users, were let through."""
    passed = 0
    for n in range(times):
        try:
            spend(allowances, f"user{n}", *words)  # type: ignore[arg-type]
        except Reject:
            continue
        passed += 1
    return passed


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
    allowances = Allowances(rate=0, burst=0, users_per_address=1)
    for _ in range(1_000):
        spend(allowances, "ada", 0)


@given(st.floats(0.1, 100), st.integers(1, 100), st.floats(0, 10**7), st.sampled_from([*SHARES]))
def test_who_waits_as_long_as_it_was_told_is_let_through(
    rate: float, burst: int, now: float, cost: Cost
) -> None:
    allowances = Allowances(rate, burst)
    for _ in range(max(1, int(burst * SHARES[cost].burst))):
        spend(allowances, "ada", now, cost)
    with pytest.raises(Reject) as no:
        spend(allowances, "ada", now, cost)
    assert no.value.code == "rate_limited"
    assert no.value.retryable
    assert no.value.retry_after_ms is not None
    spend(allowances, "ada", now + no.value.retry_after_ms / 1000, cost)


def test_each_user_has_an_allowance_of_its_own() -> None:
    allowances = Allowances(rate=1, burst=1)
    spend(allowances, "ada", 0)
    spend(allowances, "bob", 0)
    with pytest.raises(Reject):
        spend(allowances, "ada", 0)


def test_each_kind_of_cost_has_an_allowance_of_its_own() -> None:
    allowances = Allowances(rate=1, burst=1)
    for cost in SHARES:
        spend(allowances, "ada", 0, cost)
    with pytest.raises(Reject):
        spend(allowances, "ada", 0)


def test_every_kind_of_cost_has_its_share_but_what_is_free() -> None:
    assert set(SHARES) == set(Cost) - {Cost.FREE}
    allowances = Allowances(rate=1, burst=1, users_per_address=1)
    for _ in range(1_000):
        spend(allowances, "ada", 0, Cost.FREE)
    spend(allowances, "ada", 0)


def test_the_smallest_burst_lets_one_of_each_kind_through() -> None:
    allowances = Allowances(rate=0.1, burst=1, users_per_address=1)
    for cost in SHARES:
        spend(allowances, "ada", 0, cost)


def test_an_address_may_do_as_much_as_its_users_and_is_only_refused() -> None:
    allowances = Allowances(rate=1, burst=2, users_per_address=10)
    assert spent(allowances, 2_000, 0) == 20
    assert spent(allowances, 2_000, 1) == 10
    spend(allowances, "zoe", 1, address="192.0.2.2")
    spend(allowances, "ada", 1, Cost.READ)


def test_hosts_of_one_ipv6_network_share_what_an_address_may_do() -> None:
    allowances = Allowances(rate=1, burst=1, users_per_address=2)
    spend(allowances, "ada", 0, address="2001:db8::1")
    spend(allowances, "bob", 0, address="2001:db8::2")
    with pytest.raises(Reject):
        spend(allowances, "eve", 0, address="2001:db8::ffff:3")
    spend(allowances, "eve", 1, address="2001:db8:0:1::3")


def test_strangers_spend_what_their_address_may_do() -> None:
    allowances = Allowances(rate=1, burst=1, users_per_address=3)
    for _ in range(3):
        spend(allowances, "", 0)
    with pytest.raises(Reject):
        spend(allowances, "", 0)


def test_what_a_user_may_not_costs_its_address_nothing() -> None:
    allowances = Allowances(rate=1, burst=1, users_per_address=2)
    spend(allowances, "eve", 0)
    for _ in range(10):
        with pytest.raises(Reject):
            spend(allowances, "eve", 0)
    spend(allowances, "ada", 0)


def test_a_refusal_costs_nothing_of_what_comes_back() -> None:
    allowances = Allowances(rate=1, burst=2)
    for _ in range(2):
        spend(allowances, "ada", 0)
    for _ in range(3):
        with pytest.raises(Reject):
            spend(allowances, "ada", 0.5)
    spend(allowances, "ada", 1)


def test_a_flood_ends_the_connection() -> None:
    allowances = Allowances(rate=10, burst=3)
    for _ in range(3):
        spend(allowances, "eve", 0)
    # Three times what ten seconds allow.
    for _ in range((3 + 10 * 10) * 3 - 3):
        with pytest.raises(Reject):
            spend(allowances, "eve", 0)
    with pytest.raises(Disconnect) as end:
        spend(allowances, "eve", 0)
    assert end.value.code == 4005


def test_what_was_refused_elsewhere_counts_for_a_flood_and_costs_nothing() -> None:
    allowances = Allowances(rate=10, burst=3)
    for _ in range((3 + 10 * 10) * 3):
        allowances.tried(Cost.MESSAGE, "eve", 0)
    with pytest.raises(Disconnect):
        allowances.tried(Cost.MESSAGE, "eve", 0)
    allowances.tried(Cost.FREE, "eve", 0)
    allowances.tried(Cost.MESSAGE, "", 0)
    spend(allowances, "eve", 1)


def test_who_could_start_afresh_is_forgotten() -> None:
    allowances = Allowances(rate=10, burst=3, users_per_address=1)
    for n in range(10_000):
        spend(allowances, f"user{n}", n * 1.0, address=f"2001:db8:0:{n:x}::1")
    assert len(allowances._users) < 50
    assert len(allowances._addresses[Cost.MESSAGE]) < 5


def test_who_could_not_start_afresh_is_not_forgotten() -> None:
    buckets: Buckets[int] = Buckets(rate=0.01, burst=1)
    for n in range(1_000):
        assert buckets.take(n, 0.0) == 0
    assert all(buckets.take(n, 50.0) for n in range(1_000))
    assert len(buckets) == 1_000
    assert not any(buckets.take(n, 100.0) for n in range(1_000))


def test_what_is_left_of_an_allowance_is_said_as_it_comes_back():
    allowances = Allowances(2.0, 10)
    for _ in range(4):
        allowances.spend(Cost.MESSAGE, "ann", "1.2.3.4", 0.0)
    left = allowances.left(Cost.MESSAGE, "ann", 0.0)
    assert left is not None
    assert (left.most, left.within, left.now, left.whole_in) == (10, 5.0, 6, 2.0)
    later = allowances.left(Cost.MESSAGE, "ann", 1.0)
    assert later is not None
    assert (later.now, later.whole_in) == (8, 1.0)


def test_what_has_no_limit_has_nothing_left_to_say():
    assert Allowances(0.0, 10).left(Cost.MESSAGE, "ann", 0.0) is None
    assert Allowances(2.0, 10).left(Cost.FREE, "ann", 0.0) is None


def test_one_without_a_rate_is_never_refused_and_never_a_flood() -> None:
    free = Allowance(0, 0, 0.0)
    # Neither raises, however often.
    for _ in range(1_000):
        free.spend(0.0)
        free.tried(0.0)


def test_a_bucket_without_a_rate_is_never_empty() -> None:
    bucket = Bucket(0, 1, 0.0)
    assert [bucket.take(0.0) for _ in range(100)] == [0.0] * 100
    assert bucket.wait(0.0) == 0.0
