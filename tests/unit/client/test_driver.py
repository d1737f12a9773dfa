"""What drives a conversation of the client: its timer, on each of the loops people use."""

import asyncio
from collections.abc import Callable
from math import inf
from types import SimpleNamespace
from typing import Any

import pytest
import uvloop

from conclave.client.driver import Driver


class Due:
    """A conversation with nothing to do but at *due*, which it is told then."""

    def __init__(self) -> None:
        self.due = inf
        self.ticked = asyncio.Event()
        self.session = SimpleNamespace(end=None)

    def take(self) -> list[Any]:
        return []

    def news(self) -> list[Any]:
        return []

    def tick(self, _now: float) -> None:
        self.due = inf
        self.ticked.set()


async def hurried() -> None:
    talk, loop = Due(), asyncio.get_running_loop()
    nothing: Any = None
    driver = Driver(talk, nothing, nothing, nothing, nothing, nothing)  # type: ignore[arg-type]
    talk.due = loop.time() + 3600
    driver.act(lambda _talk, _now: None)
    talk.due = loop.time() - 1
    # Once to set a timer that is due, once more before it fires.
    for _ in range(2):
        driver.act(lambda _talk, _now: None)
    async with asyncio.timeout(30):
        await talk.ticked.wait()


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_what_is_due_at_once_is_done_on_each_loop(loop: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(hurried())
