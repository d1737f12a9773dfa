"""
Every engine that shall keep the promises of `ports.Engine`.

Each is a function that gives a place where engines are made, for nodes that hear each other if
they can; a new one joins by adding itself to ENGINES.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.support.memory_bus import MemoryBus
from tests.support.redis_server import RedisServer

from conclave.engine.cluster import ClusterEngine
from conclave.engine.local import LocalEngine
from conclave.engine.redis import RedisBus
from conclave.engine.sealing import Seal
from conclave.model.seen import Seen
from conclave.ports import Engine
from conclave.protocol.codec import Packet

KEY = b"k" * 32
CHANNEL = "conclave:hints"

Make = Callable[[], Engine]
Place = Callable[[Path], AbstractContextManager[Make]]


@contextmanager
def local(_directory: Path) -> Iterator[Make]:
    yield LocalEngine


@contextmanager
def memory(_directory: Path) -> Iterator[Make]:
    bus = MemoryBus()
    yield lambda: ClusterEngine(bus.port("node"), Seal(lambda: [KEY], CHANNEL))


@contextmanager
def redis(directory: Path) -> Iterator[Make]:
    server = RedisServer(directory).start()
    try:
        yield lambda: ClusterEngine(RedisBus(server.url, CHANNEL), Seal(lambda: [KEY], CHANNEL))
    finally:
        server.kill()


# Those whose nodes hear each other, and all.
CLUSTERS: dict[str, Place] = {"memory": memory, "redis": redis}
ENGINES: dict[str, Place] = {"local": local, **CLUSTERS}


class Heard:
    """Ears that remember what they were told."""

    def __init__(self) -> None:
        self.hints: list[tuple[str, str, int]] = []
        self.spendings: list[tuple[int, str, int]] = []
        self.whispers: list[tuple[str, str, str, bool]] = []
        # Who is where, by which nodes.
        self.seen: dict[tuple[str, str], dict[str, Seen]] = {}
        self.doubts: list[str] = []
        # How often this process stood still.
        self.still = 0
        self.anew: list[tuple[str, str]] = []

    def hinted(self, epoch: str, room: str, seq: int) -> None:
        self.hints.append((epoch, room, seq))

    def renewed(self, user: str, room: str) -> None:
        self.anew.append((user, room))

    def doubted(self, user: str) -> None:
        self.doubts.append(user)

    def spent(self, cost: int, user: str, tokens: int) -> None:
        self.spendings.append((cost, user, tokens))

    def whispered(self, room: str, user: str, packet: Packet, alone: bool) -> None:
        self.whispers.append((room, user, packet.text.decode(), alone))

    def came(self, node: str, room: str, seen: Seen) -> None:
        self.seen.setdefault((room, seen.user), {})[node] = seen

    def went(self, node: str, room: str, seen: Seen) -> None:
        del self.seen[room, seen.user][node]

    def stood_still(self) -> None:
        self.still += 1

    def newest(self) -> dict[str, int]:
        """Return the highest number of each room."""
        found: dict[str, int] = {}
        for _, room, seq in self.hints:
            found[room] = max(seq, found.get(room, 0))
        return found


async def soon(holds: Callable[[], object], within: float = 20.0) -> float:
    """Return how many seconds it took until *holds*; fails if that is too long."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within, "it never came true"
        await asyncio.sleep(0.005)
    return time.monotonic() - began
