"""A thousand clients whose server is down for ten minutes, by a clock turned by hand (K5)."""

import heapq
import random
from collections import Counter
from itertools import count, pairwise

import pytest

from conclave.client.backoff import LONGEST_ADVICE, LONGEST_WAIT
from conclave.client.conversation import Conversation
from conclave.client.effects import Fetch, Open, Send
from conclave.client.errors import OutboxFull, Stopped
from conclave.client.news import Settled
from conclave.client.outbox import MOST_BYTES, MOST_REQUESTS
from conclave.client.session import State
from conclave.protocol.codec import encode, encode_event, encode_reject
from conclave.protocol.errors import Close, Reject, may_come_back
from conclave.protocol.requests import Say

CLIENTS = 1_000
DOWN = 600.0
# Attempts a second of all together, by which their rate may grow from the first half of an
# outage (its first two minutes apart, which are the way up to the cap) to the second.
MOST_GROWTH = 1.0
OUTAGES = 6
WELCOME = encode(
    "auth:response", {"success": True, "user": {"id": "u", "name": "u", "role": "user"}}
)


class Lone:
    """One client; its server is up, or refuses every connection."""

    def __init__(self, dice: random.Random) -> None:
        ids = count(1)
        self.talk = Conversation(
            random=dice.random, wall=lambda: 0, make_id=lambda: f"c-{next(ids)}"
        )
        self.up = True
        self.attempts: list[float] = []
        self.sent: list[bytes] = []
        self.settled: dict[str, object] = {}
        self.talk.start(0.0)
        self.carry(0.0)

    @property
    def generation(self) -> int:
        return self.talk.session.generation

    def carry(self, now: float) -> None:
        while effects := self.talk.take():
            for effect in effects:
                match effect:
                    case Fetch(generation):
                        self.talk.token(generation, "token", now)
                    case Open(generation):
                        self._open(generation, now)
                    case Send(text):
                        self.sent.append(text)
        for news in self.talk.news():
            if isinstance(news, Settled):
                self.settled[news.id] = news.result

    def _open(self, generation: int, now: float) -> None:
        self.attempts.append(now)
        if self.up:
            self.talk.opened(generation, now)
            self.talk.received(generation, WELCOME.text, now)
        else:
            self.talk.closed(generation, 1006, "refused", now)

    def hear(self, packet, now: float) -> None:
        self.talk.received(self.generation, packet.text, now)
        self.carry(now)

    def close(self, code: int, reason: str, now: float) -> None:
        self.talk.closed(self.generation, code, reason, now)
        self.carry(now)

    def tick(self, now: float) -> None:
        self.talk.tick(now)
        self.carry(now)


@pytest.fixture
def lone() -> Lone:
    return Lone(random.Random(1))


def _outage(dice: random.Random) -> list[Lone]:
    """Let a server that a thousand clients talk to be down for ten minutes, from 100 s on."""
    clients = [Lone(dice) for _ in range(CLIENTS)]
    for client in clients:
        client.up = False
        client.attempts.clear()
        client.close(1006, "", 100.0)
    due = [(client.talk.due, at) for at, client in enumerate(clients)]
    heapq.heapify(due)
    while due[0][0] < 100.0 + DOWN:
        now, at = heapq.heappop(due)
        clients[at].tick(now)
        heapq.heappush(due, (clients[at].talk.due, at))
    return clients


def _attempts(clients: list[Lone]) -> list[float]:
    return [now - 100.0 for client in clients for now in client.attempts]


