"""
Gives memory back to the system that a burst has left behind.

The C library keeps what was freed for the next burst; a chat is idle most of the time, and
its peers come back all at once after a deploy. Only where that library is glibc.
"""

import asyncio
import ctypes
from collections.abc import Callable
from typing import Final

# Seconds between two times; it takes about a millisecond, outside of the event loop.
INTERVAL: Final = 30.0


async def give_back() -> None:
    """Return free memory to the system, if the C library can (malloc_trim(3))."""
    if (trim := _trim()) is not None:
        await asyncio.to_thread(trim, 0)


def _trim() -> Callable[[int], int] | None:
    # None names this process: its C library, whatever it is called there.
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim
