"""
How many files and sockets this process may have open, and what of that peers may take.

What is kept back is for the database, logs and whatever an application opens: without it a
flood of connections would take the disk away from those who are in.
"""

import resource
from contextlib import suppress
from typing import Final

RESERVED: Final = 64
# Where the system knows no limit, or one that is no limit.
_MOST: Final = 1_048_576


def limit() -> int:
    """Return how many descriptors there may be."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if soft == resource.RLIM_INFINITY else min(soft, _MOST)


def raise_limit() -> None:
    """Allow as many as the system lets this process have: shells begin with 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    # macOS names a higher one than it gives.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, limit()), hard))