def test_a_thousand_clients_do_not_come_back_at_once():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    clients = _outage(random.Random(seed))
    attempts = _attempts(clients)
    waits = [wait for client in clients for wait in _waits_after(client.attempts, 100.0)]
    assert max(waits) <= LONGEST_WAIT
    # Full jitter: the waits at the cap are spread evenly from nothing to all of it.
    late = [wait for client in clients for wait in _waits_after(client.attempts, 160.0)]
    tenths = Counter(int(wait / LONGEST_WAIT * 10) for wait in late)
    assert all(0.08 < tenths[tenth] / len(late) < 0.12 for tenth in range(10)), tenths
    # All together: a steady 1,000 / 15 s, and never many at once.
    minutes = Counter(int(now // 60) for now in attempts)
    rates = [minutes[minute] / 60 for minute in range(2, 10)]
    assert max(rates) < CLIENTS / (LONGEST_WAIT / 2) * 1.1
    seconds = Counter(int(now) for now in attempts if now >= 60)
    assert max(seconds.values()) < CLIENTS / 8
    # And back within the longest wait, once it is up.
    for client in clients:
        client.up = True
        client.tick(client.talk.due)
    assert {client.talk.session.state for client in clients} == {State.READY}
    assert max(client.attempts[-1] for client in clients) <= 100.0 + DOWN + LONGEST_WAIT
    print(f"{len(attempts)} attempts, {max(seconds.values())} a second at most, {rates[-1]:.1f}/s")


@pytest.mark.timeout(300)
def test_a_long_outage_brings_no_more_attempts_than_a_short_one():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    growths = []
    for n in range(OUTAGES):
        attempts = _attempts(_outage(random.Random(seed + n)))
        # Four minutes each: chance moves such a mean by 0.3/s, that of all outages by 0.2/s.
        earlier = sum(120 <= now < 360 for now in attempts) / 240
        later = sum(360 <= now < 600 for now in attempts) / 240
        growths.append(later - earlier)
    growth = sum(growths) / OUTAGES
    print(f"the rate grew by {growth:+.2f}/s ({min(growths):+.2f} to {max(growths):+.2f})")
    assert growth <= MOST_GROWTH


def _waits_after(attempts: list[float], begin: float) -> list[float]:
    late = [now for now in attempts if now >= begin]
    return [later - earlier for earlier, later in pairwise(late)]


@pytest.mark.parametrize(
    ("code", "reason"), [*((int(code), "") for code in Close), (1008, "Authentication timeout")]
)
def test_each_close_code_is_followed(lone, code, reason):
    lone.close(code, reason, 100.0)
    if may_come_back(code, reason):
        assert lone.talk.session.state is State.WAITING
        lone.tick(lone.talk.due)
        assert lone.talk.session.state is State.READY
    else:
        assert lone.talk.session.state is State.STOPPED
        assert isinstance(lone.talk.session.end, Stopped)
        assert lone.talk.due == float("inf")
        lone.tick(10_000.0)
        assert len(lone.attempts) == 1


def test_what_the_server_advises_wins(lone):
    lone.hear(encode("reconnect", {"after_ms": 45_000, "reason": "deploy"}), 100.0)
    lone.close(1001, "Server shutting down", 101.0)
    assert lone.talk.due == pytest.approx(146.0)
    lone.tick(146.0)
    lone.hear(encode_reject(Reject("rate_limited", retry_after_ms=7_000)), 200.0)
    lone.close(4005, "", 200.0)
    assert lone.talk.due == pytest.approx(207.0)
    lone.tick(207.0)
    lone.hear(encode("reconnect", {"after_ms": 10**12}), 300.0)
    lone.close(1001, "", 300.0)
    assert lone.talk.due == pytest.approx(300.0 + LONGEST_ADVICE)


def test_an_expired_token_is_replaced_first(lone):
    asked = lone.generation
    lone.close(4002, "Token expired", 100.0)
    lone.talk.tick(lone.talk.due)
    (fetch,) = lone.talk.take()
    assert isinstance(fetch, Fetch)
    assert fetch.generation > asked


def test_what_is_written_meanwhile_is_bounded_and_sent_again_under_its_id(lone):
    lone.up = False
    lone.close(1006, "", 100.0)
    for n in range(MOST_REQUESTS):
        lone.talk.write(f"w-{n}", "general", Say(f"{n}", "general"), 100.0)
    with pytest.raises(OutboxFull, match="1000 messages"):
        lone.talk.write("too much", "general", Say("x", "general"), 100.0)
    assert "too much" not in lone.talk.outbox
    assert len(lone.talk.outbox) == MOST_REQUESTS


def test_what_is_written_is_bounded_in_bytes_too(lone):
    large = Say("x" * 60_000, "general")
    most = MOST_BYTES // len(encode_event(large).text)
    for n in range(most):
        lone.talk.write(f"w-{n}", "general", large, 100.0)
    with pytest.raises(OutboxFull, match="bytes"):
        lone.talk.write("too much", "general", large, 100.0)
    assert len(lone.talk.outbox) == most
