"""
Three nodes, a bus that loses, doubles, reorders and lies, and clients that come and go.

Whatever happens, each client is told everything once and in order, what was acknowledged is
kept, the room knows exactly who is in it, and when all have gone nothing is left behind.
"""

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Protocol

import pytest
from structlog.testing import capture_logs
from tests.schedules.hand_time import run
from tests.schedules.relay_clients import WATCHES, Client, Peer, Watch
from tests.schedules.relay_world import GRACE, MemoryStore, NodeOfThree, RoughEngine

from conclave.core.presence import COMINGS_RATE, Presence
from conclave.core.room import Room
from conclave.model import Identity
from conclave.ports import Engine
from conclave.relay import Attendance
from conclave.relay.halls import Hall, Halls

SCHEDULES = 300
BATCH = 50


async def rule(random: Random, store: MemoryStore, nodes: list[NodeOfThree]) -> None:
    """Remove people and let them in again; forget the oldest entries."""
    for _ in range(random.randrange(4)):
        await asyncio.sleep(random.random())
        user = random.choice("abc")
        for type_ in ("member:removed", "member:added"):
            entry = store.write("mod", type_, member=user, member_name=user)
            (store.away.add if type_ == "member:removed" else store.away.discard)(user)
            random.choice(nodes).relay.tell([entry])
            await asyncio.sleep(random.choice([0, random.random()]))
        if random.random() < 0.3:
            store.first = random.randint(store.first, store.last + 1)


async def watcher(node: NodeOfThree) -> Peer:
    """Somebody who sits in the room of *node* from beginning to end."""
    watch = Watch(node)
    WATCHES.append(watch)
    peer = Peer(Client(f"watch{len(WATCHES)}", "w", watch), node)
    assert await peer.join()
    return peer


class Bus(Protocol):
    """What is between the nodes of a schedule."""

    # How many a room may hold.
    capacities: Sequence[int]

    def engine(self) -> Engine:
        """Return the engine of one node more."""

    async def end(self, nodes: list[NodeOfThree], watchers: list[Peer]) -> None:
        """Look at what must be so in the end, when only *watchers* are there."""

    def reach(self, store: MemoryStore) -> Any:
        """Return one node's way to *store*."""

    async def trouble(self, nodes: list[NodeOfThree], keepers: list["asyncio.Task[None]"]) -> None:
        """Be as bad as it is meant to be, for a while; then be good."""


class RoughBus:
    """Engines that make hints go wrong themselves, and know nobody elsewhere."""

    capacities = (3, 5, 9)

    def __init__(self, random: Random) -> None:
        self.random = random
        self.engines: list[RoughEngine] = []

    def engine(self) -> RoughEngine:
        return RoughEngine(self.random, self.engines)

    async def end(self, _nodes: object, _watchers: object) -> None:
        pass

    def reach(self, store: MemoryStore) -> Any:
        return store

    async def trouble(self, _nodes: object, _keepers: object) -> None:
        for engine in self.engines:
            await asyncio.sleep(self.random.random())
            if self.random.random() < 0.4:
                await engine.fail()


async def play(seed: int, make_bus: Callable[[Random], Bus] = RoughBus) -> None:
    random = Random(seed)
    WATCHES.clear()
    store, bus = MemoryStore(random), make_bus(random)
    nodes = [
        NodeOfThree(random, bus.reach(store), bus.engine(), capacity=random.choice(bus.capacities))
        for _ in range(3)
    ]
    keepers = [asyncio.create_task(node.keep()) for node in nodes]
    watchers = [await watcher(node) for node in nodes if random.random() < 0.4]
    store.fails = random.choice([0, 0, 0.1])
    trouble = asyncio.create_task(bus.trouble(nodes, keepers))
    clients = [Client(user, f"{user}{i}") for user in "abc" for i in range(random.randint(1, 3))]
    lives = [client.live(random, nodes) for client in clients]
    await asyncio.gather(*lives, rule(random, store, nodes))
    store.fails = 0
    await trouble
    for node in (*nodes, *getattr(bus, "dead", ())):
        await node.relay.finish()
    await come_once_more(random, clients, nodes, store)
    await bus.end(nodes, watchers)
    for peer in watchers:
        # As for everybody: a last hint that was lost is seen by the sweep.
        await peer.node.halls.sweep()
        assert peer.lost or peer.client.known == store.last
        await peer.vanish()
    await leave_nothing_behind(nodes, keepers)
    asked = [row.client_id for row in store.rows if row.client_id is not None]
    assert len(set(asked)) == len(asked), "one request, and stored twice"
    for client in clients:
        for id_, seq in client.receipts.items():
            assert store.rows[seq - 1].client_id == id_, "acknowledged and not kept"


