"""An empty store in no time: its tables are made once a process, and copied for each test."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conclave.storage import SqliteStore


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a store that nobody has used."""
    data = tmp_path_factory.mktemp("made") / "data"

    async def make() -> None:
        await (await SqliteStore.open(data)).close()

    asyncio.run(make())
    return data


@pytest.fixture
def fresh(made_once: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Make the data directory of an empty store, by this name, and return it."""
    return lambda name: Path(shutil.copytree(made_once, tmp_path / name))
