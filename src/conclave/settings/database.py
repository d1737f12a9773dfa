"""What can be wrong with addresses of databases; nothing of them is told: they have passwords."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

_SCHEMES: Final = ("postgresql", "postgres")
_REDIS_SCHEMES: Final = ("redis", "rediss", "unix")
# What an access list of Redis takes as it is.
_CHANNEL: Final = re.compile(r"[!-)+-~]{1,128}")


def wrong_database(url: str | None, named: Callable[[str], str], *, demo: bool) -> list[str]:
    """Return what is wrong with *url*, each line with its fix."""
    if url is None:
        return []
    name = named("database")
    if not _is_database(url):
        return [f"{name} is no database: write postgresql://user@host/name"]
    if demo:
        return [f"{name} with {named('demo')}: the demo lets anybody in, and has its own data"]
    return []


def _is_database(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and len(parts.path) > 1


def wrong_redis(
    url: str | None, channel: str, named: Callable[[str], str], *, has_database: bool
) -> list[str]:
    """Return what is wrong with *url* or *channel*, each line with its fix."""
    found = []
    if not _CHANNEL.fullmatch(channel):
        found.append(
            f"{named('redis_channel')} is {channel!r}: write 128 letters at most, without spaces "
            "or asterisks"
        )
    if url is None:
        return found
    if not _is_redis(url):
        found.append(f"{named('redis')} is no address: write redis://host:6379")
    if not has_database:
        found.append(
            f"{named('redis')} without {named('database')}: nodes share a database of PostgreSQL; "
            "give both, or neither"
        )
    return found


def _is_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    place = parts.path if parts.scheme == "unix" else parts.hostname
    return parts.scheme in _REDIS_SCHEMES and bool(place)
