"""
The lifecycle of one connection, without a socket, a task or a clock.

Deadlines are data: the shell asks `due` when to call `tick` next. All times are seconds
of a monotonic clock, but for the wall time that a token's expiry is given in.
"""

from dataclasses import dataclass
from enum import Flag, auto
from math import inf
from typing import Final

from conclave.model import Identity
from conclave.protocol.errors import AUTH_TIMEOUT_REASON, Close, Disconnect

# Two readings of the wall clock differ by less where the end is the same, in seconds.
_LATER: Final = 0.5


@dataclass(frozen=True, slots=True)
class Rules:
    """Seconds and counts that bound one connection."""

    auth_within: float = 10.0
    ping_every: float = 30.0
    pong_within: float = 10.0
    # The tenth bad request within a minute closes.
    bad_requests: int = 10
    bad_within: float = 60.0
    # A handler that fails is our fault; one that always fails must not be hammered.
    failures: int = 3
    # How long before its token's end a client is told, unless half of what is left is less.
    expiring_before: float = 60.0


class Due(Flag):
    """What a tick asks for."""

    NOTHING = 0
    PING = auto()
    # Tell the client that its token ends soon.
    EXPIRING = auto()


class Session:
    """What one connection may do next, and until when."""

    __slots__ = (
        "_auth_by",
        "_bad",
        "_expires_at",
        "_expiring_at",
        "_failures",
        "_ping_at",
        "_pong_by",
        "_rules",
        "identity",
        "pings",
    )

    def __init__(self, rules: Rules, now: float) -> None:
        self._rules = rules
        self.identity: Identity | None = None
        self._auth_by = now + rules.auth_within
        self._expires_at = inf
        self._expiring_at = inf
        self._ping_at = inf
        self._pong_by = inf
        # Times of bad requests, made at the first one: most connections send none.
        self._bad: list[float] | None = None
        self._failures = 0
        # How often it was asked for a sign of life.
        self.pings = 0

    @property
    def owes_pong(self) -> bool:
        """Whether it was asked and has sent nothing since."""
        return self._pong_by != inf

    @property
    def due(self) -> float:
        """When `tick` must be called at the latest."""
        return min(self._auth_by, self._expires_at, self._expiring_at, self._ping_at, self._pong_by)

    def authenticated(self, identity: Identity, now: float, wall: int) -> None:
        """
        Accept the first token.

        Raises `Disconnect` for a second one: one connection speaks for one user.
        """
        if self.identity is not None:
            raise Disconnect(Close.IDENTITY_CHANGED, "Already authenticated")
        self._auth_by = inf
        self._ping_at = now + self._rules.ping_every
        self._speak_for(identity, now, wall)

    def refreshed(self, identity: Identity, now: float, wall: int) -> None:
        """
        Go on with another token of the same user: its end, scopes and session count now.

        Raises `Disconnect` for one of another user, as a second authentication does.
        """
        assert self.identity is not None
        if identity.user != self.identity.user:
            raise Disconnect(Close.IDENTITY_CHANGED, "The token is of another user")
        self._speak_for(identity, now, wall)

    def _speak_for(self, identity: Identity, now: float, wall: int) -> None:
        before, self.identity = self._expires_at, identity
        self._expires_at = self._expiring_at = inf
        if identity.expires_at is None:
            return
        # Wall time is read once; a clock that jumps later disconnects nobody.
        left = (identity.expires_at - wall) / 1000
        self._expires_at = now + left
        if before == inf or self._expires_at > before + _LATER:
            # Who brings the same end again would be told at ever shorter intervals.
            self._expiring_at = now + max(left - self._rules.expiring_before, left / 2)

    def ask(self, now: float) -> None:
        """Owe a sign of life from now on; send a ping."""
        self._pong_by = now + self._rules.pong_within
        self.pings += 1

    def heard(self) -> None:
        """Note a frame: any frame proves that the other side lives."""
        self._pong_by = inf

    def tick(self, now: float) -> Due:
        """Return what to send; raise `Disconnect` when a deadline has passed."""
        if now >= self._auth_by:
            raise Disconnect(Close.POLICY, AUTH_TIMEOUT_REASON)
        if now >= self._expires_at:
            raise Disconnect(Close.TOKEN_EXPIRED, "Token expired")
        if now >= self._pong_by:
            raise Disconnect(Close.GOING_AWAY, "Connection timeout")
        due = Due.NOTHING
        if now >= self._expiring_at:
            self._expiring_at = inf
            due |= Due.EXPIRING
        if now < self._ping_at:
            return due
        # Pings go on while the client talks: they are how it knows that we live.
        self._ping_at = now + self._rules.ping_every
        self._pong_by = min(self._pong_by, now + self._rules.pong_within)
        self.pings += 1
        return due | Due.PING

    def bad_request(self, now: float) -> None:
        """Count one; raise `Disconnect` when there were too many of late."""
        recent = [at for at in self._bad or () if at > now - self._rules.bad_within]
        recent.append(now)
        self._bad = recent
        if len(recent) >= self._rules.bad_requests:
            raise Disconnect(Close.POLICY, "Too many bad requests")

    def failed(self) -> None:
        """Count a request that failed inside; raise `Disconnect` after too many."""
        self._failures += 1
        if self._failures > self._rules.failures:
            raise Disconnect(Close.INTERNAL, "Too many failures")
