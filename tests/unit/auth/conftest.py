"""The ways in, put together as a node does it, with a clock to turn and a list for the audit."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict
from tests.unit.auth.world import World

from conclave.auth.secret import Secret
from conclave.storage import SqliteStore
from conclave.storage.accounts import SqliteAccounts


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock = World.Clock()
    store = await SqliteStore.open(tmp_path / "data", clock=clock.wall)
    accounts = SqliteAccounts(store, clock.wall)
    made = World(store, accounts, Secret.load(tmp_path / "data"), clock)
    yield made
    made.passwords.close()
    await accounts.close()
    await store.close()


@pytest.fixture
def logs() -> Iterator[Sequence[EventDict]]:
    with capture_logs() as lines:
        yield lines
