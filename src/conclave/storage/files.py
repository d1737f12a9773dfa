"""
The files of attachments beside a database: copied with it, put back with it, and checked.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from conclave.storage.blobs import BlobDirectory, sha256_of, share
from conclave.storage.driver import driver

_ALL: Final = """
    SELECT digest FROM attachments UNION SELECT thumb_digest FROM attachments
    WHERE thumb_digest IS NOT NULL ORDER BY 1
"""
_TABLE: Final = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'attachments'"
_HAS: Final = "SELECT 1 FROM attachments WHERE digest = ?1 OR thumb_digest = ?1"


def digests_of(connection: Any) -> list[str]:
    """Return which bytes the attachments of a database have, through the driver's connection."""
    if connection.execute(_TABLE).fetchone() is None:
        # Of a version that had none.
        return []
    return [digest.hex() for (digest,) in connection.execute(_ALL)]


def digests_in(database: Path) -> list[str]:
    with closing(_reading(database)) as connection:
        return digests_of(connection)


def _reading(database: Path) -> Any:
    connection = driver().connect(database, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    return connection


def carry(database: Path, source: BlobDirectory, target: BlobDirectory) -> None:
    """Let *target* have the files of *database* that *source* has, besides what it has."""
    for _missing in share(source, digests_in(database), target):
        # Said by who looks afterwards: `missing_files`.
        pass


def keep_only(database: Path, blobs: BlobDirectory) -> None:
    """Remove what *blobs* has besides the files of *database*."""
    blobs.remove(set(blobs.digests()) - set(digests_in(database)))


def missing_files(database: Path, blobs: BlobDirectory) -> Iterator[str]:
    """Give the digest of each file of *database* that is not there."""
    return (digest for digest in digests_in(database) if not blobs.place(digest).exists())


def wrong_files(database: Path, blobs: BlobDirectory, now: Path) -> Iterator[str]:
    """
    Give a line for each file of *database* that is missing, or is not what it was.

    *now* is the database as it is at this moment: what is not in that may be gone.
    """
    for digest in digests_in(database):
        place = blobs.place(digest)
        try:
            if sha256_of(place) != digest:
                yield f"the file {place} is damaged"
        except FileNotFoundError:
            if _is_known(now, digest):
                yield f"the file {place} is missing"
        except OSError as error:
            yield f"the file {place} cannot be read: {error.strerror}"


def _is_known(database: Path, digest: str) -> bool:
    with closing(_reading(database)) as connection:
        found = connection.execute(_HAS, (bytes.fromhex(digest),)).fetchone()
    return found is not None
