"""What every engine promises a node, whether there are others or not."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.engines import ENGINES, Heard

from conclave.ports import Engine


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with ENGINES[request.param](tmp_path) as make:
        yield make()


async def test_a_node_is_told_nothing_that_it_said_itself(engine: Engine) -> None:
    heard = Heard()
    await engine.start(heard)
    for seq in range(1, 51):
        engine.hint("e1", "hall", seq)
    await asyncio.sleep(0.05)
    await engine.close()
    assert heard.hints == []


async def test_a_node_alone_is_not_degraded_and_misses_nothing(engine: Engine) -> None:
    await engine.start(Heard())
    missed = engine.missed
    engine.hint("e1", "hall", 1)
    await asyncio.sleep(0.05)
    assert (engine.degraded, engine.missed) == (None, missed)
    await engine.close()


async def test_hints_before_the_start_and_after_the_end_hurt_nobody(engine: Engine) -> None:
    engine.hint("e1", "hall", 1)
    await engine.start(Heard())
    await engine.close()
    engine.hint("e1", "hall", 2)


async def test_an_engine_that_was_not_started_or_was_closed_can_be_closed(engine: Engine) -> None:
    await engine.close()
    await engine.close()


async def test_the_end_leaves_no_task(engine: Engine) -> None:
    before = asyncio.all_tasks()
    await engine.start(Heard())
    engine.hint("e1", "hall", 1)
    await engine.close()
    assert asyncio.all_tasks() == before
