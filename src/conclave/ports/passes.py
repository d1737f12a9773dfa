"""What is handed out for a moment, such as a ticket or a challenge, and taken back once."""

from typing import Protocol


class Passes(Protocol):
    """
    Things that are good for some uses and some seconds, on whichever node they come back to.

    *key*: a digest of what was handed out, which itself is never kept. Each method may raise
    the store's `Reject`s.
    """

    async def put(
        self, key: bytes, value: bytes, seconds: float, *, group: str, most: int, uses: int = 1
    ) -> None:
        """Keep *value* under *key*; of more than *most* in a *group* the oldest goes."""

    async def use(self, key: bytes) -> bytes | None:
        """Return what is kept under *key* and use it up once; None if it is not good (any more)."""

    async def drop(self, key: bytes) -> None:
        """Make it worthless; idempotent."""
