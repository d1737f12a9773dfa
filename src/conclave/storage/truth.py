"""Which database there is: SQLite's file, unless one of PostgreSQL is named."""

from collections.abc import Callable
from pathlib import Path

from conclave.storage.errors import CannotOpen
from conclave.storage.lines import now_ms
from conclave.storage.sqlite import SqliteStore
from conclave.storage.sqlstore import SqlStore


async def open_truth(
    home: Path,
    url: str | None,
    *,
    clock: Callable[[], int] = now_ms,
    alone: bool = True,
    held: int | None = None,
) -> SqlStore:
    """
    Open the store in the directory *home*, or the one in *url*. Raises `CannotOpen`.

    Unless it is to be *alone*, others may have the database at *url* open too. *held*
    is the lock of the directory, where this process shares one.
    """
    if url is None:
        return await SqliteStore.open(home, clock=clock)
    try:
        # Its driver is not for everybody to install, nor to load.
        from conclave.storage.postgres.store import PostgresStore
    except ImportError as missing:
        raise CannotOpen(
            f"PostgreSQL needs {missing.name}: pip install 'conclave-chat[postgres]'"
        ) from missing
    return await PostgresStore.open(url, home, clock=clock, alone=alone, held=held)
