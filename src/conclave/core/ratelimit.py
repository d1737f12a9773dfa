"""How often somebody may do something: a token bucket, told the time by its caller."""

from math import ceil
from typing import Final

from conclave.protocol.errors import Close, Code, Disconnect, Reject

# Who tries this many times as often as allowed, for so many seconds, is not confused but
# hostile: refusals alone do not stop it.
FLOOD: Final = 3.0
SUSTAINED: Final = 10.0
# Of all its requests a connection may make so many times what a user may write: joins,
# pages of history and signs of life are cheaper, and come in bursts.
REQUESTS: Final = 5.0
# Who waited as long as it was told shall not be refused for a rounding of the clock.
_WHOLE: Final = 1 - 1e-6
# Seconds between two looks for users who could start afresh.
SWEEP_EVERY: Final = 10.0


class Bucket:
    """`rate` tokens a second up to `burst`; a rate of 0 has no limit."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = now

    def take(self, now: float) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        if not self._rate:
            return 0.0
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < _WHOLE:
            return (1 - self._left) / self._rate
        self._left -= 1
        return 0.0

    def full(self, now: float) -> bool:
        """Return whether nothing would change if this bucket were made anew."""
        return self._left + (now - self._at) * self._rate >= self._burst


class Allowance:
    """What one user may write: a bucket, and a wider one that tells a flood."""

    __slots__ = ("_bucket", "_flood")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._bucket = Bucket(rate, burst, now)
        self._flood = Bucket(rate * FLOOD, (burst + rate * SUSTAINED) * FLOOD, now)

    def take(self, now: float) -> tuple[float, bool]:
        """Return the seconds to wait (0: go on), and whether this is a flood."""
        flood = self._flood.take(now) > 0
        return self._bucket.take(now), flood

    def spend(self, now: float) -> None:
        """Take one; raises `rate_limited` with the time to wait, and `Disconnect` for a flood."""
        wait, flood = self.take(now)
        if flood:
            raise Disconnect(Close.RATE_LIMITED, "Too many requests for too long")
        if wait:
            raise Reject(Code.RATE_LIMITED, retry_after_ms=ceil(wait * 1000))

    def full(self, now: float) -> bool:
        return self._bucket.full(now) and self._flood.full(now)


class Allowances:
    """What each user may still write; users who could start afresh are forgotten."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._users: dict[str, Allowance] = {}
        self._swept_at = 0.0

    def spend(self, user: str, now: float) -> None:
        """Take one from *user*'s allowance; raises as `Allowance.spend`."""
        if not self._rate:
            return
        self._sweep(now)
        allowance = self._users.get(user)
        if allowance is None:
            allowance = self._users[user] = Allowance(self._rate, self._burst, now)
        allowance.spend(now)

    def _sweep(self, now: float) -> None:
        if now - self._swept_at < SWEEP_EVERY:
            return
        self._swept_at = now
        self._users = {u: a for u, a in self._users.items() if not a.full(now)}
