"""
Three servers, one PostgreSQL and one Redis, and between any two of them a network of its own.
"""

import asyncio
import shutil
import signal
from collections import Counter
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.chaos.cluster.plan import ClusterPlan
from tests.support.node_process import NodeProcess
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.proxy import Carrier, Proxy
from tests.support.pushes import Pushes
from tests.support.redis_server import RedisServer

from conclave.auth.secret import Secret

_CONFIG = Path(__file__).with_name("node.toml")
_WORDS = ("--config", str(_CONFIG), "--app", "tests.support.people:APP")
# A migration's lock of one that was swallowed is held for half a minute.
_START_WITHIN = 120.0


class Node:
    """One server, and its ways to the others; killed, it is started until it stays."""

    def __init__(self, home: Path, database: str, to_postgres: Proxy, to_redis: Proxy) -> None:
        self.home = home
        self.to_postgres = to_postgres
        self.to_redis = to_redis
        self.port = free_port()
        self.restarts: list[float] = []
        # How often it has ended without being killed.
        self.fell = 0
        self._words = (
            *_WORDS,
            "--database",
            f"postgresql://conclave@127.0.0.1:{to_postgres.port}/{database}",
            "--redis",
            f"redis://127.0.0.1:{to_redis.port}/0",
        )
        self._process: NodeProcess | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    async def start(self) -> None:
        """Start it, again and again as a supervisor does, until it has what it needs."""
        async with asyncio.timeout(_START_WITHIN):
            while self._process is None:
                try:
                    make = partial(NodeProcess, self.home, *self._words, port=self.port)
                    self._process = await asyncio.to_thread(make)
                except AssertionError:
                    await asyncio.sleep(0.5)

    async def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self.fell += process.process.poll() is not None
            await asyncio.to_thread(process.kill)

    async def restart(self) -> None:
        await self.kill()
        began = asyncio.get_running_loop().time()
        await self.start()
        self.restarts.append(asyncio.get_running_loop().time() - began)

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


class Machine:
    """All of them; enter it, and the nodes are up."""

    def __init__(self, plan: ClusterPlan, place: Path, postgres: Postgres) -> None:
        self.postgres = postgres
        self.redis = RedisServer(place)
        self.nodes: list[Node] = []
        # What became of the hints.
        self.hints: Counter[str] = Counter()
        self._plan = plan
        self._place = place
        self._stack = AsyncExitStack()
        self._random = Random(plan.seed)

    async def __aenter__(self) -> Self:
        try:
            await self._begin()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def _begin(self) -> None:
        self.database = await asyncio.to_thread(self.postgres.empty)
        await asyncio.to_thread(self.redis.start)
        self._stack.callback(self.redis.kill)
        await asyncio.to_thread(Secret.load, self._place)
        for n in range(self._plan.nodes):
            self.nodes.append(await self._node(self._place / f"node{n}"))
        await asyncio.gather(*(node.start() for node in self.nodes))

    async def _node(self, home: Path) -> Node:
        home.mkdir()
        shutil.copy2(self._place / "secret.key", home)
        socket = self.postgres.place / ".s.PGSQL.5432"
        enter = self._stack.enter_async_context
        name = urlsplit(self.database).path.lstrip("/")
        node = Node(home, name, await enter(Proxy(socket)), await enter(self._bad_bus()))
        self._stack.push_async_callback(node.kill)
        return node

    def _bad_bus(self) -> Proxy:
        def carrier(write: Carrier) -> Carrier:
            return Pushes(write, self._random, self._plan.one_in, self.hints)

        return Proxy(self.redis.port, carrier)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()
