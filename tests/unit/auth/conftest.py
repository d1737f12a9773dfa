"""The ways in, put together as a node does it, with a clock to turn and a list for the audit."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict
from tests.support.fresh import fresh, made_once
from tests.unit.auth.world import World

from conclave.auth.secret import Secret
from conclave.storage import SqliteStore
from conclave.storage.accounts import SqlAccounts

__all__ = ["fresh", "made_once"]


@pytest.fixture
async def world(fresh: Callable[[str], Path]) -> AsyncIterator[World]:
    clock, data = World.Clock(), fresh("data")
    store = await SqliteStore.open(data, clock=clock.wall)
    accounts = SqlAccounts(store, clock.wall)
    made = World(store, accounts, Secret.load(data), clock)
    yield made
    made.passwords.close()
    await accounts.close()
    await store.close()


@pytest.fixture
def logs() -> Iterator[Sequence[EventDict]]:
    with capture_logs() as lines:
        yield lines
