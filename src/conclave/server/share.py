"""
How much of one peer is read before others have a turn of the event loop.

uvloop reads up to 32 times in a turn while there is something, and the smallest frames have
six bytes: ten thousand of one peer held up all others.
"""

import asyncio
from typing import Final

# Before others have a turn: about this many to twice as many.
FRAMES: Final = 200


class Share:
    """Count each frame in `frames`; after a read, ask whether that is enough for this turn."""

    __slots__ = ("_at", "frames")

    def __init__(self) -> None:
        # Since when: the loop's time, which stands still within a turn.
        self._at = 0.0
        self.frames = 0

    def is_used_up(self) -> bool:
        """Return whether the peer is to be read on in the next turn only."""
        if self.frames <= FRAMES:
            return False
        before, self._at = self._at, asyncio.get_running_loop().time()
        self.frames = 0
        return before == self._at
