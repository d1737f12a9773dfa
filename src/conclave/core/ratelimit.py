"""
How often somebody may do something: token buckets, told the time by their caller.

Every event belongs to a kind of cost. A user has one allowance of each kind, on all
connections together, and so has a network address, however many users it claims to be.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from math import ceil
from typing import Final, Generic, Protocol, TypeVar

from conclave.core.address import network_of
from conclave.core.bucket import Bucket, Left
from conclave.model.meters import Tally
from conclave.protocol.errors import Close, Code, Disconnect, Reject

# Who tries this many times as often as allowed, for so many seconds, is not confused but
# hostile: refusals alone do not stop it.
FLOOD: Final = 3.0
SUSTAINED: Final = 10.0
# Of all its requests a connection may make so many times what a user may write: joins,
# pages of history and signs of life are cheaper, and come in bursts.
REQUESTS: Final = 5.0


class Cost(IntEnum):
    """What an event costs others, and so which allowance it is taken from."""

    # Nothing of its own: it only counts among all the requests of its connection. It alone is
    # false.
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


class Allowance:
    """What one user may do of one kind: a bucket, and a wider one that tells a flood."""

    __slots__ = ("_bucket", "_flood", "_unbound")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._unbound = not rate
        self._bucket = Bucket(rate, burst, now)
        self._flood = Bucket(rate * FLOOD, (burst + rate * SUSTAINED) * FLOOD, now)

    def spend(self, now: float) -> None:
        """Take one; raises `rate_limited` with the time to wait, and `Disconnect` for a flood."""
        if self._unbound:
            return
        self.tried(now)
        _wait(self._bucket.take(now))

    def tried(self, now: float) -> None:
        """Note a try that was refused elsewhere; raises `Disconnect` for a flood."""
        if self._flood.take(now):
            raise Disconnect(Close.RATE_LIMITED, "Too many requests for too long")

    def full(self, now: float) -> bool:
        return self._bucket.full(now) and self._flood.full(now)

    def left(self, now: float) -> Left:
        return self._bucket.left(now)

    def spent(self, now: float) -> int:
        """As `Bucket.spent`."""
        return self._bucket.spent(now)

    def owe(self, tokens: int, now: float) -> None:
        """As `Bucket.owe`: a flood is only what one node sees."""
        self._bucket.owe(tokens, now)


class _Rests(Protocol):
    def full(self, now: float) -> bool:
        """Return whether nothing would change if this were made anew."""


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=_Rests)


class _Kept(Generic[K, V]):
    """
    What was made for each key, for as long as it could not be made anew.

    Each look at one also looks at the two that were looked at longest ago: so what has
    become useless goes, and nobody ever waits for a look at all of them.
    """

    __slots__ = ("_kept", "_make")

    def __init__(self, make: Callable[[K, float], V]) -> None:
        self._make = make
        self._kept: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def all(self) -> list[tuple[K, V]]:
        return list(self._kept.items())

    def of(self, key: K, now: float) -> V:
        for old in [*islice(self._kept, 2)]:
            if self._kept[old].full(now):
                del self._kept[old]
        one = self._kept.pop(key, None) or self._make(key, now)
        # Where those stand that were looked at last.
        self._kept[key] = one
        return one


class Buckets(Generic[K]):
    """A bucket for each key; a rate of 0 has no limit."""

    __slots__ = ("_buckets", "_rate")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._buckets: _Kept[K, Bucket] = _Kept(lambda _, now: Bucket(rate, burst, now))

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: K, now: float) -> float:
        """As `Bucket.take`."""
        return self._buckets.of(key, now).take(now) if self._rate else 0.0

    def behind(self, key: K, now: float) -> float:
        """Take one, if there is one; return the seconds in which all that were taken are back."""
        bucket = self._buckets.of(key, now)
        bucket.take(now)
        return bucket.left(now).whole_in

    def wait(self, key: K, now: float) -> float:
        """As `Bucket.wait`."""
        return self._buckets.of(key, now).wait(now) if self._rate else 0.0


class Allowances:
    """
    What each user and each address may still do; who could start afresh is forgotten.

    *rate* and *burst* are those of a user's messages, 0: no limit at all. An address may do
    as much as *users_per_address*, 0: as much as it likes.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        users_per_address: float = 0,
        refused: Tally | None = None,
    ) -> None:
        # What was refused, by the setting that was in the way.
        self._refused = Tally() if refused is None else refused
        self._rate = rate
        self._burst = burst
        self._users: _Kept[tuple[Cost, str], Allowance] = _Kept(
            lambda key, now: Allowance(*self._bounds(key[0]), now)
        )
        self._addresses: dict[Cost, Buckets[str]] = {
            cost: Buckets(*self._bounds(cost, users_per_address)) for cost in SHARES
        }

    def spend(self, cost: Cost, user: str, address: str, now: float) -> None:
        """
        Take one of *cost* from *user*, "" if it is not known yet, and from *address*.

        Raises `rate_limited` with the time to wait, and `Disconnect` for a user's flood. An
        address is only refused: others behind it may be innocent.
        """
        if not self._rate or not cost:
            return
        if user:
            self._spend(self._users.of((cost, user), now), now)
        if wait := self._addresses[cost].take(network_of(address), now):
            self._refused.add("users_per_address")
            _wait(wait)

    def _spend(self, allowance: Allowance, now: float) -> None:
        try:
            allowance.spend(now)
        except Reject:
            self._refused.add("rate")
            raise

    def tried(self, cost: Cost, user: str, now: float) -> None:
        """Note what was refused before it came so far; raises `Disconnect` for a flood."""
        if self._rate and user and cost is not Cost.FREE:
            self._users.of((cost, user), now).tried(now)

    def spent(self, now: float) -> list[tuple[Cost, str, int]]:
        """Return what was spent here since it was asked last, by those who spend much."""
        kept = self._users.all()
        return [(cost, user, n) for (cost, user), one in kept if (n := one.spent(now))]

    def owe(self, cost: int, user: str, tokens: int, now: float) -> None:
        """Let *user* have so much less of *cost*, which was spent on another node."""
        if self._rate and cost in SHARES:
            self._users.of((Cost(cost), user), now).owe(tokens, now)

    def left(self, cost: Cost, user: str, now: float) -> Left | None:
        """Return what *user* may still do of *cost*; None: as much as they like."""
        if not self._rate or cost is Cost.FREE:
            return None
        return self._users.of((cost, user), now).left(now)

    def _bounds(self, cost: Cost, users: float = 1) -> tuple[float, float]:
        share = SHARES[cost]
        # With less than one whole token nothing would ever be let through.
        return self._rate * share.rate * users, max(1.0, self._burst * share.burst * users)


def _wait(seconds: float) -> None:
    """Raise `rate_limited` unless there is nothing to wait for."""
    if seconds:
        raise Reject(Code.RATE_LIMITED, retry_after_ms=ceil(seconds * 1000))
