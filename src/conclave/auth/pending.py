"""
Sign-ins that wait for a second factor: the password was right, nobody is in yet.

Each lives for five minutes, at one address, for a handful of tries, in the memory of this
node and as a digest only.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from conclave.auth.tokens import digest
from conclave.core.address import network_of
from conclave.model import Place, Via
from conclave.protocol.errors import Code, Reject

GOOD_FOR_S: Final = 300.0
TRIES: Final = 5
# The oldest goes for the newest.
MOST: Final = 10_000
_RANDOM_BYTES: Final = 32


class Proven(NamedTuple):
    """Whose password was right, and what is kept of it; or who was vouched for, and by whom."""

    user: str
    password: str | None
    via: Via | None = None


@dataclass(slots=True)
class _Waiting:
    proven: Proven
    network: str
    ends: float
    tries: int = TRIES


class Pending:
    """Begins, counts and ends them; *now* is a clock that never jumps."""

    def __init__(self, now: Callable[[], float], most: int = MOST) -> None:
        self._now = now
        self._most = most
        self._waiting: dict[bytes, _Waiting] = {}

    def begin(self, proven: Proven, place: Place) -> str:
        """Return what the user must say together with the second factor."""
        self._forget()
        secret = secrets.token_urlsafe(_RANDOM_BYTES)
        ends = self._now() + GOOD_FOR_S
        self._waiting[digest(secret)] = _Waiting(proven, network_of(place.address), ends)
        return secret

    def try_one(self, secret: str, place: Place) -> Proven:
        """Count a try and return whose it is; raises `auth_failed`."""
        key = digest(secret)
        found = self._waiting.get(key)
        elsewhere = found is None or found.network != network_of(place.address)
        if found is None or elsewhere or self._now() >= found.ends:
            raise Reject(Code.AUTH_FAILED, "Sign in once more")
        found.tries -= 1
        if found.tries == 0:
            del self._waiting[key]
        return found.proven

    def end(self, secret: str) -> None:
        """Forget it: somebody is in."""
        self._waiting.pop(digest(secret), None)

    def _forget(self) -> None:
        now = self._now()
        while self._waiting:
            oldest = next(iter(self._waiting))
            if now < self._waiting[oldest].ends and len(self._waiting) < self._most:
                break
            del self._waiting[oldest]
