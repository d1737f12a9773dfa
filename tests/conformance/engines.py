"""
Every engine that shall keep the promises of `ports.Engine`.

Each is a function that gives an engine which has not been started; a new one joins by adding
itself to ENGINES.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from conclave.engine.local import LocalEngine
from conclave.ports import Engine

Opened = Callable[[], AbstractAsyncContextManager[Engine]]


@asynccontextmanager
async def local() -> AsyncIterator[Engine]:
    yield LocalEngine()


ENGINES: dict[str, Opened] = {"local": local}


class Heard:
    """Ears that remember what they were told."""

    def __init__(self) -> None:
        self.hints: list[tuple[str, str, int]] = []

    def hinted(self, epoch: str, room: str, seq: int) -> None:
        self.hints.append((epoch, room, seq))
