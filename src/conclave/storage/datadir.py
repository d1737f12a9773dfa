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


class DataDirectory:
    """
    A data directory that is ours until `release`.

    The lock is the kernel's (`flock`): it ends with the process, however that ends, so
    there are no stale ones. Raises `CannotOpen`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _make(path)
        self._fd = _lock(path)

    @property
    def database(self) -> Path:
        return self.path / DATABASE

    def release(self) -> None:
        """Let another process have it; calling again does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _make(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise CannotOpen(f"cannot use the data directory {path}: {error.strerror}") from error


def _lock(path: Path) -> int:
    try:
        fd = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotOpen(f"cannot write in the data directory {path}: {error.strerror}") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(fd, 32).decode("ascii", "replace").strip()
        os.close(fd)
        raise CannotOpen(
            f"the data directory {path} is in use by the process {holder or 'unknown'}: "
            "stop that one, or choose another with --data"
        ) from error
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd
