"""A store in a directory of its own, and a second way into its file."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from conclave.storage import SqliteStore
from conclave.storage.driver import driver


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
async def store(data: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(data)
    yield store
    await store.close()


@pytest.fixture
def sql(data: Path) -> Iterator[Callable[..., list[Any]]]:
    """Runs a statement on the file beside the store, as no program of ours would."""

    def run(statement: str, *values: object) -> list[Any]:
        with closing(driver().connect(data / "conclave.db", isolation_level=None)) as connection:
            return list(connection.execute(statement, values))

    return run
