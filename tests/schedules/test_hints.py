"""
Three engines and a bus that fails: whoever does not hear a hint knows that it missed something.

That, and no more, is what the relay builds on: it looks at the store then. When the bus is
good again for a while, all hear all others.
"""

import asyncio
from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.schedules.failing_bus import FailingBus
from tests.schedules.hand_time import run

from conclave.engine import cluster, peers
from conclave.engine.cluster import ClusterEngine
from conclave.engine.peers import LEASE, Peers
from conclave.engine.presences import Others
from conclave.model import Status
from conclave.model.seen import Seen
from conclave.protocol.codec import Packet

SCHEDULES = 1_000
QUICK = 100
# When a bus that is good must have been found to be so, in seconds.
SETTLED = 15.0


class Witness:
    """Ears that remember when they heard what, and when their engine missed something."""

    def __init__(self, engine: ClusterEngine) -> None:
        self.engine = engine
        self.heard: dict[tuple[str, str], int] = {}
        self.spendings: list[tuple[int, str, int]] = []
        self.whispers: list[tuple[str, str, str, bool]] = []
        # Who is where, by which nodes.
        self.seen: dict[tuple[str, str], dict[str, Seen]] = {}
        self.doubts: set[str] = set()
        self.missed_at = 0.0
        # Who is in which room here.
        self.own: dict[tuple[str, str], Seen] = {}
        self.said: list[tuple[float, str, int]] = []

    def hinted(self, epoch: str, room: str, seq: int) -> None:
        self.heard[epoch, room] = max(seq, self.heard.get((epoch, room), 0))

    def renewed(self, user: str, room: str) -> None:
        pass

    def doubted(self, user: str) -> None:
        self.doubts.add(user)

    def spent(self, cost: int, user: str, tokens: int) -> None:
        self.spendings.append((cost, user, tokens))

    def whispered(self, room: str, user: str, packet: Packet, alone: bool) -> None:
        self.whispers.append((room, user, packet.text.decode(), alone))

    def came(self, node: str, room: str, seen: Seen) -> None:
        self.seen.setdefault((room, seen.user), {})[node] = seen

    def went(self, node: str, room: str, seen: Seen) -> None:
        del self.seen[room, seen.user][node]

    def stood_still(self) -> None:
        raise AssertionError("time goes on")

    async def watch(self) -> None:
        missed = self.engine.missed
        while True:
            await asyncio.sleep(0.05)
            if self.engine.missed != missed:
                missed, self.missed_at = self.engine.missed, asyncio.get_running_loop().time()

    async def talk(self, random: Random, name: str) -> None:
        """Hint at what is only this node's, so that each must be heard."""
        for n in range(random.randrange(40)):
            room = f"{name}-{n}"
            self.said.append((asyncio.get_running_loop().time(), room, n + 1))
            self.engine.hint("e", room, n + 1)
            self.engine.doubt(room)
            self.move(random)
            await asyncio.sleep(random.choice([0, 0.01, 1]) * random.random())

    def move(self, random: Random) -> None:
        """Let somebody come, go or look otherwise."""
        key = random.choice("xy"), random.choice("abcd")
        if key in self.own and random.random() < 0.5:
            del self.own[key]
            self.engine.go(*key)
        else:
            status = random.choice([Status.ONLINE, Status.AWAY])
            self.own[key] = Seen(key[1], key[1].upper(), status=status)
            self.engine.come(key[0], self.own[key])

    def check(self, others: list["Witness"]) -> None:
        seen = {key: sorted(by.values(), key=repr) for key, by in self.seen.items() if by}
        there: dict[tuple[str, str], list[Seen]] = {}
        for other in others:
            for key, one in other.own.items():
                there.setdefault(key, []).append(one)
        assert seen == {key: sorted(ones, key=repr) for key, ones in there.items()}
        assert self.engine.degraded is None
        assert len(self.engine.nodes) == len(others)
        for other in others:
            for at, room, seq in other.said:
                heard = self.heard.get(("e", room)) == seq and room in self.doubts
                assert heard or self.missed_at > at, f"{room} was not heard, and not missed"


