"""
How often somebody may do something: token buckets, told the time by their caller.

Every event belongs to a kind of cost. A user has one allowance of each kind, on all
connections together, and so has a network address, however many users it claims to be.
"""

from dataclasses import dataclass
from enum import IntEnum
from math import ceil
from typing import Final

from conclave.core.address import network_of
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
# Seconds between two looks for those who could start afresh.
SWEEP_EVERY: Final = 10.0


class Cost(IntEnum):
    """What an event costs others, and so which allowance it is taken from."""

    # Nothing of its own: it only counts among all the requests of its connection.
    FREE = 0
    # Is kept for ever and told to a room.
    MESSAGE = 1
    # Comes into a room or goes out of it: a page is read, and the others hear of it.
    JOIN = 2
    # Makes a room.
    ROOM = 3
    # Reads from the store: pages of history, lists.
    READ = 4
    SEARCH = 5
    # Is told to others and forgotten: typing, how far somebody has read.
    SIGNAL = 6


@dataclass(frozen=True, slots=True)
class Share:
    """How an allowance compares with that for messages."""

    rate: float
    burst: float


SHARES: Final = {
    Cost.MESSAGE: Share(1, 1),
    # Who comes back joins all its rooms at once: 150 by default, and there may be 128.
    Cost.JOIN: Share(2, 5),
    # A room is for ever. A person makes some when a chat begins, and then one now and then.
    Cost.ROOM: Share(0.01, 1),
    # Somebody leafs through a room, or several devices come back.
    Cost.READ: Share(2, 4),
    # One takes as long as some messages; nobody types faster.
    Cost.SEARCH: Share(0.5, 0.5),
    # As often as one may write: each message is preceded by typing, and read by others.
    Cost.SIGNAL: Share(1, 1),
}


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
        wait = self.wait(now)
        if not wait:
            self._left -= 1
        return wait

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


class Allowance:
    """What one user may do of one kind: a bucket, and a wider one that tells a flood."""

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
        _wait(wait)

    def full(self, now: float) -> bool:
        return self._bucket.full(now) and self._flood.full(now)


class Allowances:
    """
    What each user and each address may still do; who could start afresh is forgotten.

    *rate* and *burst* are those of a user's messages, 0: no limit at all. An address may do
    as much as *users_per_address*, 0: as much as it likes.
    """

    def __init__(self, rate: float, burst: float, users_per_address: float = 0) -> None:
        self._rate = rate
        self._burst = burst
        self._users_per_address = users_per_address
        self._users: dict[tuple[Cost, str], Allowance] = {}
        self._addresses: dict[tuple[Cost, str], Bucket] = {}
        self._swept_at = 0.0

    def spend(self, cost: Cost, user: str, address: str, now: float) -> None:
        """
        Take one of *cost* from *user*, "" if it is not known yet, and from *address*.

        Raises `rate_limited` with the time to wait, and `Disconnect` for a user's flood. An
        address is only refused: others behind it may be innocent.
        """
        if not self._rate or cost is Cost.FREE:
            return
        self._sweep(now)
        if user:
            self._of_user(cost, user, now).spend(now)
        if self._users_per_address:
            _wait(self._of_address(cost, network_of(address), now).take(now))

    def _of_user(self, cost: Cost, user: str, now: float) -> Allowance:
        allowance = self._users.get((cost, user))
        if allowance is None:
            allowance = self._users[cost, user] = Allowance(*self._bounds(cost, 1), now)
        return allowance

    def _of_address(self, cost: Cost, network: str, now: float) -> Bucket:
        bucket = self._addresses.get((cost, network))
        if bucket is None:
            bounds = self._bounds(cost, self._users_per_address)
            bucket = self._addresses[cost, network] = Bucket(*bounds, now)
        return bucket

    def _bounds(self, cost: Cost, users: float) -> tuple[float, float]:
        share = SHARES[cost]
        # With less than one whole token nothing would ever be let through.
        return self._rate * share.rate * users, max(1.0, self._burst * share.burst * users)

    def _sweep(self, now: float) -> None:
        if now - self._swept_at < SWEEP_EVERY:
            return
        self._swept_at = now
        self._users = {key: one for key, one in self._users.items() if not one.full(now)}
        self._addresses = {key: one for key, one in self._addresses.items() if not one.full(now)}


def _wait(seconds: float) -> None:
    """Raise `rate_limited` unless there is nothing to wait for."""
    if seconds:
        raise Reject(Code.RATE_LIMITED, retry_after_ms=ceil(seconds * 1000))
