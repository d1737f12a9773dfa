"""
Join and leave: who is in a room, and what the others are told of it.

Attached is a connection, present is a user. Joining holds live entries back while the
history is read, so that nobody is told anything twice or not at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from conclave.core.statuses import Statuses
from conclave.model import Identity, Limits, Page, Position, Status
from conclave.ports import Clock, Connection, Member, Store
from conclave.protocol.codec import encode_event
from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event
from conclave.protocol.events import PresenceChanged
from conclave.relay.ahead import Ahead, look_ahead
from conclave.relay.halls import Hall, Halls
from conclave.relay.roll import Roll, offer


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
        # What the others are told of who is there.
        self.roll = Roll(halls, clock, self._statuses)
        # Halls in which somebody's grace may end.
        self._waiting: dict[Hall, None] = {}

    def count(self, name: str) -> int:
        """Return how many users are present in the room, if it is open here."""
        hall = self._halls.get(name)
        return 0 if hall is None else self.roll.count(hall)

    def present(self, name: str) -> list[Connection]:
        """Return the connections that are in the room here."""
        return self._connections(name)

    def head(self, name: str) -> int | None:
        """Return the number up to which those in the room have been told; None if it is closed."""
        hall = self._halls.get(name)
        return None if hall is None or hall.room is None else hall.room.head

    @contextmanager
    def place(self, name: str, identity: Identity) -> Iterator[None]:
        """Hold a place here in room *name* for *identity*; raises `room_full`. `seat` is next."""
        hall = self._halls.enter(name)
        self.roll.reserve(hall, identity)
        try:
            yield
        finally:
            hall.presence.release(identity.user)

    async def seat(self, name: str, user: str) -> None:
        """Have the place that is held here on all nodes; raises `room_full`."""
        if (seating := self._halls.seating) is not None:
            await seating.take(name, user)

    async def unseated(self, name: str, user: str) -> None:
        """Return when the place of *user*, if they have left, is free on all nodes."""
        if (seating := self._halls.seating) is not None:
            await seating.given(name, user)

    async def look_ahead(
        self, user: str, known: Mapping[str, Position], most_bytes: int
    ) -> dict[str, Ahead]:
        """Return what *user* missed of those rooms *known* of which one query finds it all."""
        return await look_ahead(self._store, self._halls, user, known, most_bytes)

    async def join(
        self,
        connection: Connection,
        identity: Identity,
        name: str,
        since: Position | None,
        greet: Callable[[Page], None],
        most_bytes: int = Limits().page_bytes,
        ahead: Ahead | None = None,
    ) -> bool:
        """
        Greet *connection* with what it missed, then tell it everything; return whether it is
        attached: not yet, when there is more to read.

        *greet* is called once, with a page of *most_bytes*, and must hand it on without
        waiting; with the one that is *ahead*, if that is still all there is. Raises
        `room_full`, and `not_in_room` when it was removed meanwhile.
        """
        hall = self._halls.enter(name)
        self.roll.reserve(hall, identity)
        entered = False
        try:
            if await self._read(hall, connection, since, greet, most_bytes, ahead):
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
        ahead: Ahead | None,
    ) -> bool:
        """Send the history; return whether the connection is told all that follows it."""
        room = await self._halls.open(hall)
        ticket = room.begin_join(connection)
        try:
            if ahead is not None and ahead.is_all(hall):
                page = ahead.page
            else:
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
        if came:
            self.roll.count_in(hall, identity.user)
        connection.rooms = connection.rooms | hall.alone if connection.rooms else hall.alone
        if known:
            return
        self._halls.meters.joins += 1
        connection.offer(self.roll.presence(hall))
        if came:
            self.roll.come(hall, identity, self._statuses.of(identity.user))

    def _hide(self, hall: Hall, user: str) -> None:
        self._statuses.not_seen(user)
        if (gone := hall.presence.hide(user)) is not None:
            self.roll.go(hall, gone)

    def restate(self, user: str, rooms: Iterable[str], status: Status) -> None:
        """Tell *rooms*, in which *user* is, of another status; large ones get their list anew."""
        told = encode_event(PresenceChanged(user, status))
        others: dict[Connection, None] = {}
        for hall in [hall for name in rooms if (hall := self._halls.get(name)) is not None]:
            if status is Status.INVISIBLE:
                self._hide(hall, user)
                continue
            if (came := hall.presence.show(user, self._clock.monotonic())) is not None:
                # How they are is told below, once for all rooms.
                self.roll.count_in(hall, user)
                self.roll.come(hall, came, Status.ONLINE)
            self.roll.look(hall, user, status)
            if self.roll.noticed(hall):
                others |= dict.fromkeys(hall.presence.connections())
            else:
                self.roll.count_soon(hall)
        # Each connection once, however many rooms it shares.
        offer([one for one in others if one.user != user], told)

    def renamed(self, rooms: Iterable[str], who: Identity) -> None:
        """Let *rooms* show *who* under another name from now on."""
        for name in rooms:
            if (hall := self._halls.get(name)) is not None:
                hall.presence.rename(who)
                self.roll.look(hall, who.user, self._statuses.of(who.user))

    def elsewhere(self, user: str) -> list[str]:
        """Return the rooms open here in which *user* is by other nodes."""
        names = [hall.name for hall in self._halls.all()]
        return [name for name in names if self.roll.elsewhere.holds(name, user)]

    def tell_around(self, user: str, rooms: Iterable[str], event: Event) -> None:
        """Tell all who are in one of *rooms* with *user*, each connection once."""
        others: dict[Connection, None] = {}
        for name in rooms:
            others |= dict.fromkeys(self._connections(name))
        offer([one for one in others if one.user != user], encode_event(event))

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
            self.roll.go(hall, identity)

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
            self.roll.shut(hall)
        await self._halls.drop(name)

    def _connections(self, name: str) -> list[Connection]:
        hall = self._halls.get(name)
        return [] if hall is None else list(hall.presence.connections())

    def tell(self, name: str, event: Event, but: Connection | None = None) -> None:
        """Tell all who are in the room, on all nodes, except *but*; nothing is stored."""
        packet = encode_event(event)
        offer(self._connections(name), packet, but)
        self.roll.on_whisper(name, "", packet)

    def tell_others(self, name: str, user: str, event: Event) -> None:
        """Tell all who are in the room but *user*; nobody in one too large for notices."""
        hall = self._halls.get(name)
        if hall is not None and self.roll.noticed(hall):
            others = [one for one in hall.presence.connections() if one.user != user]
            packet = encode_event(event)
            offer(others, packet)
            self.roll.on_whisper(name, user, packet)

    def tick(self) -> None:
        """Let go whose grace has passed, and tell large rooms their number."""
        now = self._clock.monotonic()
        for hall in list(self._waiting):
            for identity in hall.presence.tick(now) if hall.presence.due <= now else ():
                self.roll.go(hall, identity)
            if hall.presence.due == float("inf"):
                del self._waiting[hall]
        self.roll.tick()
