"""Who is present by other nodes: each user once for each of them, and once for a room."""

from collections import Counter
from collections.abc import Iterator

from conclave.model.seen import Seen


class Elsewhere:
    __slots__ = ("_both", "_in", "_rooms")

    def __init__(self) -> None:
        # By room, user and node; what is empty is not kept.
        self._rooms: dict[str, dict[str, dict[str, Seen]]] = {}
        # In how many rooms each user is.
        self._in: Counter[str] = Counter()
        # How many users of each room are in it here, too: counted, since to look for them at
        # each coming would take n looks for n people.
        self._both: Counter[str] = Counter()

    def came(self, node: str, room: str, seen: Seen, *, here: bool = False) -> Seen | None:
        """
        Note *seen*; return how they looked before, None: they were not there.

        *here*: whether they are in the room here, too.
        """
        by = self._rooms.setdefault(room, {}).setdefault(seen.user, {})
        before = next(reversed(by.values()), None)
        self._in[seen.user] += before is None
        self._both[room] += before is None and here
        # The one who changed last is what is seen.
        by.pop(node, None)
        by[node] = seen
        return before

    def went(self, node: str, room: str, user: str, *, here: bool = False) -> bool:
        """Note that *user* is there by *node* no more; return whether that was the last one."""
        users = self._rooms.get(room, {})
        by = users.get(user, {})
        if by.pop(node, None) is None or by:
            return False
        del users[user]
        self._both[room] -= here
        self._in[user] -= 1
        if not self._in[user]:
            del self._in[user]
        if not users:
            del self._rooms[room]
            del self._both[room]
        return True

    def beside(self, room: str, user: str, change: int) -> None:
        """Note that *user* came here (1), or went (-1)."""
        if self.holds(room, user):
            self._both[room] += change

    def alone(self, room: str) -> int:
        """Return how many users are in *room* by other nodes and not here."""
        return self.number(room) - self._both.get(room, 0)

    def holds(self, room: str, user: str) -> bool:
        return user in self._rooms.get(room, ())

    def anywhere(self, user: str) -> bool:
        """Return whether *user* is in any room by other nodes."""
        return user in self._in

    def number(self, room: str) -> int:
        """Return how many users are in *room* by other nodes."""
        return len(self._rooms.get(room, ()))

    def of(self, room: str) -> Iterator[Seen]:
        """Return each who is in *room* by other nodes, once."""
        for by in self._rooms.get(room, {}).values():
            yield next(reversed(by.values()))
