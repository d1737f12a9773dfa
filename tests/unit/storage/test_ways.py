"""Attempts at a connection: one that hangs holds up nobody, and many make no storm."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from conclave.storage.postgres import ways
from conclave.storage.postgres.ways import Way

# Seconds that are for ever here.
LONG = 60.0


class Made:
    def __init__(self) -> None:
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


class Network:
    """A network that swallows, or not; what it has swallowed it gives back at the end alone."""

    def __init__(self) -> None:
        self.dark = True
        self.over = threading.Event()
        self.attempts = 0
        self.swallowed: list[Made] = []

    def connect(self) -> Made:
        self.attempts += 1
        made = Made()
        if self.dark:
            self.swallowed.append(made)
            self.over.wait(LONG)
        return made


@pytest.fixture
def network():
    made = Network()
    yield made
    made.over.set()


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "HANGS_AFTER", 0.1)


def wait_until(true) -> None:
    until = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_whoever_waits_for_one_that_hangs_has_the_next_and_what_comes_late_is_closed(
    network: Network,
) -> None:
    way = Way()
    with ThreadPoolExecutor() as pool:
        found = pool.submit(way.through, network.connect, LONG)
        wait_until(lambda: network.attempts)
        network.dark = False
        made = found.result(LONG)
        assert made not in network.swallowed
        network.over.set()
        for late in network.swallowed:
            assert late.closed.wait(LONG)
    assert not made.closed.is_set()


def test_all_who_wait_begin_anew_when_one_gets_through(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = Way()
    with ThreadPoolExecutor(max_workers=9) as pool:
        waiting = [pool.submit(way.through, network.connect, LONG) for _ in range(8)]
        wait_until(lambda: network.attempts >= 8)
        # Nobody begins by the clock any more.
        monkeypatch.setattr(ways, "HANGS_AFTER", LONG)
        time.sleep(0.2)
        network.dark = False
        pool.submit(way.through, network.connect, LONG).result(LONG)
        assert all(one.result(LONG) not in network.swallowed for one in waiting)


def test_in_the_dark_there_are_no_more_attempts_however_many_wait(network: Network) -> None:
    way, began = Way(), time.monotonic()
    with ThreadPoolExecutor(max_workers=41) as pool:
        pool.submit(way.through, network.connect, LONG)
        wait_until(lambda: network.attempts > 1)
        # It hangs by now.
        waiting = [pool.submit(way.through, network.connect, LONG) for _ in range(20)]
        hasty = [pool.submit(way.through, network.connect, 0.0) for _ in range(20)]
        time.sleep(0.5)
        made = network.attempts
        assert made <= 1 + (time.monotonic() - began) / 0.1
        network.dark = False
        network.over.set()
        assert all(isinstance(one.result(LONG), Made) for one in waiting)
        told = [one.exception(LONG) for one in hasty]
        # But for those whose turn it was just then.
        assert sum(isinstance(no, psycopg.errors.ConnectionTimeout) for no in told) >= 20 - made


def test_who_is_refused_is_told_at_once_and_asks_no_more() -> None:
    asked = []

    def refuse() -> Made:
        asked.append(1)
        raise psycopg.OperationalError("refused")

    with pytest.raises(psycopg.OperationalError, match="refused"):
        Way().through(refuse, LONG)
    assert asked == [1]


def test_while_the_server_is_away_all_share_an_attempt_now_and_then() -> None:
    asked, way = [], Way()

    def refuse() -> Made:
        asked.append(1)
        raise psycopg.OperationalError("refused")

    def ask() -> None:
        for _ in range(3):
            with pytest.raises(psycopg.OperationalError, match="refused"):
                way.through(refuse, LONG)

    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=20) as pool:
        for done in [pool.submit(ask) for _ in range(20)]:
            done.result(LONG)
    # At first nobody knows: each asks.
    assert 3 <= len(asked) <= 20 + (time.monotonic() - began) / 0.1


def test_when_the_server_is_there_again_each_has_a_connection_of_their_own() -> None:
    way, answers = Way(), [psycopg.OperationalError("refused")]

    def connect() -> Made:
        if answers:
            raise answers.pop()
        return Made()

    with pytest.raises(psycopg.OperationalError):
        way.through(connect, LONG)
    with ThreadPoolExecutor(max_workers=9) as pool:
        waiting = [pool.submit(way.through, connect, LONG) for _ in range(9)]
        assert len({one.result(LONG) for one in waiting}) == 9
