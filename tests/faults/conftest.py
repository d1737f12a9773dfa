"""Every test here: no blocking call in the loop, no task left behind (J10)."""

from tests.support.late_site import sites_are_built_when_asked
from tests.support.made_tables import tables_are_made_once
from tests.support.redis_server import redis
from tests.support.watch import logs, nothing_blocks_and_nothing_is_left

__all__ = [
    "logs",
    "nothing_blocks_and_nothing_is_left",
    "redis",
    "sites_are_built_when_asked",
    "tables_are_made_once",
]
