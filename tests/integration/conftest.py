"""Every test here: no blocking call in the loop, no task left behind (J10)."""

from functools import partial

import pytest
from tests.support.late_site import sites_are_built_when_asked
from tests.support.made_tables import tables_are_made_once
from tests.support.redis_server import redis, shared_redis
from tests.support.watch import logs, nothing_blocks_and_nothing_is_left

from conclave.app import entry
from conclave.auth.passwords import Cost, Passwords

__all__ = [
    "cheap_passwords",
    "logs",
    "nothing_blocks_and_nothing_is_left",
    "redis",
    "shared_redis",
    "sites_are_built_when_asked",
    "tables_are_made_once",
]


@pytest.fixture
def cheap_passwords(monkeypatch):
    """Hash for next to nothing, where the cost is not what is tested."""
    monkeypatch.setattr(entry, "Passwords", partial(Passwords, Cost(memory_kib=8, passes=1)))
