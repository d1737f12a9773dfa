"""Write what is in PostgreSQL as the lines of an export, beside servers that go on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from conclave.model import Note
from conclave.protocol.errors import Reject
from conclave.storage.audit import record_each
from conclave.storage.backup import Progress, quiet
from conclave.storage.driver import raw
from conclave.storage.errors import CannotDo
from conclave.storage.exporting import export_from
from conclave.storage.lines import now_ms
from conclave.storage.postgres.blobs import PostgresBlobs
from conclave.storage.postgres.connecting import named, reading_engine, why, writing_engine
from conclave.storage.postgres.lanes import take_jobs
from conclave.storage.postgres.schema import revision
from conclave.storage.schema import newest_revision


def export(
    url: str,
    home: Path,
    write: Callable[[bytes], Any],
    *,
    of: str | None = None,
    tell: Progress = quiet,
) -> int:
    """
    Do as `storage.exporting.export`, from the database *url*; nothing is put into *home*.

    Raises `CannotDo`, also where the database has another schema than this version.
    """
    blobs = PostgresBlobs(url, home)
    try:
        with reading_engine(url).connect() as connection, connection.begin():
            if revision(connection) != newest_revision():
                raise CannotDo(f"{named(url)} has another schema than this version: start it once")
            source = raw(connection).streaming()
            return export_from(source, blobs, write, of=of, tell=tell)
    except DBAPIError as error:
        raise CannotDo(f"{named(url)}: {why(error, url)}") from None
    except Reject:
        raise CannotDo(f"{named(url)}: an attachment cannot be read now") from None
    finally:
        blobs.close()


def record(url: str, note: Note) -> None:
    """Write *note* into the audit log of the database *url*. Raises `CannotDo`."""
    try:
        with writing_engine(url).connect() as connection, connection.begin():
            take_jobs(connection)
            record_each(connection, [(now_ms(), note)])
    except DBAPIError as error:
        raise CannotDo(f"{named(url)}: {why(error, url)}") from None
