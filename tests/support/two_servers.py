"""Servers in the test's own process that are one chat, on one PostgreSQL and one Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.people import app
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer

from conclave import testing
from conclave.auth.secret import load_key

# As few limits as there may be: what is tested is another one.
UNBOUND: dict[str, Any] = {
    "rate": 0,
    "connection_rate": 0,
    "max_connections_per_user": 0,
    "max_connections_per_address": 0,
    "max_unauthenticated_per_address": 0,
}


@asynccontextmanager
async def servers(
    place: Path,
    postgresql: Postgres,
    redis: RedisServer,
    count: int = 2,
    *,
    far: tuple[int, int] | None = None,
    **settings: Any,
) -> AsyncIterator[list[testing.Server]]:
    """
    Run *count* of them; whoever says `i-am-NAME` is NAME. They hear each other at once.

    *far*: the ports by which the last one reaches PostgreSQL and Redis.
    """
    database = await asyncio.to_thread(postgresql.empty)
    where = {"database": database, "redis": redis.url}
    async with AsyncExitStack() as stack:
        made = []
        for n in range(count):
            if far is not None and n == count - 1:
                name = urlsplit(database).path.lstrip("/")
                where["database"] = f"postgresql://conclave@127.0.0.1:{far[0]}/{name}"
                where["redis"] = f"redis://127.0.0.1:{far[1]}/0"
            data = place / f"node{n}"
            await asyncio.to_thread(_share_keys, place / "node0", data)
            more = {**where, **UNBOUND, "demo": False, "data": data, **settings}
            made.append(await stack.enter_async_context(testing.serve(app(), **more)))
        async with asyncio.timeout(60):
            while any(len(_others(one)) < count - 1 for one in made):
                await asyncio.sleep(0.02)
        yield made


def _others(server: testing.Server) -> Any:
    return server._running.engine.nodes


def _share_keys(first: Path, data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True)
    for name in ("secret.key", "push.key", "webhooks.key"):
        load_key(first / name)
        (data / name).write_bytes((first / name).read_bytes())
        (data / name).chmod(0o600)
