"""
The life of a client's connection, as rules: a token, a socket, proving who one is, staying
alive, coming back. It has no socket, task or clock: a shell tells what happened and when,
does what `take` returns, and calls `tick` when `due` has come.

All times are seconds of a clock that never jumps. It does not know of rooms.
"""

from collections.abc import Callable
from enum import Enum
from math import inf
from typing import Any, Final

from msgspec import UNSET

from conclave.client.backoff import Random, seconds, wait_at_least
from conclave.client.effects import Effect, Fetch, Hang, Open, Send
from conclave.client.errors import Stopped
from conclave.client.pulse import Finding, Pulse
from conclave.client.telling import Frame
from conclave.protocol.codec import encode
from conclave.protocol.errors import RETRYABLE, Close, may_come_back
from conclave.protocol.events import AuthExpiring, AuthResponse, Error, Hello, Me
from conclave.protocol.restarting import Reconnect

# A token callback, a handshake, an answer to `auth`: after this each is as good as refused.
TOKEN_WITHIN: Final = 30.0
OPEN_WITHIN: Final = 10.0
AUTH_WITHIN: Final = 15.0
# A connection that held this long was a good one: the next wait begins at the shortest.
_SETTLED_AFTER: Final = 5.0
# Advice is of an end that comes soon: after this, and its own time, it is of no other.
_ADVICE_HOLDS: Final = 5.0


class State(Enum):
    """Where a client stands."""

    IDLE = "idle"
    # Waiting for the token callback, the socket, the answer to `auth`.
    FETCHING = "fetching"
    CONNECTING = "connecting"
    AUTHENTICATING = "authenticating"
    READY = "ready"
    # It comes back by itself.
    WAITING = "waiting"
    # It does not.
    STOPPED = "stopped"


_OPEN: Final = frozenset({State.CONNECTING, State.AUTHENTICATING, State.READY})
_WITHIN: Final = {
    State.FETCHING: TOKEN_WITHIN,
    State.CONNECTING: OPEN_WITHIN,
    State.AUTHENTICATING: AUTH_WITHIN,
}


