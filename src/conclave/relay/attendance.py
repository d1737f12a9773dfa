"""
Join and leave: who is in a room, and what the others are told of it.

Attached is a connection, present is a user. Joining holds live entries back while the
history is read, so that nobody is told anything twice or not at all.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from conclave.core.statuses import Statuses
from conclave.model import Identity, Limits, Page, Position, Status
from conclave.ports import Clock, Connection, Member, Store
from conclave.protocol.codec import Packet, encode_event
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event
from conclave.protocol.events import Presence, PresenceChanged, Present
from conclave.protocol.lines import notice_packet
from conclave.relay.halls import Hall, Halls

# Seconds between two countings of a room that is too large for single notices.
COUNT_EVERY: Final = 1.0


class Attendance:
    """The comings and goings of one node."""

    def __init__(
        self,
        store: Store,
        halls: Halls,
        clock: Clock,
        *,
        page: int,
        grace: float,
        statuses: Statuses | None = None,
    ) -> None:
        self._store = store
        self._halls = halls
        self._clock = clock
        self._page = page
        self._grace = grace
        self._statuses = Statuses() if statuses is None else statuses
        # Halls in which something is due.
        self._waiting: dict[Hall, None] = {}

    def count(self, name: str) -> int:
        """Return how many users are present in the room here."""
        hall = self._halls.get(name)
        return 0 if hall is None else hall.presence.count

    def present(self, name: str) -> list[Connection]:
        """Return the connections that are in the room here."""
        return self._connections(name)

    def head(self, name: str) -> int | None:
        """Return the number up to which those in the room have been told; None if it is closed."""
        hall = self._halls.get(name)
        return None if hall is None or hall.room is None else hall.room.head

    @contextmanager
    def place(self, name: str, identity: Identity) -> Iterator[None]:
        """Hold a place in room *name* for *identity*; raises `room_full`."""
        presence = self._halls.enter(name).presence
        presence.reserve(identity)
        try:
            yield
        finally:
            presence.release(identity.user)

    async def join(
        self,
        connection: Connection,
        identity: Identity,
        name: str,
        since: Position | None,
        greet: Callable[[Page], None],
        most_bytes: int = Limits().page_bytes,
    ) -> bool:
        """
        Greet *connection* with what it missed, then tell it everything; return whether it is
        attached: not yet, when there is more to read.

        *greet* is called once, with a page of *most_bytes*, and must hand it on without
        waiting. Raises `room_full`, and `not_in_room` when it was removed meanwhile.
        """
        hall = self._halls.enter(name)
        hall.presence.reserve(identity)
        entered = False
        try:
            if await self._read(hall, connection, since, greet, most_bytes):
                self._enter(hall, connection, identity)
                entered = True
        finally:
            if not entered:
                hall.presence.release(identity.user)
                # One that was attached before is told nothing any more: it must join again.
                self.leave(connection, name, broken=True)
        self._halls.hurry(hall)
        return entered

    async def _read(
        self,
        hall: Hall,
        connection: Connection,
        since: Position | None,
        greet: Callable[[Page], None],
        most_bytes: int,
    ) -> bool:
        """Send the history; return whether the connection is told all that follows it."""
        room = await self._halls.open(hall)
        ticket = room.begin_join(connection)
        try:
            page = await self._missed(hall.name, since, connection.user, most_bytes)
            if not room.stands(ticket):
                raise Reject(Code.NOT_IN_ROOM)
            # From here to the return nothing is awaited: what comes after the page is told.
            greet(page)
            # Of messages, `more` means earlier ones; of entries, that some are still missing.
            complete = since is None or not page.more
            if complete:
                room.finish_join(ticket, page.upto, page.joined_seq, hides=page.hides)
        finally:
            room.give_up(ticket)
        return complete

    async def _missed(
        self, name: str, since: Position | None, reader: str, most_bytes: int
    ) -> Page:
        # Membership is asked again, at the moment of the page: who was removed between the
        # gate and here, perhaps on another node, must not get in.
        if since is None:
            return await self._store.history(
                name, limit=self._page, most_bytes=most_bytes, reader=reader
            )
        return await self._store.entries(name, since, most_bytes=most_bytes, reader=reader)

    def _enter(self, hall: Hall, connection: Connection, identity: Identity) -> None:
        known = hall.presence.holds(connection, identity.user)
        hidden = self._statuses.hidden(identity.user)
        if hidden:
            self._hide(hall, identity.user)
        now = self._clock.monotonic()
        came = hall.presence.enter(connection, identity, now, hidden=hidden)
        connection.rooms = connection.rooms | hall.alone if connection.rooms else hall.alone
        if known:
            return
        self._halls.meters.joins += 1
        connection.offer(self._presence(hall))
        if came:
            self._come(hall, identity, self._statuses.of(identity.user))

    def _come(self, hall: Hall, who: Identity, status: Status) -> None:
        self._notice(hall, "user:joined", "has joined", who, to=who.user)
        if status is not Status.ONLINE:
            # A notice says only that somebody is here.
            self.tell_others(hall.name, who.user, PresenceChanged(who.user, status))

    def _hide(self, hall: Hall, user: str) -> None:
        self._statuses.not_seen(user)
        if (gone := hall.presence.hide(user)) is not None:
            self._notice(hall, "user:left", "has left", gone)

    def restate(self, user: str, rooms: Iterable[str], status: Status) -> None:
        """Tell *rooms*, in which *user* is, of another status; large ones get their list anew."""
        told = encode_event(PresenceChanged(user, status))
        others: dict[Connection, None] = {}
        for hall in [hall for name in rooms if (hall := self._halls.get(name)) is not None]:
            if status is Status.INVISIBLE:
                self._hide(hall, user)
                continue
            if (came := hall.presence.show(user, self._clock.monotonic())) is not None:
                self._notice(hall, "user:joined", "has joined", came, to=user)
            if hall.presence.noticed:
                others |= dict.fromkeys(hall.presence.connections())
            else:
                self._count_soon(hall)
        # Each connection once, however many rooms it shares.
        self._offer([one for one in others if one.user != user], told)

    def renamed(self, rooms: Iterable[str], who: Identity) -> None:
        """Let *rooms* show *who* under another name from now on."""
        for name in rooms:
            if (hall := self._halls.get(name)) is not None:
                hall.presence.rename(who)

    def tell_around(self, user: str, rooms: Iterable[str], event: Event) -> None:
        """Tell all who are in one of *rooms* with *user*, each connection once."""
        others: dict[Connection, None] = {}
        for name in rooms:
            others |= dict.fromkeys(self._connections(name))
        self._offer([one for one in others if one.user != user], encode_event(event))

    def leave(
        self, connection: Connection, name: str, *, broken: bool = False, removed: bool = False
    ) -> bool:
        """
        Take *connection* out of the room; return whether it was in.

        The others hear of it when it was its user's last one: at once if it was *removed*; if
        it is *broken*, or comes and goes all the time, when it has not come back in time.
        """
        connection.rooms -= {name}
        hall = self._halls.get(name)
        if hall is None:
            return False
        if hall.room is not None:
            # Also ends a join that is under way.
            hall.room.leave(connection)
        if not hall.presence.holds(connection, connection.user):
            return False
        self._halls.meters.leaves += 1
        now = self._clock.monotonic()
        stays = 0.0 if removed else hall.presence.stays(connection.user, now)
        self._leave(hall, connection, max(stays, self._grace if broken else 0.0))
        return True

    def _leave(self, hall: Hall, connection: Connection, stays: float) -> None:
        identity = connection.identity
        assert identity is not None  # only who has authenticated is ever present
        if stays:
            goes_at = self._clock.monotonic() + stays
            hall.presence.leave(connection, identity.user, goes_at)
            self._waiting[hall] = None
        elif hall.presence.leave(connection, identity.user):
            self._notice(hall, "user:left", "has left", identity)

    def removed(self, member: Member, name: str) -> None:
        """An entry of the log took *member* out: whoever is left hears that its user is gone."""
        for connection in self._connections(name):
            if connection is member:
                self.leave(connection, name, removed=True)

    async def shut(self, name: str) -> None:
        """Let all out of the room, which is deleted; nobody hears of the others."""
        for connection in self._connections(name):
            connection.rooms -= {name}
        hall = self._halls.get(name)
        if hall is not None:
            self._waiting.pop(hall, None)
        await self._halls.drop(name)

    def _connections(self, name: str) -> list[Connection]:
        hall = self._halls.get(name)
        return [] if hall is None else list(hall.presence.connections())

    def tell(self, name: str, event: Event, but: Connection | None = None) -> None:
        """Tell all who are in the room here, except *but*; nothing is stored."""
        self._offer(self._connections(name), encode_event(event), but)

    def tell_others(self, name: str, user: str, event: Event) -> None:
        """Tell all who are in the room here but *user*; nobody in one too large for notices."""
        hall = self._halls.get(name)
        if hall is not None and hall.presence.noticed:
            others = [one for one in hall.presence.connections() if one.user != user]
            self._offer(others, encode_event(event))

    @staticmethod
    def _offer(
        connections: list[Connection], packet: Packet, but: Connection | None = None
    ) -> None:
        for connection in connections:
            if connection is not but:
                connection.offer(packet)

    def _notice(self, hall: Hall, type_: str, verb: str, who: Identity, to: str = "") -> None:
        now = self._clock.wall()
        text = f"{who.name} {verb} the room"
        packet = notice_packet(type_, text, hall.name, now, who)
        if hall.presence.noticed:
            self._offer(list(hall.presence.connections()), packet)
            return
        # In a large room n comings would be told n times each: only the number is.
        self._offer([c for c in hall.presence.connections() if c.user == to], packet)
        self._count_soon(hall)

    def _count_soon(self, hall: Hall) -> None:
        if not hall.count_due:
            hall.count_due = self._clock.monotonic() + COUNT_EVERY
        self._waiting[hall] = None

    def _presence(self, hall: Hall) -> Packet:
        users = [
            Present(who.user, who.name, who.role, self._statuses.of(who.user))
            for who in hall.presence.listed()
        ]
        return encode_event(Presence(hall.name, hall.presence.count, users))

    def tick(self) -> None:
        """Let go whose grace has passed, and tell large rooms their number."""
        now = self._clock.monotonic()
        for hall in list(self._waiting):
            for identity in hall.presence.tick(now) if hall.presence.due <= now else ():
                self._notice(hall, "user:left", "has left", identity)
            if hall.count_due and hall.count_due <= now:
                hall.count_due = 0.0
                self._offer(list(hall.presence.connections()), self._presence(hall))
            if not hall.count_due and hall.presence.due == float("inf"):
                del self._waiting[hall]
