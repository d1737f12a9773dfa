"""What can be wrong with the address of a database; nothing of it is told: it has a password."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

_SCHEMES: Final = ("postgresql", "postgres")


def wrong_database(url: str | None, named: Callable[[str], str], *, demo: bool) -> list[str]:
    """Return what is wrong with *url*, each line with its fix."""
    if url is None:
        return []
    name = named("database")
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in _SCHEMES and len(parts.path) > 1
    except ValueError:
        is_address = False
    if not is_address:
        return [f"{name} is no database: write postgresql://user@host/name"]
    if demo:
        return [f"{name} with {named('demo')}: the demo lets anybody in, and has its own data"]
    return []
