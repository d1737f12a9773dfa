"""What is refused by its address alone: counted from sets, at rates, and not for proxies."""

import pytest

from conclave.server import descriptors
from conclave.server.admission import LINGERING, Admission
from conclave.server.forwarded import ProxyRule
from conclave.server.terms import Terms

HERE, THERE = "192.0.2.1", "192.0.2.2"
LOW = 10


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def admission(clock: Clock | None = None, **terms: float) -> Admission:
    return Admission(Terms(**terms), clock or Clock())  # type: ignore[arg-type]


def statuses(judge: Admission, address: str, times: int, descriptor: int = LOW) -> list[int]:
    """Return the status of each of so many sockets; 0: it may come in."""
    found = [judge.socket(address, descriptor) for _ in range(times)]
    return [0 if refusal is None else refusal.status for refusal in found]


def test_what_has_no_limit_comes_in() -> None:
    assert set(statuses(admission(), HERE, 1_000)) == {0}


def test_an_address_comes_at_its_rate_and_hears_when_to_come_again() -> None:
    clock = Clock()
    judge = admission(clock, arrivals_per_second=5)
    assert statuses(judge, HERE, 12) == [0] * 10 + [429] * 2
    assert statuses(judge, THERE, 1) == [0]
    refusal = judge.socket(HERE, LOW)
    assert refusal is not None
    assert refusal.headers == (("retry-after", "1"),)
    clock.now = 1.0
    assert statuses(judge, HERE, 6) == [0] * 5 + [429]


def test_a_host_with_many_ipv6_addresses_is_one() -> None:
    judge = admission(arrivals_per_second=1, max_plain_per_address=2)
    assert statuses(judge, "2001:db8::1", 1) + statuses(judge, "2001:db8::2", 2) == [0, 0, 429]
    judge = admission(max_plain_per_address=2)
    for n in range(2):
        judge.add(f"socket {n}", f"2001:db8::{n}")
    assert statuses(judge, "2001:db8::99", 1) == [429]


def test_sockets_without_a_websocket_are_bounded_for_each_address_and_in_all() -> None:
    judge = admission(max_plain=3, max_plain_per_address=2)
    judge.add("a", HERE)
    assert statuses(judge, HERE, 1) == [0]
    judge.add("b", HERE)
    assert statuses(judge, HERE, 1) == [429]
    judge.add("c", THERE)
    assert statuses(judge, "192.0.2.3", 1) == [503]
    judge.discard("b")
    judge.discard("b")
    assert statuses(judge, HERE, 1) == [0]
    judge.discard("a")
    judge.discard("c")
    assert not judge._by_network
    assert not judge._plain


def test_requests_have_a_rate_of_their_own() -> None:
    clock = Clock()
    judge = admission(clock, requests_per_second=10)
    answers = [judge.request(HERE) for _ in range(41)]
    assert answers[:40] == [None] * 40
    assert answers[40] is not None
    assert answers[40].status == 429
    assert judge.request(THERE) is None


def test_a_proxy_is_counted_by_whom_it_speaks_for() -> None:
    terms = Terms(
        proxies=ProxyRule(["10.0.0.0/8"]),
        arrivals_per_second=1,
        max_plain=5,
        max_plain_per_address=1,
    )
    judge = Admission(terms, Clock())
    for n in range(5):
        assert statuses(judge, "10.0.0.1", 3) == [0] * 3
        judge.add(n, "10.0.0.1")
    assert statuses(judge, "10.0.0.1", 1) == [503], "but for how many there are in all"
    assert [judge.arrival(HERE) is None for _ in range(3)] == [True, True, False]


def test_of_the_descriptors_some_are_kept_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptors, "limit", lambda: 1_000)
    judge = admission()
    last = 1_000 - descriptors.RESERVED
    assert statuses(judge, HERE, 1, last - LINGERING - 1) == [0]
    assert statuses(judge, HERE, 1, last - LINGERING) == [503]
    assert judge.has_room(last - 1)
    assert not judge.has_room(last)


def test_a_process_may_have_as_many_descriptors_as_the_system_lets_it() -> None:
    descriptors.raise_limit()
    before = descriptors.limit()
    assert before >= 1_024
    descriptors.raise_limit()
    assert descriptors.limit() == before


def test_other_limits_count_for_who_comes_from_then_on() -> None:
    clock = Clock()
    judge = admission(clock, arrivals_per_second=1, requests_per_second=1)
    assert statuses(judge, HERE, 3) == [0, 0, 429]
    judge.renew(Terms(arrivals_per_second=2, requests_per_second=1, max_plain=1))
    assert statuses(judge, HERE, 5) == [0] * 4 + [429], "a new rate begins anew"
    judge.add("a socket", THERE)
    assert statuses(judge, THERE, 1) == [503]


def test_a_rate_that_stays_forgets_nobody_who_has_used_it_up() -> None:
    judge = admission(Clock(), arrivals_per_second=1, requests_per_second=1)
    spent = [judge.request(HERE) is None for _ in range(5)]
    assert spent == [True] * 4 + [False]
    judge.renew(Terms(arrivals_per_second=5, requests_per_second=1))
    assert judge.request(HERE) is not None
    judge.renew(Terms(arrivals_per_second=5, requests_per_second=2))
    assert judge.request(HERE) is None
