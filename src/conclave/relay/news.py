"""
Tells people that a room they are not in has something new, at most once a second a room.

Only members hear of it, and only on connections that are not attached: the others are told
the entries themselves.
"""

from typing import Final

from conclave.core.hub import Hub
from conclave.ports import Connection, Store
from conclave.protocol.codec import encode

INTERVAL: Final = 1.0
# Rooms that are asked after together.
_AT_ONCE: Final = 1_000


class News:
    def __init__(self, store: Store, hub: Hub) -> None:
        self._store = store
        self._hub = hub
        self._changed: set[str] = set()
        # How far each room was when it was last noted.
        self._heads: dict[str, int] = {}

    def note(self, room: str, seq: int) -> None:
        """Remember that *room* has a new entry, the one numbered *seq*."""
        self._changed.add(room)
        self._heads[room] = max(seq, self._heads.get(room, 0))

    async def look(self) -> list[str]:
        """
        Note what was said since and nobody noted; return the rooms that are no more.

        Call it when hints may have been lost.
        """
        watched, gone = [*self._hub.watched], []
        known, self._heads = self._heads, {}
        for at in range(0, len(watched), _AT_ONCE):
            heads = await self._store.heads(watched[at : at + _AT_ONCE])
            for room in watched[at : at + _AT_ONCE]:
                if room not in heads:
                    gone.append(room)
                elif heads[room] == known.get(room):
                    self._heads[room] = max(heads[room], self._heads.get(room, 0))
                else:
                    self.note(room, heads[room])
        return gone

    def forget(self, room: str) -> None:
        """All who might hear of *room* have just been told."""
        self._changed.discard(room)

    def forget_member(self, room: str, user: str) -> None:
        """Let *user* hear of *room* no more."""
        for connection in self._hub.of(user):
            self._hub.unwatch(connection, room)

    async def tell(self) -> None:
        """Tell what has changed since the last call; call it every `INTERVAL` seconds."""
        changed, self._changed = self._changed, set()
        while changed:
            room = changed.pop()
            try:
                if watchers := self._hub.watchers(room):
                    await self.tell_room(room, watchers)
            except Exception:
                # The others get theirs next time; this one when something is said again.
                self._changed |= changed
                raise
        self._forget_unwatched()

    def _forget_unwatched(self) -> None:
        """Keep no numbers of rooms that nobody here hears of, beyond some."""
        watched = self._hub.watched
        if len(self._heads) > 2 * len(watched) + _AT_ONCE:
            self._heads = {room: seq for room, seq in self._heads.items() if room in watched}

    async def tell_all(self, room: str, present: list[Connection]) -> None:
        """Tell all who hear of *room* or are *present* there what it is now."""
        await self.tell_room(room, [*present, *self._hub.watchers(room)])

    async def tell_room(self, room: str, connections: list[Connection]) -> None:
        """Tell *connections* what *room* now is to each one's user."""
        infos = await self._store.room_for_each(room, {c.user for c in connections})
        packets = {user: encode("room:changed", info) for user, info in infos.items()}
        for connection in connections:
            if connection.user in packets:
                connection.offer(packets[connection.user])