async def play(seed: int) -> None:
    random = Random(seed)
    bus = FailingBus(random)
    witnesses = [Witness(bus.engine()) for _ in range(3)]
    for one in witnesses:
        await one.engine.start(one)
    watching = [asyncio.create_task(one.watch()) for one in witnesses]
    talks = [one.talk(random, name) for one, name in zip(witnesses, bus.names, strict=True)]
    await asyncio.gather(bus.trouble(None, None), *talks)
    bus.heal()
    await asyncio.sleep(SETTLED)
    for one in witnesses:
        one.check([other for other in witnesses if other is not one])
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    for one in witnesses:
        await one.engine.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}, "a task nobody owns"
    assert not bus.bus.links, "a link nobody owns"


async def die(seed: int) -> None:
    """One of them is cut off for good: its people leave elsewhere, once, and come back with it."""
    random = Random(seed)
    bus = FailingBus(random)
    bus.heal()
    witnesses = [Witness(bus.engine()) for _ in range(3)]
    for one in witnesses:
        await one.engine.start(one)
    talks = [one.talk(random, name) for one, name in zip(witnesses, bus.names, strict=True)]
    await asyncio.gather(*talks)
    dead, *living = witnesses
    bus.bus.refused.add(bus.names[0])
    for link in bus.bus.of(bus.names[0]):
        link.cut()
    await asyncio.sleep(LEASE + 5)
    for one, other in (living, living[::-1]):
        one.check([other])
    bus.bus.refused.clear()
    dead.move(random)
    await asyncio.sleep(SETTLED)
    for one in witnesses:
        one.check([other for other in witnesses if other is not one])
    for one in witnesses:
        await one.engine.close()


def test_the_people_of_a_dead_node_go_when_its_lease_ends_and_come_back_with_it() -> None:
    with capture_logs():
        for seed in range(20):
            run(die(seed))


def broken_by(seed: int) -> str | None:
    """Return what went wrong in the schedule of *seed*, if anything did."""
    try:
        with capture_logs() as logs:
            run(play(seed))
        strange = [line for line in logs if line["event"] not in ("bus_down", "node_gone")]
        assert not strange, strange
    except Exception as error:
        return f"seed {seed}: {type(error).__name__}: {error}"
    return None


def test_a_hint_is_heard_or_known_to_be_missed() -> None:
    wrong = [w for seed in range(QUICK) if (w := broken_by(seed))]
    assert not wrong, wrong[:5]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(QUICK, SCHEDULES, QUICK))
def test_a_thousand_schedules_find_no_hint_that_is_lost_in_silence(first: int) -> None:
    wrong = [w for seed in range(first, first + QUICK) if (w := broken_by(seed))]
    assert not wrong, wrong[:5]


# What must not go unnoticed: each takes one rule out of the engine.


def _never_missing(self: Peers, node: str, life: int, number: int, now: float) -> int | None:
    return 0 if TAKE(self, node, life, number, now) is not None else None


def _always_new(_peer: peers.Peer, number: int) -> int:
    return 0


TAKE = Peers.take


@pytest.mark.parametrize(
    ("owner", "name", "bug"),
    [
        (Peers, "take", _never_missing),
        (peers, "_advance", _always_new),
        (cluster, "DEAF_AFTER", 1e9),
        (cluster, "RETRY_LAST", 1e9),
        (Others, "_drop_old", lambda _node: iter(())),
        (Others, "incomplete", lambda _others: []),
    ],
)
def test_a_planted_bug_is_found(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, bug: Any
) -> None:
    monkeypatch.setattr(owner, name, bug)
    assert any(broken_by(seed) for seed in range(QUICK)), name
