"""
What befalls three servers: each kind of fault again and again, for as long as the seed says.

Faults of different kinds overlap: a server may be killed while another is cut off from a
database that is just starting.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

from tests.chaos.cluster.machine import Machine, Node
from tests.chaos.cluster.plan import ClusterPlan
from tests.support.proxy import Proxy

Fault = Callable[[], Awaitable[None]]


class Faults:
    """Does all of it to *machine*; `done` counts what it did."""

    def __init__(self, plan: ClusterPlan, machine: Machine) -> None:
        self.done: Counter[str] = Counter()
        self._plan = plan
        self._machine = machine
        self._random = Random(plan.seed)

    async def run(self) -> None:
        """Go on for as long as planned; at the end everything is whole."""
        until = asyncio.get_running_loop().time() + self._plan.seconds
        kinds = (
            (self._kill, self._stop),
            (self._cut, self._cut, self._darken, self._deafen),
            (self._crash_postgres, self._kill_postgres, self._kill_redis),
        )
        async with asyncio.TaskGroup() as tasks:
            for kind in kinds:
                tasks.create_task(self._again_and_again(kind, Random(self._random.random()), until))

    async def _again_and_again(
        self, faults: tuple[Fault, ...], random: Random, until: float
    ) -> None:
        bag: list[Fault] = []
        while True:
            await asyncio.sleep(random.uniform(*self._plan.pause))
            if asyncio.get_running_loop().time() > until:
                return
            # Each once before any comes twice.
            bag = bag or random.sample(faults, len(faults))
            fault = bag.pop()
            self.done[fault.__name__.strip("_")] += 1
            await fault()

    def _node(self) -> Node:
        return self._random.choice(self._machine.nodes)

    async def _last(self) -> None:
        await asyncio.sleep(self._random.uniform(*self._plan.lasts))

    async def _kill(self) -> None:
        await self._node().restart()

    async def _stop(self) -> None:
        node = self._node()
        node.signal(signal.SIGSTOP)
        await self._last()
        node.signal(signal.SIGCONT)

    def _ways(self) -> list[Proxy]:
        """Return a node's way to PostgreSQL, to Redis, or both."""
        node = self._node()
        both = [node.to_postgres, node.to_redis]
        return self._random.choice([both, both[:1], both[1:]])

    async def _cut(self) -> None:
        await self._while(self._ways(), Proxy.cut)

    async def _darken(self) -> None:
        await self._while(self._ways(), Proxy.darken)

    async def _deafen(self) -> None:
        await self._while(self._ways(), Proxy.deafen)

    async def _while(self, ways: list[Proxy], break_: Callable[[Proxy], None]) -> None:
        for way in ways:
            break_(way)
        await self._last()
        for way in ways:
            way.heal()

    async def _crash_postgres(self) -> None:
        await self._postgres(self._machine.postgres.stop)

    async def _kill_postgres(self) -> None:
        await self._postgres(self._machine.postgres.kill)

    async def _postgres(self, end: Callable[[], None]) -> None:
        await asyncio.to_thread(end)
        await self._last()
        await asyncio.to_thread(self._machine.postgres.start)

    async def _kill_redis(self) -> None:
        await asyncio.to_thread(self._machine.redis.kill)
        await self._last()
        await asyncio.to_thread(self._machine.redis.start)
