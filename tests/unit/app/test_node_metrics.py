"""The metrics of the engine say who is there and whether this node hears them."""

import asyncio
from types import SimpleNamespace
from typing import Any

from tests.schedules.hand_time import run
from tests.support.memory_bus import MemoryBus

from conclave.app.metrics.nodes import NODES
from conclave.app.parts import Ready
from conclave.engine.cluster import ClusterEngine
from conclave.engine.local import LocalEngine
from conclave.engine.sealing import Seal


class Deaf:
    def hinted(self, *_: Any) -> None: ...

    doubted = renewed = spent = whispered = came = went = hinted


def read(engine: Any) -> dict[str, float]:
    watched: Any = SimpleNamespace(engine=engine)
    moment: Any = None
    rows = {one.name: list(one.read(watched, moment)) for one in NODES}
    return {name: sum(sample.value for sample in samples) for name, samples in rows.items()}


def test_two_nodes_count_each_other_and_what_strangers_say() -> None:
    async def main() -> None:
        bus = MemoryBus()
        engines = [ClusterEngine(bus.port(name), Seal(lambda: [b"k" * 32], "c")) for name in "ab"]
        for engine in engines:
            await engine.start(Deaf())
        engines[0].hint("e", "hall", 1)
        bus.carry(b"a stranger")
        await wait(2)
        figures = read(engines[1])
        assert (figures["conclave_nodes"], figures["conclave_engine_degraded"]) == (2, 0)
        assert engines[1].packets["forged"] == 1
        for engine in engines:
            await engine.close()

    run(main())


def test_a_node_that_hears_nothing_is_ready_and_says_so() -> None:
    async def main() -> None:
        bus = MemoryBus()
        bus.refused.add("a")
        engine = ClusterEngine(bus.port("a"), Seal(lambda: [b"k" * 32], "c"))
        await engine.start(Deaf())
        store: Any = SimpleNamespace(healthy=True)
        background: Any = SimpleNamespace(failing=set())
        door: Any = SimpleNamespace(is_open=True)
        ready = Ready(store, engine, background, door)
        ready.started = True
        assert read(engine)["conclave_engine_degraded"] == 1
        assert ready.problems() == []
        assert ready.troubles() == ["other nodes are not heard: what they store comes late"]
        await engine.close()

    run(main())


def test_a_node_that_understands_nobody_says_so_for_a_moment() -> None:
    engine: Any = SimpleNamespace(degraded=None, packets={"forged": 0})
    other: Any = None
    ready = Ready(other, engine, other, other)
    assert ready.troubles() == []
    engine.packets["forged"] = 3
    for _ in range(2):
        (trouble,) = ready.troubles()
        assert "the same secret.key" in trouble
    ready._strange_until = 0.0
    assert ready.troubles() == []


def test_a_node_alone_is_one_and_misses_nothing() -> None:
    assert set(read(LocalEngine()).values()) == {0, 1}


async def wait(seconds: float) -> None:
    await asyncio.sleep(seconds)
