"""The bytes of attachments as lines of an export, in pieces, and back again."""

from collections.abc import Iterator
from typing import Any, Final

from conclave.ports.blobs import Blobs
from conclave.storage.blobs import BlobDirectory, IncomingFile
from conclave.storage.errors import CannotDo
from conclave.storage.transfer import BlobLine

_PIECE_BYTES: Final = 393_216
_OF: Final = """
    SELECT digest FROM attachments WHERE ?1 IS NULL OR user = ?1
    UNION SELECT thumb_digest FROM attachments
    WHERE thumb_digest IS NOT NULL AND (?1 IS NULL OR user = ?1) ORDER BY 1
"""


def bytes_of(connection: Any, blobs: Blobs, user: str | None) -> Iterator[BlobLine]:
    """Give the bytes of all attachments, or those of *user*; what is not there is passed over."""
    for (digest,) in connection.execute(_OF, (user,)).fetchall():
        blob = blobs.open(digest.hex())
        if blob is None:
            continue
        try:
            for at in range(0, max(blob.size, 1), _PIECE_BYTES):
                last = at + _PIECE_BYTES >= blob.size
                yield BlobLine(digest=digest.hex(), data=blob.read(at, _PIECE_BYTES), last=last)
        finally:
            blob.close()


class TakenBytes:
    """Takes the lines of bytes into *blobs*; `undo` where the import comes to nothing."""

    def __init__(self, blobs: BlobDirectory) -> None:
        self._blobs = blobs
        self._growing: tuple[str, IncomingFile] | None = None
        self._put: list[str] = []

    def take(self, line: BlobLine) -> None:
        digest, file = self._growing or (line.digest, self._blobs.receive())
        self._growing = digest, file
        if digest != line.digest:
            raise CannotDo(f"bytes of {line.digest} among those of {digest}")
        file.write(line.data)
        if line.last:
            self._keep(digest, file)

    def end(self) -> None:
        """Raise `CannotDo` if some bytes are not whole."""
        if self._growing is not None:
            raise CannotDo(f"the bytes of {self._growing[0]} are not whole")
        self._blobs.clear_incoming()

    def undo(self) -> None:
        """Have all gone that was taken."""
        self._blobs.remove(self._put)
        self._blobs.clear_incoming()
        self._blobs.remove_if_empty()

    def _keep(self, digest: str, file: IncomingFile) -> None:
        if file.finish().digest != digest:
            raise CannotDo(f"the bytes of {digest} are others")
        self._blobs.put(file, digest)
        self._put.append(digest)
        self._growing = None
