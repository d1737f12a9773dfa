"""
How long to wait before coming back: full jitter, so that a thousand clients that lost the
same server do not return in the same second. Seconds, as everywhere in the client's rules.
"""

from collections.abc import Callable
from typing import Final

from msgspec import UnsetType

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 30.0
# No advice of a server makes anybody wait longer.
LONGEST_ADVICE: Final = 600.0
# A number on the wire may be larger than any time can be.
_LONGEST_TOLD: Final = 86_400_000

# From 0 up to 1.
Random = Callable[[], float]


def seconds(milliseconds: float | UnsetType | None) -> float:
    """Return a time as a server tells it, at most a day; 0 if it tells none."""
    return min(milliseconds or 0, _LONGEST_TOLD) / 1000


def wait_before(attempt: int, random: Random) -> float:
    """Return how long to wait before attempt number *attempt*; 0 is the first."""
    # Beyond 2^16 the cap holds anyway; the bound keeps the power small.
    return random() * min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt, 16))


def wait_at_least(advice: float, attempt: int, random: Random) -> float:
    """
    Return the same, but never less than what the server advised.

    Its advice may be the same for all, so it cannot stand in for the jitter.
    """
    return max(min(advice, LONGEST_ADVICE), wait_before(attempt, random))
