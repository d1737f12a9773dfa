"""
Looks again at people whom another node doubts, and at rooms that it changed for them.

A doubt is a hint like any other: what is true is asked of the store, so that nobody is thrown
out by a word on a bus, and who is doubted twice or for nothing does not notice.
"""

from collections.abc import Awaitable, Callable, Sequence
from math import inf
from typing import Final, Protocol, TypeVar

from conclave.controllers.node import Node
from conclave.controllers.telling import empty_here, tell_changed_here
from conclave.core.revocations import Revoked
from conclave.model import Identity
from conclave.ports import Connection
from conclave.protocol.errors import Close
from conclave.protocol.events import ProfileChanged

# Seconds between two looks at everybody while hints do not arrive, at least, and connections that
# are looked at in a second: two statements for each `AT_ONCE` of them.
ALL_EVERY: Final = 1.0
ALL_IN_A_SECOND: Final = 5_000
# Seconds between two looks at all rooms then.
ROOMS_EVERY: Final = 2.0
# Connections of which one look at the store says whether they are as they were.
AT_ONCE: Final = 500

T = TypeVar("T")


class Judge(Protocol):
    """Says what became of what people came in with."""

    async def still(self, identity: Identity) -> Identity | None:
        """Return who somebody is now; None: what they came in with is good no more."""

    async def suspects(self, identities: Sequence[Identity]) -> list[Identity]:
        """Return those of whom one look at all does not say that they are as they were."""


class Doubts:
    """Give it whom to look at by `doubted`; call `tick` often."""

    def __init__(self, node: Node, judge: Judge) -> None:
        self._node = node
        self._judge = judge
        self._users: dict[str, None] = {}
        # A user, "": all, and a room that is another thing to them now.
        self._rooms: dict[tuple[str, str], None] = {}
        self._renamed: dict[str, None] = {}
        # Whether hints were missed since everybody was looked at, and when that may be again.
        self._all_doubted = False
        self._all_due = -inf
        # When to look at all rooms; None: nothing was missed.
        self._rooms_due: float | None = None
        self._looked_at_rooms = -ROOMS_EVERY

    def doubted(self, user: str) -> None:
        """Look at *user* soon; who is just authenticating as this user must begin again."""
        self.look_at(user)
        why = "Who this is must be asked again"
        self._node.revocations.note(Revoked(user, None, None, Close.STATE_LOST, why))

    def look_at(self, user: str) -> None:
        """Look at the connections of *user* soon."""
        self._users[user] = None

    def renewed(self, user: str, room: str) -> None:
        """Tell *user*, "": all, soon what *room* is to them; it may be gone."""
        self._rooms[user, room] = None

    def renamed(self, user: str) -> None:
        """Tell soon who *user* is, who is in rooms by another node."""
        self._renamed[user] = None

    def doubt_all(self) -> None:
        """Look at everybody and all rooms, as soon as one may: hints may have been lost."""
        self._rooms_due = self._looked_at_rooms + ROOMS_EVERY
        self._all_doubted = True

    async def tick(self) -> None:
        """Look at all who were doubted; raises what the store does, and looks again then."""
        now = self._node.clock.monotonic()
        if self._all_doubted and now >= self._all_due:
            await self._look_at_all(now)
        await _look_at_each(self._users, self._look_at_user)
        await _look_at_each(self._rooms, lambda pair: self._tell_of(*pair))
        await _look_at_each(self._renamed, self._tell_name)
        if self._rooms_due is not None and now >= self._rooms_due:
            await self._look_at_rooms(now)

    async def _look_at_all(self, now: float) -> None:
        """Doubt those who are not as they were: of most one look says that they are."""
        self._all_doubted = False
        each = self._node.hub.identities()
        try:
            for at in range(0, len(each), AT_ONCE):
                self._users |= await self._changed(each[at : at + AT_ONCE])
        except BaseException:
            self._all_doubted = True
            raise
        self._all_due = now + max(ALL_EVERY, len(each) / ALL_IN_A_SECOND)

    async def _changed(self, identities: Sequence[Identity]) -> dict[str, None]:
        suspects = [one.user for one in await self._judge.suspects(identities)]
        users = await self._node.store.users({one.user for one in identities})
        others = [one.id for one in users if not one.active or not self._node.knows(one)]
        return dict.fromkeys((*suspects, *others))

    async def _look_at_rooms(self, now: float) -> None:
        self._rooms_due, self._looked_at_rooms = None, now
        try:
            for room in await self._node.news.look():
                await empty_here(self._node, room)
        except BaseException:
            self._rooms_due = now + ROOMS_EVERY
            raise

    async def _look_at_user(self, user: str) -> None:
        for connection in self._node.hub.of(user):
            await self._look_at(connection)
        await self._look_up(user)

    async def _tell_of(self, user: str, room: str) -> None:
        node = self._node
        if user:
            if node.hub.of(user):
                await tell_changed_here(node, user, room)
        elif room in await node.store.heads([room]):
            await node.news.tell_all(room, node.attendance.present(room))
        else:
            await empty_here(node, room)

    async def _tell_name(self, user: str) -> None:
        known = await self._node.store.user(user)
        if known is not None:
            told = ProfileChanged(known.id, known.display_name, known.about, known.role)
            around = self._node.attendance
            around.tell_around(user, around.elsewhere(user), told)

    async def _look_at(self, connection: Connection) -> None:
        before = connection.identity
        assert before is not None  # the hub knows only them by a user
        now = await self._judge.still(before)
        if now is None:
            connection.disconnect(Close.SESSION_REVOKED, "Session revoked", at_once=True)
        elif (now.scopes, now.rooms) != (before.scopes, before.rooms):
            why = "What this token may is another now"
            connection.disconnect(Close.STATE_LOST, why, at_once=True)

    async def _look_up(self, user: str) -> None:
        known = await self._node.store.user(user) if self._node.hub.of(user) else None
        if known is not None and not self._node.knows(known):
            self._node.show(known)


async def _look_at_each(doubted: dict[T, None], look: Callable[[T], Awaitable[None]]) -> None:
    """Look at all that are *doubted* now; one that fails is looked at after the others."""
    for one in [*doubted]:
        # Before the look: what is changed behind it is doubted once more.
        del doubted[one]
        try:
            await look(one)
        except BaseException:
            doubted[one] = None
            raise
