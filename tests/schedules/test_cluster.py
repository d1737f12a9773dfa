"""
The same three nodes and clients, now with the real engine over a bus that fails as buses do.

Packets are lost, doubled and overtaken; nodes are cut off, or hang on connections that look
well and bring nothing. Whoever comes in or stays is told everything once and in order, and what
is missed is made good in the time that was promised.
"""

import asyncio
import hashlib
from random import Random

import pytest
from tests.schedules.test_relay import broken_by
from tests.support.memory_bus import MemoryBus

from conclave.engine.cluster import ClusterEngine
from conclave.engine.sealing import Seal

SCHEDULES = 1_000
BATCH = 50
QUICK = 100


class FailingBus:
    """One schedule's bus: how bad it is, and when it is good again, comes from the seed."""

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
        return ClusterEngine(port, Seal([key], "hints"), Random(self.random.random()))

    async def trouble(self) -> None:
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


def wrong_in(seeds: range) -> list[str]:
    return [wrong for seed in seeds if (wrong := broken_by(seed, FailingBus))]


@pytest.mark.parametrize("first", range(0, QUICK, BATCH))
def test_whatever_the_bus_does_everything_is_told_once_in_order(first: int) -> None:
    assert not wrong_in(range(first, first + BATCH))[:5]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(QUICK, SCHEDULES, QUICK))
def test_a_thousand_schedules_find_nothing(first: int) -> None:
    assert not wrong_in(range(first, first + QUICK))[:5]
