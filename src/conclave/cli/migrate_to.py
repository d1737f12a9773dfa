"""`conclave migrate-to`: from SQLite's file into a database of PostgreSQL."""

from pathlib import Path

from conclave.cli.errand import Data, Meter, attempt, directory, say
from conclave.settings.database import wrong_database
from conclave.storage.errors import CannotDo


def migrate_to(url: str, /, *, data: Data = None) -> int:
    """
    Move all that is kept into the empty PostgreSQL database at URL; the server must not run.

    It is all moved, and compared, or nothing is. The file stays as it is. Then give the
    server the same URL as --database.
    """
    return attempt(lambda: _move(directory(data), url), left="nothing was moved")


def _move(data: Path, url: str) -> None:
    for problem in wrong_database(url, lambda _: "URL", demo=False):
        raise CannotDo(problem)
    try:
        # Its driver is not for everybody to install, nor to load.
        from conclave.storage.postgres.connecting import named
        from conclave.storage.postgres.moving import move
    except ImportError as missing:
        raise CannotDo(f"it needs {missing.name}: pip install 'conclave-chat[postgres]'") from None
    with Meter("migrate-to") as meter:
        moved = move(data, url, meter)
    say(f"{named(url)}: {moved.rows} rows of {moved.tables} tables, as they are in {data}")
