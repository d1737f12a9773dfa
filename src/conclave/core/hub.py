"""
The connections of this node: how many, from where, of whom.

Counts are taken from the sets themselves, so they cannot drift. It also knows which
connections hear of a room without being in it: those of its members.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from conclave.core.address import network_of
from conclave.core.expecting import Expected, Looks
from conclave.core.reaching import reaches
from conclave.model import Identity
from conclave.ports import Connection


@dataclass(frozen=True, slots=True)
class Caps:
    """How many connections there may be; 0: no limit."""

    total: int = 10_000
    per_address: int = 1_000
    unauthenticated_per_address: int = 50
    per_user: int = 20


class Hub:
    """Adds and removes connections, and finds those of a user."""

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        self._all: dict[Connection, None] = {}
        self._by_address: defaultdict[str, set[Connection]] = defaultdict(set)
        self._strangers: defaultdict[str, set[Connection]] = defaultdict(set)
        # The oldest first. Tuples: most people have one connection, and a set of one is four
        # times as large.
        self._by_user: dict[str, tuple[Connection, ...]] = {}
        self._watchers: defaultdict[str, set[Connection]] = defaultdict(set)
        # Tuples again, of the rooms of one.
        self._watched: dict[Connection, tuple[str, ...]] = {}
        # At which nobody is, as they said themselves.
        self._idle: set[Connection] = set()
        self._looks = Looks()
        # Told who came in while all were asked after: they were not. It must not wait nor raise.
        self.on_missed: Callable[[str], None] = lambda _user: None
        self._parted = 0

    def renew(self, caps: Caps) -> None:
        """Let *caps* count for who comes from now on."""
        self._caps = caps

    def __len__(self) -> int:
        return len(self._all)

    @property
    def parted(self) -> int:
        """How many connections have gone since the start."""
        return self._parted

    @property
    def users(self) -> int:
        """How many users have a connection here."""
        return len(self._by_user)

    @property
    def connections(self) -> Collection[Connection]:
        return self._all.keys()

    @property
    def places(self) -> int:
        """How many connections there may be; 0: no limit."""
        return self._caps.total

    def full(self) -> bool:
        return 0 < self._caps.total <= len(self._all)

    def crowded(self, address: str) -> bool:
        """Return whether *address* has as many connections as it may."""
        network = network_of(address)
        all_, strangers = self._caps.per_address, self._caps.unauthenticated_per_address
        return (
            0 < all_ <= len(self._by_address.get(network, ()))
            or 0 < strangers <= len(self._strangers.get(network, ()))
        )  # fmt: skip

    def add(self, connection: Connection) -> None:
        self._all[connection] = None
        self._by_address[network_of(connection.address)].add(connection)
        self._strangers[network_of(connection.address)].add(connection)

    def identify(self, connection: Connection, user: str) -> Connection | None:
        """
        Note whose *connection* is; return the one that must go for it, if any.

        One that goes is no longer among those of its user, however long its end takes: else
        many who come at once would all be let in for the same one. A connection that has
        been removed is ignored.
        """
        if connection not in self._all:
            return None
        self._discard(self._strangers, network_of(connection.address), connection)
        own = self._by_user.get(user, ())
        if connection not in own:
            own = (*own, connection)
        goes = own[0] if 0 < self._caps.per_user < len(own) else None
        self._by_user[user] = own if goes is None else own[1:]
        return goes

    def remove(self, connection: Connection) -> None:
        """Forget *connection*; doing so twice is harmless."""
        self._parted += connection in self._all
        self._all.pop(connection, None)
        self._idle.discard(connection)
        self._discard(self._by_address, network_of(connection.address), connection)
        self._discard(self._strangers, network_of(connection.address), connection)
        if connection.identity is not None:
            self._forget(connection.identity.user, connection)
        for room in self._watched.pop(connection, ()):
            self._discard(self._watchers, room, connection)

    def _forget(self, user: str, connection: Connection) -> None:
        own = tuple(one for one in self._by_user.get(user, ()) if one is not connection)
        if own:
            self._by_user[user] = own
        else:
            self._by_user.pop(user, None)

    @staticmethod
    def _discard(
        index: defaultdict[str, set[Connection]], key: str, connection: Connection
    ) -> None:
        if (members := index.get(key)) is not None:
            members.discard(connection)
            if not members:
                del index[key]

    def expect(self) -> AbstractContextManager[Expected]:
        """Expect somebody who is not found here yet: see `expecting`."""
        return self._looks.expect()

    def of(self, user: str) -> list[Connection]:
        """Return the connections of *user* here, the oldest first; see `expect`."""
        self._looks.note(user)
        return list(self._by_user.get(user, ()))

    def seek_all(self) -> None:
        """Note that everybody was looked for, whoever is told: also who comes in now is meant."""
        self._looks.note(None)

    def identities(self) -> list[Identity]:
        """Return whom the connections here speak for, before all of them are asked after."""
        self.seek_all()
        return [one.identity for one in self._all if one.identity is not None]

    def set_idle(self, connection: Connection, idle: bool) -> None:
        """Note whether somebody is at *connection*; one that has been removed is ignored."""
        if idle and connection in self._all:
            self._idle.add(connection)
        else:
            self._idle.discard(connection)

    def awake(self, user: str) -> bool:
        """Return whether *user* is at one of their connections here."""
        return any(one not in self._idle for one in self._by_user.get(user, ()))

    def awake_at(self, user: str) -> frozenset[Connection]:
        """Return at which of their connections here *user* is."""
        return frozenset(one for one in self._by_user.get(user, ()) if one not in self._idle)

    def watch(self, connection: Connection, rooms: Iterable[str]) -> None:
        """
        Let *connection* hear that these rooms change, whenever it is not attached to them.

        A connection that has been removed is ignored: nobody would ever take it out again. Of
        rooms in which its token is not good it hears nothing.
        """
        if connection not in self._all:
            return
        good = [room for room in rooms if reaches(connection.identity, room)]
        for room in good:
            self._watchers[room].add(connection)
        known = self._watched.get(connection, ())
        self._watched[connection] = tuple(dict.fromkeys((*known, *good)))

    def unwatch(self, connection: Connection, room: str) -> None:
        self._discard(self._watchers, room, connection)
        if (watched := self._watched.get(connection)) is not None:
            self._watched[connection] = tuple(one for one in watched if one != room)

    @property
    def watched(self) -> Collection[str]:
        """The rooms that anybody here hears of."""
        return self._watchers.keys()

    def watchers(self, room: str) -> list[Connection]:
        """Return who hears of *room* and is not attached to it."""
        return [c for c in self._watchers.get(room, ()) if room not in c.rooms]
