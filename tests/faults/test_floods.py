"""
Clients that are let in and send too much: what it gets them, and who notices (F6, F10, F11).

Everywhere the bound of the canary holds: somebody in another room notices nothing. Times are
a tenth of the full ones, which run as slow tests.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.support.canary import Canary
from tests.support.flooder import Flooder, flood, request
from tests.support.node_process import NodeProcess
from tests.support.raw import CLOSE, PING, PONG, TEXT, Raw, close, frame, upgrade

pytestmark = pytest.mark.alone

WORDS = ("--demo", "--app", "tests.support.people:APP")
SECONDS = [
    pytest.param(1.0, id="1 s"),
    pytest.param(10.0, id="10 s", marks=pytest.mark.slow),
]
RATE, BURST = 10, 30
MOODS = ("away", "online", "invisible")


def tell(**numbers: object) -> None:
    print(json.dumps(numbers))


@pytest.fixture(scope="module")
def node(tmp_path_factory) -> Iterator[NodeProcess]:
    """One for all: after each flood it must be as good as before."""
    with NodeProcess(tmp_path_factory.mktemp("node"), *WORDS, "--connection-rate", "0") as made:
        yield made


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


class Watcher(Flooder):
    """Sits in the room and keeps what it is told of one kind."""

    def __init__(self, port: int, room: str, *types: str) -> None:
        super().__init__(port, "watcher", room, source="127.0.0.3")
        self.keep = lambda event: event["type"] in types or event["data"].get("type") in types


@pytest.mark.parametrize("seconds", SECONDS)
def test_who_writes_far_too_much_is_refused_and_then_closed(node, stack, seconds):
    """F10: 5,000 messages a second, and again after each close."""
    with Canary(node, "F10 one writer"):
        watcher = Watcher(node.port, "flood", "message")
        stack.callback(watcher.close)
        began = time.monotonic()
        closes: Counter[int] = Counter()
        sent, codes, acks, waits = 0, Counter(), 0, []
        while time.monotonic() - began < seconds:
            eve = Flooder(node.port, "eve", "flood")
            left = seconds - (time.monotonic() - began)
            flood([eve], 5_000, max(left, 0.1), lambda n: message(n, "flood"), watcher)
            closes[eve.ended] += 1
            sent, codes, acks = sent + eve.sent, codes + eve.codes, acks + eve.types["ack"]
            waits += eve.waits
            eve.close()
        took = time.monotonic() - began
        watcher.read(0.5)
        stored = [e["data"]["client_id"] if "client_id" in e["data"] else e["data"]["text"]
                  for e in watcher.events]  # fmt: skip
    tell(sent=sent, acked=acks, told=len(stored), refused=dict(codes), closes=dict(closes))
    assert set(codes) == {"rate_limited"}
    assert all(wait > 0 for wait in waits), "each says when to try again"
    assert acks <= BURST + RATE * took + 1
    assert len(stored) == len(set(stored)) >= acks
    assert len(stored) <= BURST + RATE * took + 1
    # The three-fold of what ten seconds allow is used up in the first tenth of a second.
    assert closes[4005] >= 1
    assert set(closes) <= {0, 4005}


def message(n: int, room: str, size: int = 40) -> bytes:
    text = f"{time.monotonic_ns()} {n} ".ljust(size, "x")
    return request("chat", f"{time.monotonic_ns()}-{n}", room=room, text=text)


@pytest.mark.parametrize("seconds", SECONDS)
def test_fifty_who_write_too_much_get_no_more_than_their_share(node, stack, seconds):
    """F10: a hundred a second each, all into one room, from one address."""
    with Canary(node, "F10 fifty writers"):
        crowd = [Flooder(node.port, f"crowd{n}", "crowded") for n in range(50)]
        for one in crowd:
            one.only_counts = True
            stack.callback(one.close)
        took = flood(crowd, 100, seconds, lambda n: message(n, "crowded"))
        acks = [one.types["ack"] for one in crowd]
        codes = +sum((one.codes for one in crowd), Counter())
        ends = Counter(one.ended for one in crowd)
    sent = sum(one.sent for one in crowd)
    tell(sent=sent, acked=sum(acks), refused=dict(codes), closes=dict(ends), took=round(took, 1))
    # Becoming a member of the room was one message.
    assert max(acks) <= BURST + RATE * took + 1
    assert set(codes) <= {"rate_limited"}
    assert codes["rate_limited"] > 0
    assert set(ends) <= {0, 4005}
    if seconds > 5:
        assert ends[4005] == 50, "ten times as much for ten seconds"
    if 4005 not in ends:
        assert sum(acks) + codes["rate_limited"] == sent, "something was dropped in silence"


TO_AND_FRO = {
    "joins": (500, ("user:joined", "user:left")),
    "typing": (1_000, ("typing",)),
    "presence": (1_000, ("presence:changed", "user:joined", "user:left")),
}


def changes(name: str, room: str) -> Callable[[int], bytes]:
    return {
        "joins": lambda n: request(("leave:room", "join:room")[n % 2], room=room),
        "typing": lambda n: request("typing", room=room, active=n % 2 == 0),
        "presence": lambda n: request("presence:set", status=MOODS[n % 3]),
    }[name]


@pytest.mark.parametrize("seconds", SECONDS)
def test_what_goes_to_and_fro_is_told_once_a_second(node, stack, seconds):
    """F10: a room is told of one user once a second, however often it changes its mind."""
    with Canary(node, "F10 to and fro"):
        for name, (per_second, types) in TO_AND_FRO.items():
            room = f"{name} {seconds:g}"
            watcher = Watcher(node.port, room, *types)
            stack.callback(watcher.close)
            began = time.monotonic()
            sent, codes, ends = 0, Counter(), Counter()
            while (left := seconds - (time.monotonic() - began)) > 0:
                eve = Flooder(node.port, f"{name}-{seconds:g}", room)
                flood([eve], per_second, left, changes(name, room), watcher)
                sent, codes = sent + eve.sent, codes + eve.codes
                ends[eve.ended] += 1
                eve.close()
            took = time.monotonic() - began
            watcher.read(0.2)
            of = Counter(
                event["data"].get("type") or event["type"]
                for event in watcher.events
                if event["data"].get("user_id", event["data"].get("user")) != "watcher"
                and event["data"].get("member") != "watcher"
            )
            told = of.total()
            tell(of=name, sent=sent, told=of, s=round(took, 1), refused=codes, closes=ends)
            assert set(codes) == {"rate_limited"}, "nothing was dropped in silence"
            # A second between any two, so n of them take n - 1 seconds; but in the first one
            # it is also told that somebody came, went and is back.
            assert 1 <= told <= max(took + 1, 3)
            assert set(ends) <= {0, 4005}


FRAMES = {"pings": frame(PING, b"x" * 125), "pongs": frame(PONG), "empty texts": frame(TEXT)}
# Empty texts are bad requests: ten in a minute are too many, and so are thousands at once. Who
# comes back all the time is refused by its address.
ENDS = {"closes": {1000, 429}, "empty texts": {1008, 4005, 429},
        "pings": {1008, 429}, "pongs": {1008, 429}}  # fmt: skip


@pytest.mark.parametrize("seconds", SECONDS)
def test_a_flood_of_frames_ends_and_disturbs_nobody(node, seconds):
    """F6: of pings whose answers are not read, of pongs, of empty texts, and of closes."""
    with Canary(node, "F6 frames"):
        for kind, ends in ENDS.items():
            began, codes = time.monotonic(), Counter()
            while time.monotonic() - began < seconds * 0.4:
                codes[flooded(node.port, kind)] += 1
            tell(of=kind, connections=codes.total(), closes=codes)
            assert set(codes) <= ends


def flooded(port: int, kind: str) -> int:
    """Send so many frames of a kind, reading nothing; return the code of the close, or 429."""
    with Raw(port, source="127.0.0.2") as eve:
        eve.send(upgrade())
        if (status := eve.read_head()[0]) != 101:
            return status
        if kind == "closes":
            eve.send(close(1000))
        else:
            for _ in range(200):
                if not eve.try_send(FRAMES[kind] * 100):
                    break
        while (found := eve.read_frame()).opcode != CLOSE:
            assert found.opcode in (TEXT, PONG)
        return found.close_code


def test_a_thousand_slow_requests_run_eight_at_a_time(tmp_path):
    """F11: eight run, 64 wait, and the rest hear that there are too many; others go on."""
    words, requests = ("--demo", "--app", "tests.support.slow:APP", "--rate", "0"), 1_000
    with NodeProcess(tmp_path, *words) as node, Canary(node, "F11 slow requests"):
        eve = Flooder(node.port, "eve", "general")
        eve.keep = lambda event: event["type"] in ("ack", "history")
        slow = b"".join(request("test:slow", f"s-{n}", ms=300) for n in range(requests))
        eve.send(slow)
        bob = Flooder(node.port, "bob", "general")
        began = time.monotonic()
        bob.send(request("get:history", "h", room="general"))
        bob.await_answer("h")
        elsewhere = time.monotonic() - began
        eve.read_until(lambda: eve.types["ack"] + eve.codes["busy"] == requests, 8.0)
        most = max(event["data"]["running"] for event in eve.events)
        tell(
            done=eve.types["ack"], busy=eve.codes["busy"], most=most, elsewhere=round(elsewhere, 3)
        )
        assert most == 8
        assert eve.types["ack"] == 8 + 64
        assert eve.codes == Counter({"busy": requests - 8 - 64})
        assert elsewhere < 0.25
        # And so it is with what is really slow.
        eve.types.clear()
        eve.codes.clear()
        eve.send(
            b"".join(request("get:history", f"h-{n}", room="general") for n in range(requests))
        )
        eve.read_until(lambda: eve.types["history"] + eve.codes["busy"] == requests, 8.0)
        assert eve.types["history"] >= 8
        assert eve.types["history"] + eve.codes["busy"] == requests
        assert not eve.ended
        eve.close()
        bob.close()
