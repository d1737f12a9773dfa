"""Every test here: no blocking call in the loop, no task left behind (J10)."""

from collections.abc import Iterator
from functools import partial

import pytest
from tests.support.late_site import sites_are_built_when_asked
from tests.support.made_tables import tables_are_made_once
from tests.support.redis_server import RedisServer
from tests.support.watch import logs, nothing_blocks_and_nothing_is_left

from conclave.app import entry
from conclave.auth.passwords import Cost, Passwords

__all__ = [
    "cheap_passwords",
    "logs",
    "nothing_blocks_and_nothing_is_left",
    "sites_are_built_when_asked",
    "tables_are_made_once",
]


@pytest.fixture
def cheap_passwords(monkeypatch):
    """Hash for next to nothing, where the cost is not what is tested."""
    monkeypatch.setattr(entry, "Passwords", partial(Passwords, Cost(memory_kib=8, passes=1)))


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One for a module, where no test takes it away."""
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.kill()
