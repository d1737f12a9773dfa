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
from tests.support.made_tables import tables_are_made_once
from tests.support.postgres import Postgres

from conclave.ports import Attention, Moderation, Store
from conclave.storage import SqliteStore
from conclave.storage.attention import SqlAttention
from conclave.storage.governing import SqlModeration
from conclave.storage.postgres.store import PostgresStore
from conclave.storage.sqlstore import SqlStore

__all__ = ["tables_are_made_once"]

Opened = AbstractAsyncContextManager[Store]


@asynccontextmanager
async def sqlite(place: Path) -> AsyncIterator[Store]:
    store = await SqliteStore.open(place)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def postgres(url: str, place: Path) -> AsyncIterator[Store]:
    store = await PostgresStore.open(url, place)
    try:
        yield store
    finally:
        await store.close()


STORES = ("sqlite", "postgres")
# What `make test` runs over PostgreSQL, too; the rest takes as long as all of this over SQLite.
QUICK = ("test_blobs", "test_passes", "test_store_append", "test_store_pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "[postgres" in item.name and item.path.stem not in QUICK:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def nothing_blocks_the_loop() -> Iterator[None]:
    """J10 of the limits: all SQL and every file is another thread's."""
    with blockbuster_ctx():
        yield


@pytest.fixture(params=STORES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Opened]:
    """Opens the store; again after a close: the same data."""
    if request.param == "sqlite":
        return lambda: sqlite(tmp_path / "data")
    server: Postgres = request.getfixturevalue("postgresql")
    url = server.furnished()
    return lambda: postgres(url, tmp_path / "data")


@pytest.fixture
async def store(opened: Callable[[], Opened]) -> AsyncIterator[Store]:
    async with opened() as store:
        yield store


@pytest.fixture
def moderation(store: Store) -> Moderation:
    assert isinstance(store, SqlStore)
    return SqlModeration(store)


@pytest.fixture
def attention(store: Store) -> Attention:
    assert isinstance(store, SqlStore)
    return SqlAttention(store)
