"""
Which settings a server that runs takes when it is told to reload; all others want a restart.

They bound what comes from now on: whoever is in already stays, and nothing that was said to
clients at their start becomes untrue.
"""

from dataclasses import fields
from typing import Final

from conclave.settings.derived import Settings

LIVE: Final = frozenset(
    {
        "audit_days",
        "connection_rate",
        "http_rate",
        "log_level",
        "max_connections",
        "max_connections_per_address",
        "max_connections_per_user",
        "max_http",
        "max_http_per_address",
        "max_unauthenticated_per_address",
        "retention_days",
        "retention_messages",
    }
)


def changed(old: Settings, new: Settings) -> tuple[list[str], list[str]]:
    """Return the names of what differs: what a reload takes, and what wants a restart."""
    differ = [
        one.name for one in fields(Settings) if getattr(old, one.name) != getattr(new, one.name)
    ]
    return [name for name in differ if name in LIVE], [name for name in differ if name not in LIVE]
