"""Where the bytes of attachments lie, each named by what it is."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Protocol


class Finished(NamedTuple):
    """What came in, complete and durable."""

    # SHA-256, in hexadecimal.
    digest: str
    size: int


class Incoming(Protocol):
    """Bytes on their way in, which nobody can ask for yet."""

    @property
    def path(self) -> Path:
        """Where they lie, for who reads or writes them as a file."""

    def write(self, data: bytes) -> None:
        """Take what comes next."""

    def finish(self) -> Finished:
        """Let nothing more come, make them durable, and return what they are."""

    def discard(self) -> None:
        """Have them gone, if they were not put. Idempotent."""


class Blob(Protocol):
    """Bytes that are being read; close it."""

    @property
    def size(self) -> int: ...

    def read(self, at: int, most: int) -> bytes:
        """Return up to *most* bytes from *at*, none at the end."""

    def close(self) -> None: ...


class Blobs(Protocol):
    """
    Keeps bytes under their SHA-256; the same bytes are kept once.

    All of it blocks: call it in a thread. `OSError` says that the disk fails.
    """

    def clear_incoming(self) -> None:
        """Remove what a process that is gone was taking in: call it before anything comes."""

    def receive(self) -> Incoming:
        """Begin to take something in."""

    def put(self, incoming: Incoming, digest: str) -> None:
        """
        Keep what was taken in under its *digest*; durable when this returns.

        May be said again of the same, until it is discarded.
        """

    def open(self, digest: str) -> Blob | None:
        """Return what lies under *digest*, None if there is nothing."""

    def remove(self, digests: Iterable[str]) -> None:
        """
        Have them gone; what is not there is passed over.

        Where several nodes keep them together, what some attachment has by now stays.
        """

    def digests(self) -> list[str]:
        """Return all that lies here."""
