"""
Three servers under all that befalls them, clients that come back to any of them, and the judge.

The clients, their journals and the checker are those of `make chaos`.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.cluster.faults import Faults
from tests.chaos.cluster.machine import Machine
from tests.chaos.cluster.plan import ClusterPlan
from tests.chaos.plan import crowd_plans
from tests.chaos.run import CrowdProcess, heads_of
from tests.support.checker import Flaw, check, history_of, read_journals
from tests.support.postgres import Postgres
from tests.support.proxy import Proxy

from conclave.storage.postgres.store import PostgresStore

_SETTLE_WITHIN = 120.0


class Door(Proxy):
    """Lets each connection in by any of the servers that takes it, as what balances loads does."""

    def __init__(self, ports: list[int]) -> None:
        super().__init__(0)
        self._ports = ports

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", random.choice(self._ports))


@dataclass
class Outcome:
    """What a run came to; `flaws` empty is good."""

    plan: ClusterPlan
    flaws: list[Flaw] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    hints: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    # Acknowledged before the faults ended.
    acknowledged: int = 0
    stored: int = 0
    seconds: float = 0.0
    settled_within: float = 0.0
    restarts: list[float] = field(default_factory=list)

    def line(self) -> dict[str, Any]:
        """Return the numbers, for one line of JSON."""
        rules = Counter(flaw.rule for flaw in self.flaws)
        return {
            "seed": self.plan.seed,
            "seconds": round(self.seconds, 1),
            "acknowledged": self.acknowledged,
            "told": self.counts["told"],
            "stored": self.stored,
            "faults": dict(self.faults),
            "hints": dict(self.hints),
            "settled_s": round(self.settled_within, 1),
            "restart_max_s": round(max(self.restarts, default=0.0), 2),
            **{f"V{n}": rules[f"V{n}"] for n in range(1, 8)},
            "fell": rules["fell"],
        }


async def run(plan: ClusterPlan, folder: Path, postgres: Postgres) -> Outcome:
    """Do what *plan* says in *folder*, and return what came of it."""
    outcome = Outcome(plan)
    async with Machine(plan, folder, postgres) as machine:
        async with Door([node.port for node in machine.nodes]) as door:
            crowds = _crowds(plan, machine, door, folder)
            try:
                await _live(outcome, machine, crowds)
            finally:
                for crowd in crowds:
                    crowd.kill()
        await _judge(outcome, machine, [crowd.book for crowd in crowds], folder)
    return outcome


def _crowds(plan: ClusterPlan, machine: Machine, door: Door, folder: Path) -> list[CrowdProcess]:
    journals = folder / "journals"
    journals.mkdir()
    urls = [node.url for node in machine.nodes]
    return [CrowdProcess(one) for one in crowd_plans(plan, door.url, journals, urls)]


async def _live(outcome: Outcome, machine: Machine, crowds: list[CrowdProcess]) -> None:
    faults, began = Faults(outcome.plan, machine), time.monotonic()
    await faults.run()
    outcome.faults, outcome.seconds = faults.done, time.monotonic() - began
    outcome.acknowledged = sum([(await one.ask("count"))["acknowledged"] for one in crowds])
    began = time.monotonic()
    async with asyncio.timeout(_SETTLE_WITHIN):
        await _settle(outcome, machine, crowds)
    outcome.settled_within = time.monotonic() - began


async def _settle(outcome: Outcome, machine: Machine, crowds: list[CrowdProcess]) -> None:
    """Let all that was sent be acknowledged, and everybody be told all there is."""
    await asyncio.gather(*(crowd.ask("enough") for crowd in crowds))
    heads = await heads_of(machine.nodes[0].url, outcome.plan.room_names)
    for counts in await asyncio.gather(*(crowd.ask("settle", **heads) for crowd in crowds)):
        outcome.counts.update(counts)


async def _judge(outcome: Outcome, machine: Machine, books: list[Path], folder: Path) -> None:
    for node in machine.nodes:
        await node.kill()
        outcome.restarts += node.restarts
        outcome.flaws += [Flaw("fell", f"{node.home.name}, see its log")] * node.fell
    store = await PostgresStore.open(machine.database, folder / "judge", alone=False)
    try:
        history = await history_of(store, outcome.plan.room_names)
    finally:
        await store.close()
    events = read_journals(books)
    outcome.hints = machine.hints
    outcome.stored = sum(map(len, history.values()))
    outcome.counts.update(event["kind"] for event in events)
    outcome.flaws += check(events, history)
