"""
Who is in which room, on this node and on the others, as far as nodes tell each other.

A node tells what changes, of each person in a room the newest alone. Who did not hear all of it
asks, and is told everything anew, which is an edition: what an edition does not have when it is
whole is gone. Knows no bus, no clock and no room.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec import Struct

from conclave.engine.sealing import Message, Presence
from conclave.model.seen import Seen

Key = tuple[str, str]


class Said(Struct, frozen=True):
    """What goes into one message."""

    edition: int
    here: list[Presence]
    whole: bool


class Own:
    """Those of this node."""

    def __init__(self) -> None:
        self._all: dict[Key, Seen] = {}
        self._untold: dict[Key, None] = {}
        self._edition = 0
        # Whether the edition that was begun has not been told whole.
        self._beginning = False
        # Of whom nobody knows whether they are here still.
        self._withheld: set[Key] = set()

    def __bool__(self) -> bool:
        return bool(self._untold) or (self._beginning and not self._withheld)

    def __len__(self) -> int:
        return len(self._untold)

    def come(self, room: str, seen: Seen) -> bool:
        """*seen* is in *room*, or is another now; return whether that is news."""
        key = room, seen.user
        if self._all.get(key) == seen and key not in self._withheld:
            return False
        self._withheld.discard(key)
        self._all[key] = seen
        self._untold[key] = None
        return True

    def go(self, room: str, user: str) -> bool:
        """*user* is there no more; return whether that is news."""
        self._withheld.discard((room, user))
        if self._all.pop((room, user), None) is None:
            return False
        self._untold[room, user] = None
        return True

    def begin(self) -> None:
        """Tell everything anew, unless that is under way."""
        self._edition += 1
        self._untold = dict.fromkeys(key for key in self._all if key not in self._withheld)
        self._beginning = True

    def withhold(self) -> None:
        """
        Tell everything anew, but nobody in a room before they have come again.

        Until each has come or gone it is not whole, so that nobody goes who was not told again.
        """
        self._withheld = {key for key in self._all if key[0]}
        self.begin()

    def asked(self) -> None:
        """Somebody did not hear all."""
        if not self._beginning:
            self.begin()

    def take(self, most: int) -> Said:
        """Return what is untold, at most so much; it is told now."""
        keys = [*self._untold][:most]
        for key in keys:
            del self._untold[key]
        whole = self._beginning and not self._untold and not self._withheld
        self._beginning &= not whole
        return Said(self._edition, [Presence(*key, self._all.get(key)) for key in keys], whole)


class Change(NamedTuple):
    room: str
    seen: Seen
    here: bool


@dataclass(slots=True)
class _Node:
    # Whether something of the edition was not heard.
    broken: bool
    edition: int = 0
    whole: bool = False
    # Each with the edition that told it last.
    seen: dict[Key, tuple[int, Seen]] = field(default_factory=dict)


class Others:
    """Those of all other nodes."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}

    def incomplete(self) -> list[str]:
        """Return the nodes which must be asked for everything."""
        return [name for name, node in self._nodes.items() if not node.whole]

    def drop(self, name: str) -> list[Change]:
        """The node is dead: all of its people go."""
        node = self._nodes.pop(name, None)
        return (
            [] if node is None else [Change(key[0], s, False) for key, (_, s) in node.seen.items()]
        )

    def hear(self, message: Message, *, gap: bool) -> list[Change]:
        """
        Take what *message* tells; return what has changed by it.

        Give it only messages that nothing has overtaken. *gap*: there was one before it that
        was not heard.
        """
        node = self._nodes.get(message.node)
        if node is None:
            node = self._nodes[message.node] = _Node(broken=message.n != 1)
        if message.edition > node.edition:
            # A gap may have had the beginning of it.
            node.broken = gap or (node.broken and not node.edition)
            node.edition, node.whole = message.edition, False
        elif gap:
            node.broken, node.whole = True, False
        changes = list(self._apply(node, message.here))
        if message.whole and not node.broken:
            node.whole = True
            changes += self._drop_old(node)
        return changes

    @staticmethod
    def _apply(node: _Node, told: Iterable[Presence]) -> Iterator[Change]:
        for room, user, seen in ((one.room, one.user, one.seen) for one in told):
            _, before = node.seen.pop((room, user), (0, None))
            if seen is not None:
                node.seen[room, user] = node.edition, seen
            if seen is not None and seen != before:
                yield Change(room, seen, True)
            elif seen is None and before is not None:
                yield Change(room, before, False)

    @staticmethod
    def _drop_old(node: _Node) -> Iterator[Change]:
        for key, (edition, seen) in [*node.seen.items()]:
            if edition != node.edition:
                del node.seen[key]
                yield Change(key[0], seen, False)
