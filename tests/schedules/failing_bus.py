"""
A bus that fails as buses do: packets are lost, doubled and overtaken, nodes are cut off, or hang
on connections that look well and bring nothing.
"""

import asyncio
import hashlib
from random import Random
from typing import Any

from tests.schedules.relay_world import MemoryStore
from tests.support.memory_bus import MemoryBus

from conclave.engine.cluster import ClusterEngine
from conclave.engine.sealing import Seal


class FailingBus:
    """One schedule's bus: how bad it is, and when it is good again, comes from the seed."""

    # Three watch all the time, on a node each; three more come and go.
    capacities = (7, 9)

    def __init__(self, random: Random) -> None:
        self.random = random
        self.bus = MemoryBus(random)
        self.bus.loses = random.choice([0, 0.05, 0.3])
        self.bus.doubles = random.choice([0, 0.05, 0.3])
        self.bus.delays = random.choice([0, 0.05, 0.5])
        self.names: list[str] = []

    def engine(self) -> ClusterEngine:
        self.names.append(f"n{len(self.names)}")
        key = hashlib.sha256(b"cluster").digest()
        port = self.bus.port(self.names[-1])
        return ClusterEngine(port, Seal(lambda: [key], "hints"), Random(self.random.random()))

    async def end(self, _nodes: object, _watchers: object) -> None:
        pass

    def reach(self, store: MemoryStore) -> Any:
        return store

    async def trouble(self, _nodes: object, _keepers: object) -> None:
        for _ in range(self.random.randrange(4)):
            await asyncio.sleep(self.random.random())
            await self._fail(self.random.sample(self.names, self.random.randint(1, 3)))

    async def _fail(self, names: list[str]) -> None:
        links = [link for name in names for link in self.bus.of(name)]
        if self.random.random() < 0.5:
            self.bus.refused.update(names)
            for link in links:
                link.cut()
        else:
            self.bus.darkened.update(names)
            for link in links:
                link.dark = True
        await asyncio.sleep(self.random.choice([0.1, 1, 10, 30]) * self.random.random())
        self.bus.refused.difference_update(names)
        self.bus.darkened.difference_update(names)

    def heal(self) -> None:
        """Carry everything once and at once from now on; what is dark is found to be."""
        self.bus.loses = self.bus.doubles = self.bus.delays = 0.0
