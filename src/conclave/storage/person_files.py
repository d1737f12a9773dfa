"""
What is kept of one person as a file, written beside a server at work.

The file is written to the disk before anybody is sent it: a slow reader must not hold a moment
of the database open, since the WAL cannot be emptied meanwhile. It has no name, so that nothing
is left of it, however this ends.
"""

import asyncio
import shutil
import time
from tempfile import TemporaryFile
from typing import IO, Final

from conclave.protocol.errors import Code, Reject
from conclave.storage.backup import interruptible
from conclave.storage.errors import CannotDo
from conclave.storage.exporting import export_from
from conclave.storage.sqlstore import SqlStore

# Between two slices of lines, so that it does not compete with those who chat.
_REST_S: Final = 0.005
# What chat must find free on the disk.
LEAVE_FREE_BYTES: Final = 256 << 20


class PersonFiles:
    """Writes one at a time, of *store*; end it with `close`."""

    def __init__(self, store: SqlStore, leave_free: int = LEAVE_FREE_BYTES) -> None:
        self._store = store
        self._leave_free = leave_free
        self._blobs = store.blobs()
        self._one_at_a_time = asyncio.Lock()
        self._closed = False

    async def write(self, user: str) -> IO[bytes]:
        """
        Return the file of *user*, complete and at its beginning; close it to have it gone.

        Raises `not_found` for an unknown user, and `unavailable` where the disk has no room for
        it or the server stops.
        """
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._write, user)

    async def close(self) -> None:
        """Call off what is being written, and wait for its end."""
        self._closed = True
        async with self._one_at_a_time:
            pass

    def _write(self, user: str) -> IO[bytes]:
        self._look()
        file: IO[bytes] = TemporaryFile(dir=self._store.home)  # noqa: SIM115 - the caller closes it
        try:
            with self._store.reading() as connection, interruptible(connection, self._pause):
                export_from(connection, self._blobs, file.write, of=user, tell=self._pause)
            file.seek(0)
        except BaseException as error:
            file.close()
            raise _refusal(error) from error
        return file

    def _pause(self, _done: int, _of: int) -> None:
        self._look()
        time.sleep(_REST_S)

    def _look(self) -> None:
        if self._closed:
            raise Reject(Code.UNAVAILABLE, "The server is being stopped")
        if shutil.disk_usage(self._store.home).free < self._leave_free:
            raise Reject(Code.UNAVAILABLE, "The server's disk has no room for this")


def _refusal(error: BaseException) -> BaseException:
    """Return what is said of *error* to whoever asked for the file."""
    if isinstance(error, CannotDo):
        return Reject(Code.NOT_FOUND)
    if isinstance(error, OSError):
        return Reject(Code.UNAVAILABLE, "The server's disk has no room for this")
    return error
