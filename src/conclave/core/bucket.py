"""One token bucket, told the time by its caller; what a user may do is made of them."""

from dataclasses import dataclass
from math import ceil
from typing import Final

# Who waited as long as it was told shall not be refused for a rounding of the clock.
_WHOLE: Final = 1 - 1e-6


class Bucket:
    """`rate` tokens a second up to `burst`; a rate of 0 has no limit."""

    __slots__ = ("_at", "_burst", "_left", "_rate", "_taken")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        # Since `spent` was asked last.
        self._taken = 0
        self._burst = burst
        self._left = burst
        self._at = now

    def take(self, now: float) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        wait = self.wait(now)
        if not wait:
            self._left -= 1
            self._taken += 1
        return wait

    def spent(self, now: float) -> int:
        """Return how many were taken since it was asked last; 0, while half of them are left."""
        self.wait(now)
        taken, self._taken = self._taken, 0
        # What was taken long ago has come back.
        return min(taken, ceil(self._burst)) if self._left <= self._burst / 2 else 0

    def owe(self, tokens: int, now: float) -> None:
        """Take so many that were spent elsewhere: what is not there must come back first."""
        self.wait(now)
        self._left = max(self._left - tokens, -self._burst)

    def wait(self, now: float) -> float:
        """Return the seconds until there is a token, 0 if there is one, and take none."""
        if not self._rate:
            return 0.0
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        return 0.0 if self._left >= _WHOLE else (1 - self._left) / self._rate

    def full(self, now: float) -> bool:
        """Return whether nothing would change if this bucket were made anew."""
        return self._left + (now - self._at) * self._rate >= self._burst

    def left(self, now: float) -> "Left":
        """Return what is left of it; it must have a limit."""
        self.wait(now)
        missing = self._burst - self._left
        return Left(self._burst, self._burst / self._rate, self._left, missing / self._rate)


@dataclass(frozen=True, slots=True)
class Left:
    """How much of an allowance is left: *most* at once, which come back within *within* seconds."""

    most: float
    within: float
    now: float
    # Seconds until there is as much as there can be.
    whole_in: float
