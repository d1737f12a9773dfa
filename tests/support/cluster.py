"""Several whole servers as processes of their own, on one PostgreSQL and one Redis."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

from tests.support.node_process import NodeProcess
from tests.support.postgres import Postgres
from tests.support.redis_server import RedisServer

from conclave.auth.secret import load_key
from conclave.auth.tokens import digest
from conclave.client.wire import connect
from conclave.model import Identity, Role, User
from conclave.storage.postgres.store import PostgresStore
from conclave.testing import Client

HALL = "hall"
# No caps, no rates: what load tests are run against.
UNBOUND = tuple(
    word
    for name in (
        "rate", "connection-rate", "http-rate", "max-connections-per-user",
        "max-connections-per-address", "max-unauthenticated-per-address",
    )
    for word in (f"--{name}", "0")
)  # fmt: skip
# What nodes must have in common beside the database.
KEYS = ("secret.key", "push.key", "webhooks.key")


def token_of(user: str) -> str:
    return f"cvt_{user:x<43}"


class Cluster:
    """Make it with `open`; `start` begins a node, `client` goes to one."""

    def __init__(self, place: Path, database: str, redis: RedisServer) -> None:
        self.place = place
        self.database = database
        self.redis = redis
        self.nodes: dict[str, NodeProcess] = {}
        self._stack = ExitStack()

    @classmethod
    async def open(
        cls, place: Path, postgresql: Postgres, redis: RedisServer, people: Sequence[str]
    ) -> Self:
        """Make *people*, who are all in one room; the first is an admin."""
        cluster = cls(place, await asyncio.to_thread(postgresql.empty), redis)
        store = await PostgresStore.open(cluster.database, place / "seed")
        for key in KEYS:
            await asyncio.to_thread(load_key, place / "seed" / key)
        for at, user in enumerate(people):
            role = Role.USER if at else Role.ADMIN
            await store.put_user(
                User(id=user, name=user, display_name=user.capitalize(), role=role)
            )
            await store.create_token(user, digest(token_of(user)), name="test")
        names = [Identity(user=user, name=user.capitalize()) for user in people]
        await store.create_room(HALL, names[0])
        for name in names[1:]:
            await store.ensure_member(HALL, name)
        await store.close()
        return cluster

    def start(
        self,
        name: str,
        *words: str,
        redis: str = "",
        port: int = 0,
        secret: bytes | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> NodeProcess:
        """
        Start the node *name*, which hears the others by *redis*, if that is another way.

        With a *secret* it has not the same one as all others. *variables*: see `NodeProcess`.
        """
        data = self.furnish(name)
        if secret is not None:
            (data / "secret.key").write_bytes(secret)
        where = ("--database", self.database, "--redis", redis or self.redis.url)
        words = (*where, "--presence-grace", "0.5", *words)
        node = NodeProcess(data, *words, port=port, variables=variables)
        self.nodes[name] = self._stack.enter_context(node)
        return node

    def furnish(self, name: str) -> Path:
        """Return the data directory of node *name*, with the keys that all have."""
        data = self.place / name
        data.mkdir(exist_ok=True)
        for key in KEYS:
            shutil.copy2(self.place / "seed" / key, data / key)
        return data

    def close(self) -> None:
        self._stack.close()

    @asynccontextmanager
    async def client(self, node: str, user: str) -> AsyncIterator[Client]:
        async with connect(self.nodes[node].url) as wire:
            client = Client(wire)
            try:
                assert (await client.ask("auth", token=token_of(user)))["success"]
                yield client
            finally:
                await client.close()
