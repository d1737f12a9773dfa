"""
Blobs as files of one directory, named by their SHA-256.

A file appears under its name complete and synced, and never changes: so copies may share it.
"""

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from conclave.ports.blobs import Finished, Incoming
from conclave.storage.datadir import sync_directory

# In the data directory, and the end of its name beside a backup.
DIRECTORY: Final = "attachments"
_INCOMING: Final = "incoming"
_HEX: Final = frozenset("0123456789abcdef")


class BlobDirectory:
    """
    The blobs of one folder, which is made when something comes.

    *leave_free*: bytes of the disk that what comes in must leave to others.
    """

    def __init__(self, path: Path, leave_free: int = 0) -> None:
        self.path = path
        self._leave_free = leave_free

    def clear_incoming(self) -> None:
        """Remove what a process that is gone was taking in: call it before anything comes."""
        shutil.rmtree(self.path / _INCOMING, ignore_errors=True)

    def receive(self) -> "IncomingFile":
        folder = self.path / _INCOMING
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return IncomingFile(folder / secrets.token_hex(16), self._leave_free)

    def put(self, incoming: Incoming, digest: str) -> None:
        place = self.place(digest)
        _make_folder(place.parent)
        if not place.exists():
            incoming.path.rename(place)
            sync_directory(place.parent)

    def open(self, digest: str) -> "OpenBlob | None":
        try:
            return OpenBlob(os.open(self.place(digest), os.O_RDONLY | os.O_CLOEXEC))
        except FileNotFoundError:
            return None

    def remove(self, digests: Iterable[str]) -> None:
        for digest in digests:
            self.place(digest).unlink(missing_ok=True)

    def remove_if_empty(self) -> None:
        """Remove the folder, if nothing is kept in it."""
        if self.path.is_dir() and not self.digests():
            shutil.rmtree(self.path)

    def digests(self) -> list[str]:
        if not self.path.is_dir():
            return []
        folders = [one for one in self.path.iterdir() if len(one.name) == 2 and one.is_dir()]
        names = (file.name for folder in folders for file in folder.iterdir())
        return sorted(filter(is_digest, names))

    def place(self, digest: str) -> Path:
        """Return where a blob lies, or would; raises `ValueError` for what is no digest."""
        if not is_digest(digest):
            raise ValueError("no SHA-256")
        return self.path / digest[:2] / digest


def blobs_in(data: Path, leave_free: int = 0) -> BlobDirectory:
    """Return those of a data directory."""
    return BlobDirectory(data / DIRECTORY, leave_free)


def blobs_beside(backup: Path) -> BlobDirectory:
    """Return those that belong to a backup."""
    return BlobDirectory(backup.with_name(f"{backup.name}.{DIRECTORY}"))


def is_digest(name: str) -> bool:
    return len(name) == 64 and _HEX.issuperset(name)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in (folder.parent, folder.parent.parent):
            sync_directory(one)


class IncomingFile:
    """A file that is being written; see `ports.Incoming`."""

    def __init__(self, path: Path, leave_free: int = 0) -> None:
        self.path = path
        self._leave_free = leave_free
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, data: bytes) -> None:
        disk = os.fstatvfs(self._fd)
        if disk.f_bavail * disk.f_frsize < self._leave_free + len(data):
            raise OSError(errno.ENOSPC, "what is left of the disk is for messages")
        left = memoryview(data)
        while left:
            left = left[os.write(self._fd, left) :]

    def finish(self) -> Finished:
        os.fsync(self._fd)
        size = os.fstat(self._fd).st_size
        self._close()
        # Read back: also what another process has written.
        return Finished(sha256_of(self.path), size)

    def discard(self) -> None:
        self._close()
        with suppress(FileNotFoundError):
            self.path.unlink()

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class OpenBlob:
    """A file that is being read; see `ports.Blob`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.size = os.fstat(fd).st_size

    def read(self, at: int, most: int) -> bytes:
        return os.pread(self._fd, most, at)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def sha256_of(path: Path) -> str:
    """Return the digest that the bytes of *path* have now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def share(source: BlobDirectory, digests: Iterable[str], target: BlobDirectory) -> Iterator[str]:
    """
    Let *target* have these blobs of *source* too, durably; give the digests of what is missing.

    On one file system both have the same file, which takes no room.
    """
    folders = set()
    for digest in digests:
        place, found = target.place(digest), source.place(digest)
        if place.exists():
            continue
        if not found.exists():
            yield digest
            continue
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _link_or_copy(found, place)
        except FileNotFoundError:
            # Removed just now by a server that goes on: it is nobody's any more.
            yield digest
        else:
            folders.add(place.parent)
    for folder in folders:
        sync_directory(folder)
    if folders:
        sync_directory(target.path)
        sync_directory(target.path.parent)


def _link_or_copy(found: Path, place: Path) -> None:
    try:
        os.link(found, place)
    except OSError:
        growing = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
        shutil.copyfile(found, growing)
        growing.chmod(0o600)
        with growing.open("rb") as copy:
            os.fsync(copy.fileno())
        growing.rename(place)