class Session:
    """One client's connection, and all that follow it."""

    def __init__(self, random: Random, wall: Callable[[], int], user: str | None = None) -> None:
        # The only one it may speak for, once that is known.
        self.user = user
        self._random = random
        # Milliseconds since 1970, for heartbeats only: nothing here rests on it.
        self._wall = wall
        self.pulse = Pulse()
        self.state = State.IDLE
        # Which socket is ours: what an older one still says is not heard.
        self.generation = 0
        self.attempt = 0
        self.me: Me | None = None
        self.hello: Hello | None = None
        # Why the last connection ended, and why none follows.
        self.last = (int(Close.NORMAL), "")
        self.end: Stopped | None = None
        self._since = 0.0
        self._until = inf
        self._token = ""
        self._refreshing = False
        # Of the token that was sent last: the same one again moves no end.
        self._sent = 0
        self._advice = 0.0
        self._advice_until = -inf
        self._effects: list[Effect] = []

    @property
    def due(self) -> float:
        """The moment `tick` must be called at the latest."""
        if self.state is State.READY:
            return self.pulse.due
        if self.state is State.WAITING:
            return self._until
        within = _WITHIN.get(self.state)
        return inf if within is None else self._since + within

    @property
    def ready(self) -> bool:
        return self.state is State.READY

    def take(self) -> list[Effect]:
        """Return what the shell must do now, in this order."""
        effects, self._effects = self._effects, []
        return effects

    def start(self, now: float) -> None:
        self._begin(now)

    def stop(self) -> None:
        """Close for good; idempotent."""
        self._leave()
        self.state = State.STOPPED

    def send(self, type_: str, data: Any = None, id_: str | None = None) -> None:
        """Send one event; the caller has seen that it is `ready`."""
        self._effects.append(Send(encode(type_, data, id_).text))

    # ── what happens ───────────────────────────────────────────────────────────────────

    def token(self, generation: int, token: str, now: float) -> None:
        """The token that was asked for is there."""
        if generation != self.generation:
            return
        if self.state is State.FETCHING:
            self._token = token
            self._enter(State.CONNECTING, now)
            self._effects.append(Open(generation))
        elif self.ready and self._refreshing:
            self._refreshing = False
            if hash(token) != self._sent:
                self._sent = hash(token)
                self.send("auth:refresh", {"token": token})

    def no_token(self, generation: int, why: str, now: float) -> None:
        """There is none for now."""
        if generation != self.generation:
            return
        self._refreshing = False
        if self.state is State.FETCHING:
            self._give_up(why, now)

    def opened(self, generation: int, now: float) -> None:
        if generation == self.generation and self.state is State.CONNECTING:
            self._enter(State.AUTHENTICATING, now)
            self._sent = hash(self._token)
            self.send("auth", {"token": self._token})
            self._token = ""

    def heard(self, generation: int, now: float) -> None:
        """Anything came in, also what is no event."""
        if generation == self.generation:
            self.pulse.heard(now)

    def received(self, generation: int, frame: Frame, now: float) -> bool:
        """Take one event; return whether it is of the living connection, so to be passed on."""
        if generation != self.generation:
            return False
        event = frame.event
        if isinstance(event, Hello):
            self.hello = event
            terms = event.heartbeat
            self.pulse.agree(seconds(terms.interval_ms), seconds(terms.timeout_ms))
        elif isinstance(event, AuthResponse):
            self._answered(event, now)
        elif isinstance(event, Error):
            self._refused(event, frame.id, now)
        elif isinstance(event, Reconnect):
            self._advise(event.after_ms, now, grace=seconds(event.after_ms))
        elif isinstance(event, AuthExpiring) and self.ready:
            self._refreshing = True
            self._effects.append(Fetch(self.generation))
        return generation == self.generation

    def advised(self, after: float, now: float) -> None:
        """A refused handshake said how many seconds to stay away."""
        self._advise(after * 1000, now)

    def closed(self, generation: int, code: int, reason: str, now: float) -> None:
        """The socket has ended, or never opened."""
        if generation != self.generation or self.state not in _OPEN:
            return
        self.last = (code, reason)
        if may_come_back(code, reason):
            self._come_back(now)
        else:
            self._end(Stopped(code, reason))

    def tick(self, now: float) -> None:
        if now < self.due:
            return
        if self.state is State.READY:
            if self.pulse.check(now) is Finding.ASK:
                self.send("heartbeat", {"timestamp": self._wall()})
            else:
                self._give_up("the server fell silent", now)
        elif self.state is State.WAITING:
            self._begin(now)
        else:
            self._give_up("no answer", now)

    def distrust(self, why: str, now: float) -> None:
        """What the server says makes no sense: come back later."""
        if self.state in _OPEN:
            self._give_up(why, now)

    # ── decisions ──────────────────────────────────────────────────────────────────────

    def _enter(self, state: State, now: float) -> None:
        self.state = state
        self._since = now

    def _begin(self, now: float) -> None:
        self.generation += 1
        self._enter(State.FETCHING, now)
        self._effects.append(Fetch(self.generation))

    def _leave(self) -> None:
        if self.state in _OPEN:
            self._effects.append(Hang(Close.NORMAL))
        # From here on nothing of that socket is heard, also its end: a dead one takes minutes.
        self.generation += 1
        self._refreshing = False
        self._token = ""
        self.pulse.end()

    def _end(self, why: Stopped) -> None:
        self._leave()
        self.state = State.STOPPED
        self.end = why

    def _give_up(self, reason: str, now: float) -> None:
        self.last = (int(Close.ABNORMAL), reason)
        self._come_back(now)

    def _come_back(self, now: float) -> None:
        settled = self.ready and now - self._since >= _SETTLED_AFTER
        # Two that push each other out hold long enough each time: they must not begin anew.
        if settled and self.last[0] != Close.TOO_MANY_CONNECTIONS:
            self.attempt = 0
        self._leave()
        advice = self._advice if now <= self._advice_until else 0.0
        self._advice_until = -inf
        self._until = now + wait_at_least(advice, self.attempt, self._random)
        self.attempt += 1
        self.state = State.WAITING

    def _advise(self, after_ms: float, now: float, grace: float = 0.0) -> None:
        """*grace*: how many seconds later than usual the end may come."""
        if after_ms > 0:
            self._advice = seconds(after_ms)
            self._advice_until = now + grace + _ADVICE_HOLDS

    def _refused(self, error: Error, id_: str | None, now: float) -> None:
        authenticating = self.state is State.AUTHENTICATING
        if authenticating or id_ is None:
            self._advise(0 if error.retry_after_ms is UNSET else error.retry_after_ms, now)
        if authenticating and error.retryable:
            self._give_up(error.code, now)

    def _answered(self, answer: AuthResponse, now: float) -> None:
        if self.state is not State.AUTHENTICATING:
            return
        code = "auth_failed" if answer.code is UNSET else answer.code
        if answer.success and answer.user is not UNSET:
            self._welcomed(answer.user, now)
        elif answer.success or code in RETRYABLE:
            self._give_up(code, now)
        else:
            self._end(Stopped(Close.POLICY, code))

    def _welcomed(self, me: Me, now: float) -> None:
        if self.user not in (None, me.id):
            # What waits to be sent is the first one's.
            self._end(Stopped(Close.IDENTITY_CHANGED, f"the token is of {me.id}, not {self.user}"))
            return
        self.user = me.id
        self.me = me
        self._enter(State.READY, now)
        self.pulse.begin(now)
