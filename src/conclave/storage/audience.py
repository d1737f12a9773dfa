"""
Who wants to be notified of a message: asked of the tables, for many messages at once.

Most rooms have nobody who wants to hear of each message, and most messages name nobody:
what it costs goes by rooms then, not by messages.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from conclave.model import SYSTEM, Called, Entry, Notify, RoomKind
from conclave.storage.driver import raw

_ROOM: Final = "SELECT id, kind FROM rooms WHERE name = ? AND deleted_at IS NULL"
# Who wants to hear of each message. Of direct rooms those who have said nothing, too.
_LOUD: Final = "SELECT user FROM members WHERE room = ? AND notify = 'all'"
_LOUD_DIRECT: Final = (
    "SELECT user FROM members WHERE room = ? AND (notify IS NULL OR notify = 'all')"
)
_QUIET: Final = "SELECT notify FROM members WHERE room = ? AND user = ?"
_DELETED: Final = "SELECT deleted_seq IS NOT NULL FROM revised WHERE room = ? AND seq = ?"
_UNWANTED: Final = """
    SELECT active = 0 OR EXISTS (SELECT 1 FROM ignores WHERE user = users.id AND ignored = ?)
    FROM users WHERE id = ?
"""


def audience(connection: Connection, entries: Sequence[Entry]) -> list[list[Called]]:
    """Return, for each of *entries*, who wants to be notified of it now."""
    return _Asking(raw(connection).execute).each(entries)


class _Asking:
    """What is known of rooms and people while some messages are asked about."""

    def __init__(self, execute: Callable[..., Any]) -> None:
        self._execute = execute
        self._rooms: dict[str, tuple[int, tuple[str, ...]] | None] = {}
        self._wanted: dict[tuple[str, str], bool] = {}

    def each(self, entries: Iterable[Entry]) -> list[list[Called]]:
        return [self._of(entry) for entry in entries]

    def _of(self, entry: Entry) -> list[Called]:
        room = self._room(entry.room)
        if room is None:
            return []
        id_, loud = room
        if not loud and not entry.extra:
            return []
        named = [user for user in entry.extra.get("mentions", ()) if self._hears(id_, user)]
        called = dict.fromkeys(loud, False) | dict.fromkeys(named, True)
        called.pop(entry.user, None)
        if not called or entry.user == SYSTEM.user or self._gone(id_, entry.seq):
            return []
        wanting = (user for user in called if self._wants(user, entry.user))
        return [Called(user, called[user]) for user in wanting]

    def _room(self, name: str) -> tuple[int, tuple[str, ...]] | None:
        """Return the number of the room, and who wants to hear of each message there."""
        if name not in self._rooms:
            found = self._execute(_ROOM, (name,)).fetchone()
            self._rooms[name] = None if found is None else (found[0], self._loud(*found))
        return self._rooms[name]

    def _loud(self, room: int, kind: str) -> tuple[str, ...]:
        query = _LOUD_DIRECT if kind == RoomKind.DIRECT else _LOUD
        return tuple(user for (user,) in self._execute(query, (room,)))

    def _hears(self, room: int, user: str) -> bool:
        found = self._execute(_QUIET, (room, user)).fetchone()
        return found is not None and found[0] != Notify.NONE

    def _gone(self, room: int, seq: int) -> bool:
        found = self._execute(_DELETED, (room, seq)).fetchone()
        return found is not None and bool(found[0])

    def _wants(self, user: str, author: str) -> bool:
        if (user, author) not in self._wanted:
            found = self._execute(_UNWANTED, (author, user)).fetchone()
            self._wanted[user, author] = found is not None and not found[0]
        return self._wanted[user, author]
