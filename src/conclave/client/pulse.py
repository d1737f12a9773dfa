"""
Signs of life of a server, as rules: when to ask for one, and when to stop believing.

Whatever comes in is a sign; a quiet server is asked with a `heartbeat` event. A check that
comes late (a laptop that slept, a loop that was blocked) says more about us than about the
server: then it is asked once more before it counts as dead. Seconds of a clock that never
jumps.
"""

from enum import Enum
from math import inf
from typing import Final

# A check this much after its time came from sleep.
_LATE: Final = 2.0
# A server may ask for haste, not for a flood.
_SHORTEST: Final = 0.25


class Finding(Enum):
    # Send a heartbeat.
    ASK = "ask"
    DEAD = "dead"


class Pulse:
    """What is known of the life of the server of one connection."""

    def __init__(self) -> None:
        # What `hello` said; these hold until it comes.
        self.interval = 30.0
        self.timeout = 10.0
        self._heard_at = 0.0
        self._beat_at = inf
        # Set once a late check asked: until when an answer must come.
        self._probe_until = inf

    @property
    def due(self) -> float:
        return min(self._beat_at, self._dead_at) if self._beat_at < inf else inf

    @property
    def _dead_at(self) -> float:
        if self._probe_until < inf:
            return self._probe_until
        return self._heard_at + self.interval + self.timeout

    def agree(self, interval: float, timeout: float) -> None:
        self.interval = max(_SHORTEST, interval)
        self.timeout = max(_SHORTEST, timeout)
        if self._beat_at < inf:
            # Said late: nobody is given up before it was asked.
            self._beat_at = min(self._beat_at, self._heard_at + self.interval)

    def begin(self, now: float) -> None:
        self.heard(now)
        self._beat_at = now + self.interval

    def end(self) -> None:
        self._beat_at = self._probe_until = inf

    def heard(self, now: float) -> None:
        """Note that anything came in."""
        self._heard_at = now
        self._probe_until = inf

    def check(self, now: float) -> Finding:
        """Return what must be done; call it when `due` has come."""
        if now >= self._dead_at:
            if now - self._dead_at <= _LATE or self._probe_until < inf:
                return Finding.DEAD
            self._probe_until = now + self.timeout
        self._beat_at = now + self.interval
        return Finding.ASK
