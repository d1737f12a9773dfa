"""
One peer: drives a `Session` with whatever carries its messages.

Text comes in and is decoded, waits its turn, is dispatched and answered; packets go out
through the outbox. It knows the transport port only, so another carrier can be added
without touching it, and nothing of rooms: what a request means is the controllers' part.
"""

import asyncio
from functools import partial
from typing import Any, Final

from conclave.core.ratelimit import Allowance, Cost
from conclave.core.session import Due, Session
from conclave.core.turns import Turn
from conclave.model import Identity
from conclave.ports import Transport
from conclave.protocol.codec import BadRequest, encode_event
from conclave.protocol.errors import Close, Disconnect, Reject
from conclave.protocol.event import Event
from conclave.protocol.events import AuthExpiring
from conclave.server.handling import Handling
from conclave.server.outbox import Outbox
from conclave.server.requests import Begin, Job, TimedRequest, count_end
from conclave.server.shell import Shell

# Seconds in which a peer that is cut off may still be handed what was on its way.
_CUT_WITHIN: Final = 0.8


class Connection(Handling):
    """A `ports.Connection` to controllers, a `Receiver` to the listener, a `Beat` to the heart."""

    __slots__ = (
        "__weakref__",
        "_allowance",
        "_closing",
        "_data",
        "address",
        "ear",
        "rooms",
        "since",
        "user",
    )

    def __init__(self, shell: Shell, address: str) -> None:
        super().__init__(shell)
        self._allowance = Allowance(shell.rate, shell.burst, shell.clock.monotonic())
        self._closing = False
        self._data: dict[str, Any] | None = None
        self.ear: Outbox
        self.address = address
        self.since = shell.clock.wall()
        self.rooms: frozenset[str] = frozenset()
        # The identity's user id: an attribute, since a room asks it of everybody it tells.
        self.user = ""

    # ── as handlers see it ─────────────────────────────────────────────────────────────

    @property
    def identity(self) -> Identity | None:
        return self._session.identity

    @property
    def data(self) -> dict[str, Any]:
        if self._data is None:
            self._data = {}
        return self._data

    @property
    def session(self) -> Session:
        return self._session

    def tell(self, event: Event) -> None:
        self.offer(encode_event(event))

    def authenticated(self, identity: Identity) -> None:
        if self._closing:
            raise Disconnect(Close.ABNORMAL, "Gone before it was known who it is")
        clock = self._shell.clock
        self._session.authenticated(identity, clock.monotonic(), clock.wall())
        self.user = identity.user
        # An expiry may be earlier than the deadline that was watched.
        self._shell.pulse.watch(self)

    def refreshed(self, identity: Identity) -> None:
        clock = self._shell.clock
        self._session.refreshed(identity, clock.monotonic(), clock.wall())
        self._shell.pulse.watch(self)

    def renamed(self, identity: Identity) -> None:
        self._session.identity = identity

    @property
    def lives(self) -> bool:
        return not self._session.owes_pong

    def ask_life(self) -> None:
        if self._closing:
            return
        self._session.ask(self._shell.clock.monotonic())
        self._shell.meters.pings += 1
        self._transport.ping()
        self._shell.pulse.watch(self)

    def disconnect(self, code: int, reason: str = "", *, at_once: bool = False) -> None:
        if at_once:
            # Also one that is being closed: it may still be handed what it was told.
            self.ear.cut(int(code), reason, _CUT_WITHIN)
        if not self._closing:
            self.ear.close(int(code), reason)
            # Not when the socket is gone: a peer that fell silent would be present meanwhile.
            self._part(int(code), reason)

    def lose(self) -> None:
        # Called from within a room's telling: nothing may call back from here.
        loop = asyncio.get_running_loop()
        loop.call_soon(self.disconnect, Close.STATE_LOST, "State lost, resume now")

    # ── as the heart sees it ───────────────────────────────────────────────────────────

    @property
    def due(self) -> float:
        return self._session.due

    def tick(self, now: float) -> None:
        try:
            due = self._session.tick(now)
        except Disconnect as end:
            self.ear.close(end.code, end.reason)
            self._part(end.code, end.reason, late=end)
            return
        if Due.PING in due:
            self._shell.meters.pings += 1
            self._transport.ping()
        if Due.EXPIRING in due:
            self._tell_expiring()

    def _tell_expiring(self) -> None:
        identity = self._session.identity
        if identity is not None and identity.expires_at is not None:
            self.tell(AuthExpiring(identity.expires_at))

    # ── as the listener sees it ────────────────────────────────────────────────────────

    def opened(self, transport: Transport) -> None:
        shell = self._shell
        self._transport = transport
        self.ear = Outbox(
            transport, shell.round, shell.pulse, self._overflowed, max_bytes=shell.max_queue_bytes
        )
        self.offer = self.ear.offer
        shell.hub.add(self)
        shell.pulse.watch(self)
        self._arrive(Job(Turn.BARRIER, lambda: shell.dispatcher.hooks.run("connect", self)))

    def received(self, text: bytes) -> None:
        if self._closing:
            return
        id_: str | None = None
        try:
            job, id_ = self._decode(text)
            self._spend(job.costs)
            self._arrive(job)
        except Reject as no:
            self._refuse(no, id_)
        except Disconnect as end:
            self.disconnect(end.code, end.reason)

    def _decode(self, text: bytes) -> tuple[Job, str | None]:
        """Return what is to be done about *text*, and the id of its answer."""
        try:
            decoded = self._shell.codec.decode(text)
        except BadRequest as no:
            # In its turn: what came with the handshake is not answered before the welcome.
            return Job(Turn.WRITE, partial(self._refuse_in_turn, no)), no.id
        shell = self._shell
        request = TimedRequest(self, decoded, shell.meters, shell.clock.monotonic)
        route = shell.dispatcher.route(type(decoded.event))
        run = partial(self._handle, route, request)
        begin = None if route.begins is None else Begin(route, request)
        return Job(route.turn, run, route.costs, begin), decoded.id

    def _spend(self, costs: Cost) -> None:
        try:
            self._allowance.spend(self._shell.clock.monotonic())
        except Reject:
            self._shell.meters.limits.add("requests")
            # What is refused here never comes to its user's allowance, which tells a flood.
            self._shell.dispatcher.tried(self, costs)
            raise

    def heard(self) -> None:
        self._session.heard()

    def writable(self) -> None:
        self.ear.writable()

    def closed(self, code: int, reason: str) -> None:
        self.ear.drop()
        self._shell.hub.remove(self)
        if not self._closing:
            self._part(code, reason)

    def _part(self, code: int, reason: str, late: Disconnect | None = None) -> None:
        """Take nothing more and begin the farewell; *late*: a deadline has passed."""
        self._closing = True
        count_end(self._shell.meters, code, late)
        self._turns.clear()
        self._shell.pulse.forget(self)
        self._shell.farewells.begin(lambda: self._farewell(code, reason, late))

    async def _farewell(self, code: int, reason: str, late: Disconnect | None) -> None:
        """End what is under way, then say goodbye: after it this one is in no room."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._shell.dispatcher.gone(self)
        hooks = self._shell.dispatcher.hooks
        if late is not None:
            await hooks.run_last("timeout", self, late)
        await hooks.run_last("disconnect", self, code, reason)

    async def _tell_hooks(self, error: Exception) -> None:
        await self._shell.dispatcher.hooks.run("error", self, error)

    def _overflowed(self) -> None:
        self.disconnect(Close.SLOW_CONSUMER, "Too much was waiting")
