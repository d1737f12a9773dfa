"""
What people in a room are told of each other, wherever they are connected.

Who is in the same room by two nodes comes once and goes once. Other nodes learn who is present
here, and tell theirs.
"""

from collections.abc import Callable
from itertools import islice
from typing import Final

from conclave.core.elsewhere import Elsewhere
from conclave.core.presence import MAX_LISTED, MAX_NOTICED
from conclave.core.statuses import Statuses
from conclave.model import Identity, Status
from conclave.model.seen import Seen
from conclave.ports import Clock, Connection
from conclave.protocol.codec import Packet, encode_event
from conclave.protocol.events import Presence, PresenceChanged, Present
from conclave.protocol.lines import notice_packet
from conclave.relay.halls import Hall, Halls

# Seconds between two countings of a room that is too large for single notices.
COUNT_EVERY: Final = 1.0


class Roll:
    def __init__(self, halls: Halls, clock: Clock, statuses: Statuses) -> None:
        self._halls = halls
        self._clock = clock
        self._statuses = statuses
        self.elsewhere = Elsewhere()
        # Large rooms that shall be told their number.
        self._counting: dict[Hall, None] = {}
        # Users of whom nobody knows whether they are here still.
        self._doubted: dict[Hall, set[str]] = {}
        # What lets other nodes know; neither waits nor raises.
        self.on_come: Callable[[str, Seen], None] = lambda _room, _seen: None
        self.on_whisper: Callable[[str, str, Packet], None] = lambda _room, _user, _packet: None
        # Told of who is called, or may, otherwise than before by another node.
        self.on_renamed: Callable[[str], None] = lambda _user: None
        self.on_go: Callable[[str, str], None] = lambda _room, _user: None

    def count_in(self, hall: Hall, user: str) -> None:
        """*user* has just become present here; call it before anything is told, then `come`."""
        self.elsewhere.beside(hall.name, user, 1)

    def come(self, hall: Hall, who: Identity, status: Status) -> None:
        """*who* has just become present here."""
        self.on_come(hall.name, Seen(who.user, who.name, who.role, status))
        if not self.elsewhere.holds(hall.name, who.user):
            self._joined(hall, who, status)

    def go(self, hall: Hall, who: Identity) -> None:
        """*who* is present here no more."""
        self.elsewhere.beside(hall.name, who.user, -1)
        self.on_go(hall.name, who.user)
        if not self.elsewhere.holds(hall.name, who.user):
            self._notice(hall, "user:left", "has left", who)

    def look(self, hall: Hall, user: str, status: Status) -> None:
        """*user*, who is here, looks otherwise from now on; those here are told by the caller."""
        if (who := hall.presence.shown(user)) is not None:
            self.on_come(hall.name, Seen(who.user, who.name, who.role, status))

    def shut(self, hall: Hall) -> None:
        """The room is no more."""
        self._counting.pop(hall, None)
        self._doubted.pop(hall, None)
        for who in hall.presence.all():
            self.elsewhere.beside(hall.name, who.user, -1)
            self.on_go(hall.name, who.user)

    def stood_still(self) -> None:
        """Ask everybody for a sign of life; other nodes are told of those who gave one."""
        asked: dict[Connection, None] = {}
        for hall in self._halls.all():
            asked |= dict.fromkeys(hall.presence.connections())
            self._doubted[hall] = {who.user for who in hall.presence.all()}
        for connection in asked:
            connection.ask_life()

    def _believe(self) -> None:
        """Tell other nodes who of the doubted is here."""
        for hall, users in list(self._doubted.items()):
            for user in [one for one in users if hall.presence.lives(one)]:
                self.look(hall, user, self._statuses.of(user))
                users.discard(user)
            users &= {who.user for who in hall.presence.all()}
            if not users:
                del self._doubted[hall]

    # By other nodes.

    def came(self, node: str, room: str, seen: Seen) -> None:
        """*seen* is in *room* by another node, or looks otherwise there."""
        hall, here = self._look_here(room, seen.user)
        before = self.elsewhere.came(node, room, seen, here=here)
        if before is not None and (before.name, before.role) != (seen.name, seen.role):
            self.on_renamed(seen.user)
        if hall is None or here:
            return
        if before is None:
            self._joined(hall, _identity(seen), seen.status)
        elif before.status is not seen.status:
            self._tell_others(hall, seen.user, seen.status)

    def went(self, node: str, room: str, seen: Seen) -> None:
        """*seen* is in *room* by that node no more."""
        hall, here = self._look_here(room, seen.user)
        last = self.elsewhere.went(node, room, seen.user, here=here)
        if last and hall is not None and not here:
            self._notice(hall, "user:left", "has left", _identity(seen))

    def _look_here(self, room: str, user: str) -> tuple[Hall | None, bool]:
        """Return the room if it is open here, and whether *user* is in it here."""
        hall = self._halls.get(room)
        return hall, hall is not None and hall.presence.shown(user) is not None

    def whispered(self, room: str, user: str, packet: Packet) -> None:
        """Another node tells all in *room* but *user*; if it is about one, nobody in large ones."""
        hall = self._halls.get(room)
        if hall is not None and (not user or self.noticed(hall)):
            offer([one for one in hall.presence.connections() if one.user != user], packet)

    # What is told.

    def count(self, hall: Hall) -> int:
        """Return how many users are in the room, on all nodes."""
        return hall.presence.count + self.elsewhere.alone(hall.name)

    def reserve(self, hall: Hall, who: Identity) -> None:
        """Hold a place for *who*, in a room that is as full as all nodes together make it."""
        # What the others say may be late: where they share places, those are asked for.
        shared = self._halls.seating is not None
        hall.presence.reserve(who, 0 if shared else self._others(hall, who.user))

    def _others(self, hall: Hall, but: str) -> int:
        """Return how many besides *but* are in the room by other nodes alone."""
        others = self.elsewhere.alone(hall.name)
        there = self.elsewhere.holds(hall.name, but) and hall.presence.shown(but) is None
        return others - there

    def noticed(self, hall: Hall) -> bool:
        """Return whether single comings and goings are told there."""
        most = max(hall.presence.count, self.elsewhere.number(hall.name))
        return most <= MAX_NOTICED and self.count(hall) <= MAX_NOTICED

    def presence(self, hall: Hall) -> Packet:
        """Return who is in the room, on all nodes."""
        users = [
            Present(who.user, who.name, who.role, self._statuses.of(who.user))
            for who in hall.presence.listed()
        ]
        others = (
            Present(one.user, one.name, one.role, one.status)
            for one in self.elsewhere.of(hall.name)
            if hall.presence.shown(one.user) is None
        )
        users += islice(others, MAX_LISTED - len(users))
        return encode_event(Presence(hall.name, self.count(hall), users))

    def _joined(self, hall: Hall, who: Identity, status: Status) -> None:
        self._notice(hall, "user:joined", "has joined", who, to=who.user)
        if status is not Status.ONLINE:
            # A notice says only that somebody is here.
            self._tell_others(hall, who.user, status)

    def _tell_others(self, hall: Hall, user: str, status: Status) -> None:
        if self.noticed(hall):
            others = [one for one in hall.presence.connections() if one.user != user]
            offer(others, encode_event(PresenceChanged(user, status)))

    def _notice(self, hall: Hall, type_: str, verb: str, who: Identity, to: str = "") -> None:
        now = self._clock.wall()
        text = f"{who.name} {verb} the room"
        packet = notice_packet(type_, text, hall.name, now, who)
        if self.noticed(hall):
            offer(list(hall.presence.connections()), packet)
            return
        # In a large room n comings would be told n times each: only the number is.
        offer(hall.presence.of(to), packet)
        self.count_soon(hall)

    def count_soon(self, hall: Hall) -> None:
        """Tell the room its number, not more than once in `COUNT_EVERY`."""
        if not hall.count_due:
            hall.count_due = self._clock.monotonic() + COUNT_EVERY
        self._counting[hall] = None

    def tick(self) -> None:
        """Tell large rooms their number, if that is due, and other nodes who lives."""
        self._believe()
        now = self._clock.monotonic()
        for hall in [one for one in self._counting if one.count_due <= now]:
            hall.count_due = 0.0
            offer(list(hall.presence.connections()), self.presence(hall))
            del self._counting[hall]


def offer(connections: list[Connection], packet: Packet, but: Connection | None = None) -> None:
    """Offer *packet* to all of *connections* except *but*."""
    for connection in connections:
        if connection is not but:
            connection.offer(packet)


def _identity(seen: Seen) -> Identity:
    return Identity(user=seen.user, name=seen.name, role=seen.role)
