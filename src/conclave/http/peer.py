"""
One request over HTTP, as the handlers of events see it: the same handlers, the same gate.

A `Peer` speaks for a caller as a socket's connection does, for the length of one request. It is
in no room, so that nobody sees it come, and whatever is told to it is dropped: who asks over
HTTP is answered, and no more.
"""

import secrets
from typing import Any, Final, NamedTuple

from conclave.controllers.dispatch import Dispatcher, Request
from conclave.controllers.node import Node
from conclave.core.ratelimit import Cost
from conclave.model import Act, Caller, Identity, Receipt
from conclave.ports import Connection
from conclave.protocol.codec import Packet
from conclave.protocol.errors import Reject
from conclave.protocol.event import Event

_HEARS_NOTHING: Final = ()


class Peer:
    """A `ports.Connection` of *caller*; *room* is what the request is about, if it is of one."""

    def __init__(self, caller: Caller, since: int, room: str | None) -> None:
        self.id = secrets.token_hex(4)
        self.identity: Identity | None = caller.identity
        self.user = caller.identity.user
        self.address = caller.place.address
        self.since = since
        # That its user is a member is asked by the store, in the moment that it reads or writes.
        self.rooms = frozenset() if room is None else frozenset((room,))
        self.data: dict[str, Any] = {}
        # Until its request has been handled; what a handler begins for it lasts as long.
        self.asks = True
        self.ear = _HEARS_NOTHING

    def offer(self, packet: Packet) -> None:
        """Drop it."""

    def tell(self, event: Event) -> None:
        """Drop it."""

    def lose(self) -> None:
        """Nothing was promised."""

    def authenticated(self, _identity: Identity) -> None:
        raise TypeError("who asks over HTTP has said who they are")

    def refreshed(self, _identity: Identity) -> None:
        raise TypeError("a request over HTTP has one token")

    def renamed(self, identity: Identity) -> None:
        self.identity = identity

    @property
    def lives(self) -> bool:
        return True

    def ask_life(self) -> None:
        """It is asking just now."""

    def disconnect(self, code: int, reason: str = "", *, at_once: bool = False) -> None:
        """End nothing: the request has its answer."""


class Said(NamedTuple):
    """What came of a request: the answer, and whether it is that of the same one before."""

    data: Any
    again: bool


class _Asked(Request):
    """A request whose answer is kept instead of sent."""

    __slots__ = ("again", "said")

    def __init__(self, connection: Connection, event: Event, key: str | None) -> None:
        super().__init__(connection, event, key)
        self.said: Any = None
        self.again = False

    def answer(self, event: Event) -> None:
        self._keep(event)

    def ack(self, data: Any = None) -> None:
        self._keep(data)

    def stored(self, receipt: Receipt) -> None:
        self.again = receipt.entry is None
        super().stored(receipt)

    def _keep(self, data: Any) -> None:
        if not self.answered:
            self.said, self.answered = data, True


class Chat:
    """What a socket may ask for, to be asked over HTTP."""

    def __init__(self, dispatcher: Dispatcher, node: Node) -> None:
        self._dispatcher = dispatcher
        self.node = node

    def act(self, event: type[Event]) -> Act | None:
        """Return what who sends *event* must be allowed."""
        return self._dispatcher.route(event).act

    def cost(self, event: type[Event]) -> Cost:
        return self._dispatcher.route(event).costs

    async def ask(self, caller: Caller, event: Event, key: str | None = None) -> Said:
        """
        Handle *event* as if *caller* had sent it on a socket; *key* is the request's id.

        Raises what the gate and the handler raise.
        """
        room = getattr(event, "room", None)
        peer = Peer(caller, self.node.clock.wall(), room)
        asked = _Asked(peer, event, key)
        try:
            await self._dispatcher.handle(self._dispatcher.route(type(event)), asked)
        except Exception as error:
            if not isinstance(error, Reject):
                await self._dispatcher.hooks.run_last("error", peer, error)
            raise
        finally:
            peer.asks = False
            await self._dispatcher.gone(peer)
        return Said(asked.said, asked.again)
