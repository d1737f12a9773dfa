"""What controllers stand on: one object, given to each by its constructor."""

from dataclasses import dataclass
from typing import Unpack

from conclave.core.hub import Hub
from conclave.core.ratelimit import Allowances, Cost
from conclave.core.session import Rules
from conclave.model import STRANGER, Action, Details, Limits, Note, RoomInfo, details
from conclave.ports import Audit, Authenticator, Clock, Connection, Store
from conclave.protocol.codec import encode, encode_event
from conclave.protocol.event import Event
from conclave.relay import Attendance, News, Receipts, Relay, Typists


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """
    One running server, as a controller may use it.

    Its verbs tell: `tell_room` and `tell_user` reach this node's connections and store
    nothing. What must not be lost goes through `relay.send`.
    """

    store: Store
    audit_log: Audit
    hub: Hub
    relay: Relay
    attendance: Attendance
    news: News
    receipts: Receipts
    typists: Typists
    clock: Clock
    limits: Limits
    rules: Rules
    allowances: Allowances
    # Asked in this order.
    authenticators: tuple[Authenticator, ...]

    def tell_room(self, room: str, event: Event, *, but: Connection | None = None) -> None:
        """Send *event* to every connection attached to *room*, except *but*."""
        self.attendance.tell(room, event, but)

    def tell_user(self, user: str, event: Event, *, but: Connection | None = None) -> None:
        """Send *event* to every connection of *user*, except *but*."""
        packet = encode_event(event)
        for connection in self.hub.of(user):
            if connection is not but:
                connection.offer(packet)

    def spend(self, connection: Connection, cost: Cost = Cost.MESSAGE) -> None:
        """
        Take one of *cost* from what the user and the address of *connection* may do.

        Raises `rate_limited`, and ends a flood. The gate has done so for each event: call it
        for what a handler does besides.
        """
        now = self.clock.monotonic()
        self.allowances.spend(cost, connection.user, connection.address, now)

    def tell_changed(self, user: str, room: RoomInfo) -> None:
        """Tell all connections of *user* that its list of rooms has changed."""
        packet = encode("room:changed", room)
        for connection in self.hub.of(user):
            connection.offer(packet)

    def audit(
        self,
        connection: Connection,
        action: Action,
        *,
        target: str | None = None,
        room: str | None = None,
        **said: Unpack[Details],
    ) -> None:
        """
        Note that *connection* did *action* to the user *target*, or in *room*.

        Call it right after it was done. Never waits, never raises.
        """
        who = connection.identity
        self.audit_log.note(
            Note(
                action=action,
                actor=STRANGER if who is None else who.user,
                target=target,
                room=room,
                address=connection.address,
                details=details(said),
            )
        )