async def come_once_more(
    random: Random, clients: list[Client], nodes: list[NodeOfThree], store: MemoryStore
) -> None:
    """Each client joins a last time, and after a sweep knows everything."""
    await asyncio.sleep(GRACE + 1)
    for client in clients:
        peer = Peer(client, random.choice(nodes))
        while not await client.enter(random, peer):
            assert not peer.lost
        await peer.node.halls.sweep()
        assert client.known == store.last
        await peer.vanish(broken=False)


async def leave_nothing_behind(
    nodes: list[NodeOfThree], keepers: list["asyncio.Task[None]"]
) -> None:
    # Who came and went all the time stays for a coming's share of a second.
    await asyncio.sleep(GRACE + 1 / COMINGS_RATE)
    for keeper in keepers:
        keeper.cancel()
    await asyncio.gather(*keepers, return_exceptions=True)
    for node in nodes:
        await node.engine.close()
        node.attendance.tick()
        await node.halls.sweep()
        assert len(node.halls) == 0, "a hall nobody is in"
        assert not node.attendance._waiting
    assert asyncio.all_tasks() == {asyncio.current_task()}, "a task nobody owns"


_EXPECTED = {"repair_refused", "bus_down", "node_gone"}


def broken_by(seed: int, make_bus: Callable[[Random], Bus] = RoughBus) -> str | None:
    """Return what went wrong in the schedule of *seed*, if anything did."""
    try:
        with capture_logs() as logs:
            run(play(seed, make_bus))
        strange = [line for line in logs if line["event"] not in _EXPECTED]
        assert not strange, strange
    except Exception as error:
        return f"seed {seed}: {type(error).__name__}: {error}"
    return None


@pytest.mark.parametrize("first", range(0, SCHEDULES, BATCH))
def test_everything_is_told_once_in_order_and_nothing_is_left_behind(first: int) -> None:
    wrong = [w for seed in range(first, first + BATCH) if (w := broken_by(seed))]
    assert not wrong, wrong[:5]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(SCHEDULES, 10 * SCHEDULES, SCHEDULES))
def test_many_more_schedules_leave_nothing_behind(first: int) -> None:
    wrong = [w for seed in range(first, first + SCHEDULES) if (w := broken_by(seed))]
    assert not wrong, wrong[:5]


# What must not go unnoticed: each takes one rule out of the relay.


def _room_for_everybody(hall: Hall) -> bool:
    return hall.presence.count == 0 and (hall.room is None or hall.room.empty)


async def _always_opens(halls: Halls, hall: Hall) -> Room:
    return await halls._open(hall)


async def _never_repairs(halls: Halls, room: Room) -> None:
    pass


def _always_comes(presence: Presence, member: Any, who: Identity) -> bool:
    ENTER(presence, member, who)
    return True


ENTER = Presence.enter


@pytest.mark.parametrize(
    ("owner", "name", "bug"),
    [
        (Hall, "idle", property(_room_for_everybody)),
        (Halls, "open", _always_opens),
        (Halls, "_repair", _never_repairs),
        (Halls, "_take_removed", lambda _halls, _room: None),
        (MemoryStore, "_admit", lambda _store, _reader: None),
        (Presence, "enter", _always_comes),
        (Presence, "release", lambda _presence, _user: None),
        (Attendance, "removed", lambda _attendance, _member, _name: None),
    ],
)
def test_a_planted_bug_is_found(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str, bug: Any
) -> None:
    monkeypatch.setattr(owner, name, bug)
    assert any(broken_by(seed) for seed in range(SCHEDULES)), f"{owner.__name__}.{name}"
