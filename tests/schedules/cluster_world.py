"""
All that befalls three nodes: the bus fails, the store is slow, away or in doubt, and nodes die.

A node that dies says nothing more; another takes its place, and knows nothing. What it had
asked the store may have been done.
"""

import asyncio
from collections import Counter
from random import Random
from typing import Any

from tests.schedules.failing_bus import FailingBus
from tests.schedules.relay_clients import Peer
from tests.schedules.relay_world import MemoryStore, NodeOfThree

from conclave.engine.cluster import ClusterEngine
from conclave.engine.peers import LEASE
from conclave.protocol.errors import Code, Reject

# Seconds in which a bus that is good again is found to be.
SETTLED = 15.0
_CALLS = ("append", "history", "entries", "after", "heads", "missed", "room_for_each")


class Reach:
    """One node's way to *store*: slow at times, or cut, and then an answer may not come back."""

    def __init__(self, store: MemoryStore, random: Random, lot: Counter[str]) -> None:
        self.store = store
        self.lot = lot
        self.random = random
        self.cut = False
        self.slow = 0.0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.store, name)
        if name not in _CALLS:
            return found

        async def call(*values: Any, **named: Any) -> Any:
            await self._go("refused")
            answer = await found(*values, **named)
            # It is done, and nobody hears of it.
            await self._go("in doubt")
            return answer

        return call

    async def _go(self, lost: str) -> None:
        if self.cut or self.slow:
            await asyncio.sleep(self.random.random() * (self.slow or 1.0))
        if self.cut:
            self.lot[lost] += 1
            raise Reject(Code.UNAVAILABLE)


class FailingCluster(FailingBus):
    """One schedule's bad luck, from the seed."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.nodes: list[NodeOfThree] = []
        self.keepers: list[asyncio.Task[None]] = []
        # What became of requests to the store.
        self.lot: Counter[str] = Counter()
        self.dead: list[NodeOfThree] = []
        self._name_of: dict[object, str] = {}

    async def end(self, nodes: list[NodeOfThree], watchers: list[Peer]) -> None:
        """Whoever was on a node that died has left, for all who watch, once it is long dead."""
        if not self.dead:
            return
        self.heal()
        await asyncio.sleep(LEASE + SETTLED)
        # Who is lost and on a node that lives is there until its connection is closed.
        watching = {peer.user for peer in watchers if not peer.node.dead}
        for peer in watchers:
            watch = peer.client.watches
            if not peer.lost and watch is not None:
                assert watch.present == watching, f"{peer.user} sees {watch.present}"
        for node in nodes:
            assert node.engine.degraded is None, "the bus is good, and not found to be"

    def reach(self, store: MemoryStore) -> Any:
        return Reach(store, self.random, self.lot)

    def engine(self) -> ClusterEngine:
        engine = super().engine()
        self._name_of[engine] = self.names[-1]
        return engine

    async def trouble(self, nodes: list[NodeOfThree], keepers: list["asyncio.Task[None]"]) -> None:
        self.nodes, self.keepers = nodes, keepers
        await asyncio.gather(super().trouble(nodes, keepers), self._trouble_stores(), self._kill())

    async def _trouble_stores(self) -> None:
        for _ in range(self.random.randrange(4)):
            await asyncio.sleep(self.random.random())
            ways: list[Reach] = [node.store for node in self.nodes]  # type: ignore[misc]
            some = self.random.sample(ways, self.random.randint(1, 3))
            cut, slow = self.random.random() < 0.5, self.random.choice([0.1, 1.0, 5.0])
            for way in some:
                way.cut, way.slow = cut, slow
            await asyncio.sleep(self.random.random() * 5)
            for way in some:
                way.cut, way.slow = False, 0.0

    async def _kill(self) -> None:
        for _ in range(self.random.choice([0, 0, 1, 2])):
            await asyncio.sleep(self.random.random() * 2)
            at = self.random.randrange(3)
            await self._die(at)
            await asyncio.sleep(self.random.choice([0.0, 1.0, 20.0]) * self.random.random())
            self._replace(at)

    async def _die(self, at: int) -> None:
        node = self.nodes[at]
        node.dead = True
        self.dead.append(node)
        name = self._name_of[node.engine]
        # Before it is cancelled: it says no good-bye.
        self.bus.refused.add(name)
        for link in self.bus.of(name):
            link.cut()
        self.keepers[at].cancel()
        await asyncio.gather(self.keepers[at], return_exceptions=True)
        await node.engine.close()

    def _replace(self, at: int) -> None:
        old = self.nodes[at]
        fresh = NodeOfThree(
            self.random,
            self.reach(old.store.store),
            self.engine(),
            old.capacity,  # type: ignore[attr-defined]
        )
        self.nodes[at] = fresh
        self.keepers[at] = asyncio.create_task(fresh.keep())
