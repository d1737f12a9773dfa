"""What controllers stand on: one object, given to each by its constructor."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Unpack

from conclave.controllers.identifying import Identifying, known_as
from conclave.controllers.tasks import Tasks
from conclave.core.commands import Offers
from conclave.core.hub import Hub
from conclave.core.permissions import may_hear
from conclave.core.ratelimit import Allowances, Cost
from conclave.core.reaching import reaches
from conclave.core.revocations import Revocations, Revoked
from conclave.core.session import Rules
from conclave.core.statuses import Statuses
from conclave.core.timelines import Timelines
from conclave.model import (
    STRANGER,
    Action,
    Details,
    Limits,
    Note,
    RoomInfo,
    User,
    details,
)
from conclave.model.meters import Meters
from conclave.ports import (
    Accounts,
    AttachmentRows,
    Attention,
    Audit,
    Clock,
    Connection,
    Moderation,
    Pushes,
)
from conclave.protocol.codec import Packet, encode, encode_event
from conclave.protocol.errors import Close, Disconnect
from conclave.protocol.event import Event
from conclave.protocol.events import ProfileChanged
from conclave.relay import Attendance, Moods, News, Notices, Receipts, Relay, Typists


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Identifying):
    """
    One running server, as a controller may use it.

    Its verbs tell: `tell_room` and `tell_user` store nothing, and what they say to other nodes
    may be lost. What must not be goes through `relay.send`.
    """

    accounts: Accounts
    moderation: Moderation
    attention: Attention
    attachments: AttachmentRows
    pushes: Pushes
    audit_log: Audit
    hub: Hub
    relay: Relay
    attendance: Attendance
    news: News
    notices: Notices
    receipts: Receipts
    typists: Typists
    statuses: Statuses
    moods: Moods
    clock: Clock
    limits: Limits
    rules: Rules
    allowances: Allowances
    tasks: Tasks
    revocations: Revocations
    meters: Meters = field(default_factory=Meters)
    timelines: Timelines = field(default_factory=Timelines)
    commands: Offers = field(default_factory=Offers)
    # Tells those of a user there what is about a room, "": about none.
    whisper: Callable[[str, str, Packet], None] = lambda _room, _user, _packet: None
    # Let other nodes tell a user, "": all, what a room is now; and look who speaks for a user.
    renew: Callable[[str, str], None] = lambda _user, _room: None
    doubt: Callable[[str], None] = lambda _user: None

    def tell_room(self, room: str, event: Event, *, but: Connection | None = None) -> None:
        """Send *event* to all who are attached to *room*, on all nodes, except *but*."""
        self.attendance.tell(room, event, but)

    def hearing(self, user: str, room: str | None = None) -> list[Connection]:
        """
        Return the connections of *user* that may read, in *room*: nothing is told to all others.

        A session that lacks a second factor, or a token for other things, learns of no room.
        """
        may = [one for one in self.hub.of(user) if may_hear(one.identity)]
        return may if room is None else [one for one in may if reaches(one.identity, room)]

    def tell_user(self, user: str, event: Event, *, but: Connection | None = None) -> None:
        """Send *event* to every connection of *user* that may read, on all nodes, except *but*."""
        packet, room = encode_event(event), getattr(event, "room", None)
        self.offer_user(user, room, packet, but)
        self.whisper(room or "", user, packet)

    def offer_user(
        self, user: str, room: str | None, packet: Packet, but: Connection | None = None
    ) -> None:
        """As `tell_user`, on this node alone."""
        for one in self.hearing(user, room):
            if one is not but:
                one.offer(packet)

    def rouse(self, user: str) -> None:
        """See anew whether somebody is at a device of *user*, and tell it if that is news."""
        here = bool(self.hub.of(user))
        if self.statuses.doze(user, here and not self.hub.awake(user)) and here:
            self.moods.note(user)

    def spend(self, connection: Connection, cost: Cost = Cost.MESSAGE) -> None:
        """
        Take one of *cost* from what the user and the address of *connection* may do.

        Raises `rate_limited`, and ends a flood. The gate has done so for each event: call it
        for what a handler does besides.
        """
        now = self.clock.monotonic()
        self.allowances.spend(cost, connection.user, connection.address, now)

    async def look_again(self, connection: Connection) -> list[str]:
        """
        Let *connection* be who the store says its user is; return the names of its rooms.

        Now that `changed` can find it: what was changed between the look-up of its token and
        that moment was told to nobody. Raises `Disconnect` for who has been deactivated.
        """
        before = connection.identity
        assert before is not None
        user, rooms = await self.store.coming_in(before.user)
        if user is not None and not user.active:
            raise Disconnect(Close.BANNED, "This user is deactivated")
        # If `changed` came meanwhile, it knows better than what was read before.
        if user is not None and connection.identity is before:
            connection.renamed(known_as(before, user))
        return rooms

    def changed(self, user: User, *, but: Connection | None = None) -> None:
        """
        Let *user* be called and be allowed what the store says now, on all connections.

        Told to them except *but*, and to all who are in a room with one of them, unless they
        are invisible; on other nodes too. Call it right after the store has it.
        """
        self.doubt(user.id)
        self.show(user, but=but)

    def knows(self, user: User) -> bool:
        """Return whether all connections of *user* speak for who they are now."""
        each = [one.identity for one in self.hub.of(user.id)]
        return all(known_as(identity, user) == identity for identity in each if identity)

    def show(self, user: User, *, but: Connection | None = None) -> None:
        """As `changed`, on this node alone."""
        rooms: set[str] = set()
        for connection in self.hub.of(user.id):
            if connection.identity is not None:
                rooms |= connection.rooms
                connection.renamed(known_as(connection.identity, user))
                self.attendance.renamed(connection.rooms, connection.identity)
        told = ProfileChanged(user.id, user.display_name, user.about, user.role)
        self.offer_user(user.id, None, encode_event(told), but=but)
        if not self.statuses.hidden(user.id):
            self.attendance.tell_around(user.id, rooms, told)

    async def revoke(
        self,
        user: str,
        tokens: Collection[str] | None = None,
        *,
        but: str | None = None,
        code: Close = Close.SESSION_REVOKED,
        reason: str = "Session revoked",
    ) -> list[str]:
        """
        Make *tokens* of *user* worthless, all if None, except *but*; close what they opened.

        When it returns this is on disk and no connection is told anything more. Returns the
        ids of what was worth something. Cancelling the caller leaves nothing half done.
        """
        revoking = asyncio.ensure_future(self._revoke(user, tokens, but, code, reason))
        return await asyncio.shield(revoking)

    async def _revoke(
        self,
        user: str,
        tokens: Collection[str] | None,
        but: str | None,
        code: Close,
        reason: str,
    ) -> list[str]:
        revoked = await self.store.people.revoke(user, tokens, but=but)
        self.part(user, tokens, but=but, code=code, reason=reason)
        return revoked

    def part(
        self,
        user: str,
        tokens: Collection[str] | None = None,
        *,
        but: str | None = None,
        code: Close,
        reason: str,
    ) -> None:
        """
        Close the connections of *user*, also those that are just authenticating.

        *tokens*, *but*: see `revoke`. What they were told and has not left yet is dropped. Other
        nodes look again at who is connected there.
        """
        self.doubt(user)
        ids = None if tokens is None else frozenset(tokens)
        revoked = Revoked(user, ids, but, code, reason)
        # Nothing is awaited in between: who is not found here watches still.
        self.revocations.note(revoked)
        for connection in self.hub.of(user):
            if connection.identity is not None and revoked.covers(connection.identity):
                connection.disconnect(code, reason, at_once=True)

    def tell_changed(self, user: str, room: RoomInfo) -> None:
        """Tell the connections of *user* that its list of rooms has changed."""
        self.offer_user(user, room.room, encode("room:changed", room))

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
