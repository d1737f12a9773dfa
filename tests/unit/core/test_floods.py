"""Which failed tries are told one by one, and which are counted."""

import random

from conclave.core.floods import (
    MOST_ADDRESSES,
    MOST_LINES,
    OF_ALL,
    OF_ONE_ADDRESS,
    WINDOW_S,
    Counted,
    Tries,
)


def test_one_address_is_told_a_few_times_and_then_counted() -> None:
    tries = Tries()
    told = [tries.tell("192.0.2.1", n / 10) for n in range(100)]
    assert told == [True] * OF_ONE_ADDRESS + [False] * (100 - OF_ONE_ADDRESS)
    assert tries.ended(WINDOW_S - 0.1) == []
    assert tries.ended(WINDOW_S) == [Counted("192.0.2.1", 100 - OF_ONE_ADDRESS, 1)]
    assert tries.ended(10 * WINDOW_S) == []


def test_a_new_minute_tells_again() -> None:
    tries = Tries()
    for minute in range(3):
        now = minute * WINDOW_S
        tries.ended(now)
        assert sum(tries.tell("192.0.2.1", now) for _ in range(50)) == OF_ONE_ADDRESS


def test_many_addresses_fill_no_disk_and_every_try_is_counted_once() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(50):
        tries, addresses = Tries(), chance.choice([3, 50, MOST_ADDRESSES, 5_000])
        n = chance.randrange(20_000)
        told = sum(tries.tell(f"a{chance.randrange(addresses)}", 0.0) for _ in range(n))
        counted = tries.ended(WINDOW_S)
        assert told <= OF_ALL
        assert len(counted) <= MOST_LINES + 1
        assert told + sum(line.times for line in counted) == n
        assert all(line.address is not None for line in counted[:MOST_LINES])


def test_at_the_end_what_was_counted_is_told_at_once() -> None:
    tries = Tries()
    for _ in range(OF_ONE_ADDRESS + 3):
        tries.tell("192.0.2.1", 0.0)
    assert tries.ended(0.1, whatever=True) == [Counted("192.0.2.1", 3, 1)]
