"""
Who is present in one room: users, not connections.

A user comes with its first connection and goes with its last one; after a broken
connection only when a grace has passed, since brief absences are no absences. Who comes and
goes all the time stays for a while after each time: the others hear of it ten times in ten
seconds at most, and sooner only of the first coming and going.
Places are reserved before anything is awaited, so that no race gets past the cap.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import inf
from typing import Final

from conclave.core.ratelimit import Buckets
from conclave.model import Identity
from conclave.ports import Connection
from conclave.protocol.errors import Code, Reject

# The list is for eyes; the count stays exact.
MAX_LISTED: Final = 100
# Above it, comings and goings are told as numbers, at most once a second.
MAX_NOTICED: Final = 50
# Comings of one user a second, in the long run and at once. Each is followed by a going, and
# both are told to all who are in. Who comes and goes once is told at once, both times; who does
# so all the time causes 3 notices, then 2 every 3 seconds: 10 in any 10 seconds at most.
COMINGS_RATE: Final = 1 / 3
COMINGS_AT_ONCE: Final = 2


@dataclass(slots=True)
class _Guest:
    identity: Identity
    # Mostly one: a set is four times as large.
    connections: tuple[Connection, ...] = ()
    # Joins in flight hold the place.
    reserved: int = 0
    # Told to the room as come.
    came: bool = False
    goes_at: float = inf
    # Is here and not seen: nobody is told, and it does not count.
    hidden: bool = False


class Presence:
    """
    The users in one room; *capacity* bounds them, 0 does not.

    *on_free* is called with each user whose place is free again.
    """

    __slots__ = ("_capacity", "_comings", "_due", "_guests", "_on_free", "count")

    def __init__(self, capacity: int, on_free: Callable[[str], None] | None = None) -> None:
        self._capacity = capacity
        self._on_free = on_free
        self._guests: dict[str, _Guest] = {}
        # Of users who came of late, here or gone.
        self._comings: Buckets[str] = Buckets(COMINGS_RATE, COMINGS_AT_ONCE)
        self._due = inf
        # Users who have come and not gone.
        self.count = 0

    @property
    def due(self) -> float:
        """When `tick` may have somebody to let go."""
        return self._due

    @property
    def empty(self) -> bool:
        return not self._guests

    def reserve(self, identity: Identity, others: int = 0) -> None:
        """
        Hold a place for a join in flight; raises `room_full`. Follow with enter or release.

        So many *others* have a place already.
        """
        guest = self._guests.get(identity.user)
        if guest is None:
            if self._capacity and len(self._guests) + others >= self._capacity:
                raise Reject(Code.ROOM_FULL)
            guest = self._guests[identity.user] = _Guest(identity)
        guest.reserved += 1

    def release(self, user: str) -> None:
        """Give a reserved place back."""
        guest = self._guests[user]
        guest.reserved -= 1
        self._forget(user, guest)

    def enter(
        self, member: Connection, identity: Identity, now: float, *, hidden: bool = False
    ) -> bool:
        """
        Turn a reserved place into a presence; return whether the user has just come.

        One that is *hidden* does not come; if it was seen so far, call `hide` before.
        """
        guest = self._guests[identity.user]
        guest.reserved -= 1
        if member not in guest.connections:
            guest.connections = (*guest.connections, member)
        guest.identity = identity
        guest.goes_at = inf
        guest.hidden = hidden
        return self._come(guest, now)

    def _come(self, guest: _Guest, now: float) -> bool:
        if guest.came or guest.hidden:
            return False
        guest.came = True
        self.count += 1
        self._comings.take(guest.identity.user, now)
        return True

    def hide(self, user: str) -> Identity | None:
        """Let *user* be here unseen; return who has gone by that, for all others."""
        guest = self._guests.get(user)
        if guest is None:
            return None
        guest.hidden = True
        return guest.identity if self._go(user, guest) else None

    def show(self, user: str, now: float) -> Identity | None:
        """Let *user* be seen; return who has come by that, for all others."""
        guest = self._guests.get(user)
        if guest is None:
            return None
        guest.hidden = False
        return guest.identity if guest.connections and self._come(guest, now) else None

    def rename(self, identity: Identity) -> None:
        """The user of *identity* is called otherwise from now on."""
        if (guest := self._guests.get(identity.user)) is not None:
            guest.identity = identity

    def stays(self, user: str, now: float) -> float:
        """Return the seconds that *user* should be taken for present although it leaves."""
        return self._comings.wait(user, now)

    def leave(self, member: Connection, user: str, goes_at: float = -inf) -> bool:
        """
        Take one connection out; return whether its user has gone with it.

        With *goes_at* the user stays until then, unless another connection enters.
        """
        guest = self._guests.get(user)
        if guest is None or member not in guest.connections:
            return False
        guest.connections = tuple(one for one in guest.connections if one is not member)
        if guest.connections:
            return False
        if goes_at == -inf or not guest.came:
            return self._go(user, guest)
        guest.goes_at = goes_at
        self._due = min(self._due, goes_at)
        return False

    def tick(self, now: float) -> list[Identity]:
        """Return whose grace has passed: they have gone."""
        late = [(user, guest) for user, guest in self._guests.items() if guest.goes_at <= now]
        gone = [guest.identity for user, guest in late if self._go(user, guest)]
        self._due = min((guest.goes_at for guest in self._guests.values()), default=inf)
        return gone

    def _go(self, user: str, guest: _Guest) -> bool:
        came, guest.came, guest.goes_at = guest.came, False, inf
        self.count -= came
        self._forget(user, guest)
        return came

    def _forget(self, user: str, guest: _Guest) -> None:
        if not (guest.connections or guest.reserved or guest.came):
            del self._guests[user]
            if self._on_free is not None:
                self._on_free(user)

    def has(self, user: str) -> bool:
        """Return whether *user* has a place, seen or not."""
        return user in self._guests

    def users(self) -> list[str]:
        """Return all who have a place."""
        return list(self._guests)

    def holds(self, member: Connection, user: str) -> bool:
        guest = self._guests.get(user)
        return guest is not None and member in guest.connections

    def shown(self, user: str) -> Identity | None:
        """Return who *user* is to the others here; None: they do not see them."""
        guest = self._guests.get(user)
        return guest.identity if guest is not None and guest.came else None

    def lives(self, user: str) -> bool:
        """Return whether *user* has a connection that owes no sign of life."""
        guest = self._guests.get(user)
        return guest is not None and any(one.lives for one in guest.connections)

    def all(self) -> Iterator[Identity]:
        """Return all whom the others see."""
        return (guest.identity for guest in self._guests.values() if guest.came)

    def of(self, user: str) -> list[Connection]:
        """Return the connections of *user*."""
        guest = self._guests.get(user)
        return [] if guest is None else list(guest.connections)

    def connections(self) -> Iterator[Connection]:
        """Return every connection of those present: who hears what is only told."""
        for guest in self._guests.values():
            yield from guest.connections

    def listed(self) -> list[Identity]:
        """Return those present, at most `MAX_LISTED`."""
        return [*islice(self.all(), MAX_LISTED)]
