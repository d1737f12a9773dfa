"""
How often somebody may try to sign in: by account, by address, and by known device.

A try counts when it begins and is given back when it was good, so that a thousand at once
are no more than five. After too many an account or an address rests, twice as long each
time, but never for good; and who signed in from a browser before may try from it even then,
slowly: nobody can lock somebody else out. Counts are bounded, and forgotten when it is
quiet. Nothing here knows of passwords, cookies or a clock.
"""

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from typing import Final

from conclave.protocol.errors import Code, Reject


@dataclass(frozen=True, slots=True)
class Terms:
    """How many tries there are, and how long the rest after them."""

    tries: int
    # Seconds in which one try is forgotten.
    forget_one: float
    first_rest: float = 60.0
    longest_rest: float = 900.0


ACCOUNT: Final = Terms(tries=5, forget_one=300.0)
ADDRESS: Final = Terms(tries=20, forget_one=15.0)
# A known device may try while its account or address rests, once in so many seconds …
DEVICE_EVERY: Final = 10.0
# … and is known no longer after so many bad tries in a row: then it was stolen.
DEVICE: Final = Terms(tries=20, forget_one=3_600.0)
# Records kept of each kind. Above it the one that was quiet longest is forgotten.
MOST_KEPT: Final = 50_000


class Tally:
    """The tries of one account, address or device."""

    __slots__ = ("_at", "_terms", "_tried", "rests_until", "tried_at")

    def __init__(self, terms: Terms, now: float) -> None:
        self._terms = terms
        self._tried = 0
        # Since when nothing was forgotten.
        self._at = now
        self.rests_until = 0.0
        self.tried_at = -DEVICE_EVERY

    def wait(self, now: float) -> float:
        """Return the seconds until the next try; 0: now."""
        self._forget(now)
        return max(0.0, self.rests_until - now)

    def begin(self, now: float) -> None:
        self._forget(now)
        self._tried += 1
        self.tried_at = now
        above = self._tried - self._terms.tries
        if above >= 0:
            rest = min(self._terms.first_rest * 2.0**above, self._terms.longest_rest)
            self.rests_until = now + rest

    def give_back(self) -> None:
        """Forget one try: it was good, so that nobody rests for it."""
        self._tried = max(0, self._tried - 1)
        self.rests_until = 0.0

    @property
    def spent(self) -> bool:
        return self._tried >= self._terms.tries

    def _forget(self, now: float) -> None:
        # Not while it rests: else a long rest would be the shorter way back.
        quiet = now - max(self._at, self.rests_until)
        forgotten = int(quiet // self._terms.forget_one)
        if forgotten > 0:
            self._tried = max(0, self._tried - forgotten)
            self._at = now


class Tallies:
    """Those of one kind, the most recent last."""

    def __init__(self, terms: Terms, most: int) -> None:
        self._terms = terms
        self._most = most
        self._kept: OrderedDict[str, Tally] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, key: str, now: float) -> Tally:
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = Tally(self._terms, now)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until the next try of *key*; nothing is kept for asking."""
        found = self._kept.get(key)
        if found is None:
            return 0.0
        # Who is asked for while resting is not to be forgotten for others.
        self._kept.move_to_end(key)
        return found.wait(now)

    def drop(self, key: str) -> None:
        self._kept.pop(key, None)


@dataclass(frozen=True, slots=True)
class Try:
    """A try that has begun; say to the throttle if it was good."""

    account: str
    address: str
    # The tallies it counts in.
    counted: tuple[Tally, ...]
    device: str | None


class Throttle:
    """
    Admits tries to sign in.

    Give accounts that do not exist as well: an answer must not tell which do. *device* is
    the name of one that has signed in to this account before, which the caller has proved;
    None for all others.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._accounts = Tallies(ACCOUNT, most)
        self._addresses = Tallies(ADDRESS, most)
        self._devices = Tallies(DEVICE, most)

    def begin(self, account: str, address: str, device: str | None, now: float) -> Try:
        """Count a try; raises `rate_limited` with the time to wait, and counts nothing then."""
        wait = max(self._accounts.wait(account, now), self._addresses.wait(address, now))
        if device is not None:
            known = self._devices.of(_device_of(account, device), now)
            if not known.spent:
                return self._begin_known(known, wait, Try(account, address, (known,), device), now)
        if wait:
            # Before a name is kept: else one address could crowd out all that rest.
            raise _later(wait)
        own, there = self._accounts.of(account, now), self._addresses.of(address, now)
        own.begin(now)
        there.begin(now)
        return Try(account, address, (own, there), None)

    @staticmethod
    def _begin_known(known: Tally, wait: float, tried: Try, now: float) -> Try:
        pause = known.tried_at + DEVICE_EVERY - now
        if wait and pause > 0:
            raise _later(min(wait, pause))
        known.begin(now)
        return tried

    @staticmethod
    def call_off(tried: Try) -> None:
        """Forget *tried*: it could not be judged."""
        for tally in tried.counted:
            tally.give_back()

    def succeeded(self, tried: Try) -> None:
        """
        Give *tried* back.

        The account starts afresh, unless a known device was let past its rest: else each
        sign-in of its owner would hand an attacker new tries.
        """
        self.call_off(tried)
        if tried.device is None:
            self._accounts.drop(tried.account)
        else:
            self._devices.drop(_device_of(tried.account, tried.device))


def _device_of(account: str, device: str) -> str:
    return f"{account}\0{device}"


def _later(seconds: float) -> Reject:
    return Reject(Code.RATE_LIMITED, retry_after_ms=ceil(seconds * 1000))
