"""
Blobs as rows of PostgreSQL, named by their SHA-256: what one node took in, all nodes give.

What comes in is a file of the node until it is whole, as pictures are drawn from files; then it
goes into the database in pieces. No more than a piece of a blob is ever in memory.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg

from conclave.ports.blobs import Incoming
from conclave.storage.blobs import IncomingFile, blobs_in, is_digest
from conclave.storage.postgres.brief import Brief
from conclave.storage.postgres.lanes import JOBS_LOCK
from conclave.storage.postgres.ways import Way

T = TypeVar("T")

TABLES: Final = (
    "CREATE TABLE blobs (digest bytea PRIMARY KEY, size bigint NOT NULL)",
    """
    CREATE TABLE blob_pieces (
        digest bytea NOT NULL REFERENCES blobs ON DELETE CASCADE,
        start bigint NOT NULL,
        data bytea NOT NULL,
        PRIMARY KEY (digest, start)
    )
    """,
    # Pictures and archives are small already, and a part is read without the rest.
    "ALTER TABLE blob_pieces ALTER COLUMN data SET STORAGE EXTERNAL",
)
PIECE_BYTES: Final = 1 << 18
_NEW: Final = "INSERT INTO blobs VALUES (%b, %b) ON CONFLICT DO NOTHING"
_PIECE: Final = "INSERT INTO blob_pieces VALUES (%b, %b, %b)"
_SIZE: Final = "SELECT size FROM blobs WHERE digest = %b"
_ALL: Final = "SELECT digest FROM blobs ORDER BY digest"
_PART: Final = """
    SELECT substring(data
        FROM (greatest(%(at)b, start) - start)::int + 1
        FOR (%(end)b - greatest(%(at)b, start))::int)
    FROM blob_pieces WHERE digest = %(digest)b AND start > %(before)b AND start < %(end)b
    ORDER BY start
"""
# Where somebody has attached the same meanwhile, on whatever node, it stays.
_REMOVE: Final = """
    DELETE FROM blobs WHERE digest = %b
        AND NOT EXISTS (SELECT 1 FROM attachments WHERE digest = %b)
        AND NOT EXISTS (SELECT 1 FROM attachments WHERE thumb_digest = %b)
"""


class PostgresBlobs:
    """
    A `ports.Blobs` in the database *url*; what comes in lies in *home* until it is put.

    What some attachment has is never removed. Every refusal of the database is a `Reject`.
    """

    def __init__(self, url: str, home: Path, leave_free: int = 0, way: Way | None = None) -> None:
        self._files = blobs_in(home, leave_free)
        self._brief = Brief(url, way)

    def clear_incoming(self) -> None:
        self._files.clear_incoming()

    def receive(self) -> IncomingFile:
        return self._files.receive()

    def put(self, incoming: Incoming, digest: str) -> None:
        self.take(incoming.path, digest)

    def take(self, path: Path, digest: str) -> None:
        """Do as `put` with the file at *path*, which stays as it is."""
        name = _name(digest)

        def work(cursor: "psycopg.Cursor[Any]") -> None:
            cursor.execute(_NEW, (name, path.stat().st_size))
            if not cursor.rowcount:
                return
            start = 0
            with path.open("rb") as file:
                while piece := file.read(PIECE_BYTES):
                    cursor.execute(_PIECE, (name, start, piece))
                    start += len(piece)

        self._brief.do(work)

    def open(self, digest: str) -> "StoredBlob | None":
        name = _name(digest)
        found = self._brief.do(lambda cursor: cursor.execute(_SIZE, (name,)).fetchone())
        return None if found is None else StoredBlob(self._brief.do, name, found[0])

    def remove(self, digests: Iterable[str]) -> None:
        names = [_name(digest) for digest in digests]

        def work(cursor: "psycopg.Cursor[Any]") -> None:
            # Whoever attaches something holds it, too: nobody does between look and deed.
            cursor.execute("SELECT pg_advisory_xact_lock(%b)", (JOBS_LOCK,))
            cursor.executemany(_REMOVE, [(name, name, name) for name in names])

        if names:
            self._brief.do(work)

    def digests(self) -> list[str]:
        return self._brief.do(lambda cursor: [name.hex() for (name,) in cursor.execute(_ALL)])

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._brief.close()


class StoredBlob:
    """A blob that is being read; see `ports.Blob`. It holds no connection between two reads."""

    def __init__(self, do: "Callable[[Callable[[Any], Any]], Any]", name: bytes, size: int) -> None:
        self._do = do
        self._name = name
        self.size = size

    def read(self, at: int, most: int) -> bytes:
        end = min(at + most, self.size)
        if at >= end:
            return b""
        values = {"digest": self._name, "at": at, "end": end, "before": at - PIECE_BYTES}
        rows = self._do(lambda cursor: cursor.execute(_PART, values).fetchall())
        return b"".join(data for (data,) in rows)

    def close(self) -> None:
        """Nothing: nothing is held."""


def _name(digest: str) -> bytes:
    if not is_digest(digest):
        raise ValueError("no SHA-256")
    return bytes.fromhex(digest)
