"""
The directory a node keeps everything in, and the lock that makes it one node's alone.

The directory is the owner's only (0700), as are the files in it (0600).
"""

import fcntl
import os
from pathlib import Path
from typing import Final

from conclave.storage.errors import CannotOpen

_LOCK: Final = "conclave.lock"
DATABASE: Final = "conclave.db"
# What SQLite has beside it.
SIDE_FILES: Final = ("-wal", "-shm", "-journal")
# Names in the directory that a running node, or the next one, takes for its own.
OWN: Final = frozenset(
    {
        _LOCK,
        "control.sock",
        "secret.key",
        "secret.key.old",
        DATABASE,
        *(DATABASE + end for end in SIDE_FILES),
    }
)
# In the lock, while the database is open.
_OPEN: Final = b"open\n"
# https://www.sqlite.org/fileformat2.html#walformat
_WAL_MAGIC: Final = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")


class DataDirectory:
    """
    A data directory that is ours until `release`.

    The lock is the kernel's (`flock`): it ends with the process, however that ends, so
    there are no stale ones. Processes that share one hand it on as *held*, a descriptor. Raises
    `CannotOpen`.
    """

    def __init__(self, path: Path, held: int | None = None) -> None:
        self.path = path
        if held is None:
            _make(path)
            self._fd, self._was_open = _lock(path)
        else:
            # Of the process that hands it on: what it says of the file is not ours to change.
            self._fd, self._was_open = held, False
        self._shared = held is not None
        self._was_lost = self.wal_is_lost
        self._is_settled = False

    @property
    def lock(self) -> int:
        """The descriptor that holds the lock."""
        return self._fd

    @property
    def database(self) -> Path:
        return self.path / DATABASE

    @property
    def wal_is_lost(self) -> bool:
        """
        Whether a process died with the database open, and its WAL is not there any more.

        Then what was acknowledged last may be lost. One that was cut at its end cannot be
        told from one that ended there.
        """
        wal = self._wal
        if not self._was_open or not self.database.exists():
            return False
        if not wal.exists():
            return True
        with wal.open("rb") as file:
            return (file.read(4) or _WAL_MAGIC[0]) not in _WAL_MAGIC

    def opened(self) -> None:
        """Note that the database is in use from now on, until `release`."""
        if not self._was_open:
            os.pwrite(self._fd, _OPEN, os.fstat(self._fd).st_size)
        self._is_settled = True

    def replaced(self) -> None:
        """Note that the database is another one now: of this one nothing is lost."""
        self._is_settled = True

    def release(self) -> None:
        """
        Let another process have it; calling again does nothing.

        Whoever has only read leaves what the next server must hear: that a WAL is lost, or
        could still be.
        """
        if self._shared:
            # Whoever else has it keeps it.
            os.close(self._fd)
            self._fd, self._shared = -1, False
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            if self._was_open and not self._is_settled and (self._was_lost or self._wal.exists()):
                os.pwrite(self._fd, b"\n" + _OPEN, 0)
            os.close(self._fd)
            self._fd = -1

    @property
    def _wal(self) -> Path:
        return self.path / (DATABASE + "-wal")


def _make(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise CannotOpen(f"cannot use the data directory {path}: {error.strerror}") from error


def _lock(path: Path) -> tuple[int, bool]:
    """Return the lock's descriptor, and whether a process before had the database open."""
    try:
        fd = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotOpen(f"cannot write in the data directory {path}: {error.strerror}") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(fd, 32).decode("ascii", "replace").partition("\n")[0]
        os.close(fd)
        raise CannotOpen(
            f"the data directory {path} is in use by the process {holder or 'unknown'}: "
            "stop that one, or choose another with --data"
        ) from error
    was_open = _OPEN in os.read(fd, 32)
    # Kept until it is settled, should we be killed before.
    mine = f"{os.getpid()}\n".encode() + (_OPEN if was_open else b"")
    os.ftruncate(fd, 0)
    os.pwrite(fd, mine, 0)
    return fd, was_open


def sync_directory(path: Path) -> None:
    """Make durable which files *path* has: a name that was given or taken is lost without it."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
