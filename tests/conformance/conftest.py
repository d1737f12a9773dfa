"""
Every store that shall keep the promises of `ports.Store`.

Each is a function that opens a store in an empty place and closes it; a new store joins
by adding itself to STORES.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from conclave.ports import Attention, Moderation, Store
from conclave.storage import SqliteStore
from conclave.storage.attention import SqliteAttention
from conclave.storage.governing import SqliteModeration

Opened = AbstractAsyncContextManager[Store]


@asynccontextmanager
async def sqlite(place: Path) -> AsyncIterator[Store]:
    store = await SqliteStore.open(place)
    try:
        yield store
    finally:
        await store.close()


STORES = {"sqlite": sqlite}


@pytest.fixture(autouse=True)
def nothing_blocks_the_loop() -> Iterator[None]:
    """J10 of the limits: all SQL and every file is another thread's."""
    with blockbuster_ctx():
        yield


@pytest.fixture(params=STORES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Opened]:
    """Opens the store; again after a close: the same data."""
    return lambda: STORES[request.param](tmp_path / "data")


@pytest.fixture
async def store(opened: Callable[[], Opened]) -> AsyncIterator[Store]:
    async with opened() as store:
        yield store


@pytest.fixture
def moderation(store: Store) -> Moderation:
    assert isinstance(store, SqliteStore)
    return SqliteModeration(store)


@pytest.fixture
def attention(store: Store) -> Attention:
    assert isinstance(store, SqliteStore)
    return SqliteAttention(store)
