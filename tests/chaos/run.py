"""
Kill the server at random moments under load, and judge from the clients' journals.

The server and the clients are processes of their own, and so is each judged: a client that
is killed, too, goes on from its book, and what its book says must hold as well.
"""

import asyncio
import json
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.plan import CrowdPlan, Plan, crowd_plans
from tests.support.checker import Flaw, check, history_of, read_journals
from tests.support.crowd import answer_to
from tests.support.node_process import ENVIRONMENT, UNBOUND, NodeProcess

from conclave.client.wire import connect
from conclave.storage.sqlite import SqliteStore
from conclave.storage.verify import verify

WORDS = (*UNBOUND, "--app", "tests.support.people:APP")
_ROOT = Path(__file__).parents[2]
# Seconds from start to serving that a restart may take.
RESTART_WITHIN = 3.0


class CrowdProcess:
    """A process of clients; it can be killed and goes on from its book when started again."""

    def __init__(self, plan: CrowdPlan) -> None:
        self.book = Path(plan.book)
        self._plan = self.book.with_suffix(".plan")
        plan.write(self._plan)
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.chaos.crowd_process", str(self._plan)]
        self._process = subprocess.Popen(
            command,
            cwd=_ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    async def ask(self, word: str, **rest: int) -> dict[str, Any]:
        """Return its answer to a command."""
        return await asyncio.to_thread(self._ask, f"{word} {json.dumps(rest)}\n")

    def _ask(self, line: str) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(line)
        stdin.flush()
        if not (answer := stdout.readline()):
            raise AssertionError("a process of clients has ended")
        counts: dict[str, Any] = json.loads(answer)
        return counts

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def kill_and_start(self) -> None:
        self.kill()
        self.start()


@dataclass
class Outcome:
    """What a run came to; `flaws` empty is good."""

    plan: Plan
    flaws: list[Flaw] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)
    crowd_kills: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    stored: int = 0

    def line(self) -> dict[str, Any]:
        """Return the numbers, for one line of JSON."""
        rules = Counter(flaw.rule for flaw in self.flaws)
        return {
            "seed": self.plan.seed,
            "kills": len(self.restarts),
            "client_kills": self.crowd_kills,
            "acknowledged": self.counts["acknowledged"],
            "told": self.counts["told"],
            "left_and_came_back": self.counts["left"],
            "stored": self.stored,
            "seconds": round(self.seconds, 1),
            # While there was a server.
            "per_second": round(self.counts["acknowledged"] / (self.seconds - sum(self.restarts))),
            "written_by_clients": self.counts["written_by_clients"],
            "read_by_clients": self.counts["read_by_clients"],
            "restart_median_s": round(statistics.median(self.restarts), 2),
            "restart_max_s": round(max(self.restarts), 2),
            **{f"V{n}": rules[f"V{n}"] for n in range(1, 8)},
            "verify": rules["verify"],
        }


async def heads_of(url: str, rooms: list[str]) -> dict[str, int]:
    """Return the last number of each of *rooms*, as the server at *url* says."""
    async with connect(url) as wire:
        wire.send("auth", token="i-am-judge")
        wire.send("room:list", id="rooms", scope="public")
        answer = await answer_to(wire, "rooms")
    heads = {room["room"]: room["last_seq"] for room in answer.data["rooms"]}
    return {room: heads[room] for room in rooms}


async def run(plan: Plan, folder: Path) -> Outcome:
    """Do what *plan* says in *folder*, and return what came of it."""
    chaos = _Chaos(plan, folder)
    began = time.monotonic()
    try:
        await chaos.kill_and_restart()
        chaos.outcome.seconds = time.monotonic() - began
        await chaos.settle()
    finally:
        chaos.end()
    await chaos.judge()
    return chaos.outcome


class _Chaos:
    """A server, its clients, and who kills them."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.outcome = Outcome(plan)
        self._plan = plan
        self._dice = random.Random(plan.seed)
        self._data = folder / "data"
        self._node = NodeProcess(self._data, *WORDS)
        journals = folder / "journals"
        journals.mkdir()
        self._crowds = [CrowdProcess(p) for p in crowd_plans(plan, self._node.url, journals)]

    async def kill_and_restart(self) -> None:
        """Kill as often as planned, and on until enough is acknowledged."""
        restarts, every = self.outcome.restarts, self._plan.kills_per_crowd_kill
        while len(restarts) < self._plan.kills or await self._acked() < self._plan.acknowledged:
            await self._under_load()
            await asyncio.sleep(self._dice.uniform(*self._plan.within))
            await asyncio.to_thread(self._restart)
            restarts.append(self._node.started_within)
            if len(restarts) % every == every - 1:
                await asyncio.to_thread(self._dice.choice(self._crowds).kill_and_start)
                self.outcome.crowd_kills += 1

    async def _under_load(self) -> None:
        """Wait until something was acknowledged: a server that nobody uses loses nothing."""
        before = await self._acked()
        while await self._acked() <= before:
            await asyncio.sleep(0.1)

    def _restart(self) -> None:
        self._node.kill()
        self._node = NodeProcess(self._data, *WORDS, port=self._node.port)

    async def _acked(self) -> int:
        return sum([(await crowd.ask("count"))["acknowledged"] for crowd in self._crowds])

    async def settle(self) -> None:
        """Let everything that was sent be acknowledged, and everybody be told all there is."""
        await asyncio.gather(*(crowd.ask("enough") for crowd in self._crowds))
        heads = await heads_of(self._node.url, self._plan.room_names)
        answers = await asyncio.gather(*(crowd.ask("settle", **heads) for crowd in self._crowds))
        for counts in answers:
            self.outcome.counts.update(counts)

    def end(self) -> None:
        for crowd in self._crowds:
            crowd.kill()
        self._node.kill()

    async def judge(self) -> None:
        """Compare what the clients wrote down with what is on disk, and that with itself."""
        data = self._data / "demo"
        store = await SqliteStore.open(data)
        try:
            history = await history_of(store, self._plan.room_names)
        finally:
            await store.close()
        events = read_journals([crowd.book for crowd in self._crowds])
        self.outcome.stored = sum(map(len, history.values()))
        self.outcome.counts.update(event["kind"] for event in events)
        self.outcome.flaws = check(events, history)
        found = await asyncio.to_thread(lambda: list(verify(data / "conclave.db")))
        self.outcome.flaws += [Flaw("verify", what) for what in found]
