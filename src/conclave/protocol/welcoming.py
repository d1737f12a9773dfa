"""
The welcome of who has authenticated: it names their rooms, and the public ones.

The public ones are the same for everybody, and may be hundreds: each name is encoded once, and
for each who comes those that are theirs are left out. What is said is a `System` like any other.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Raw, Struct
from msgspec.json import Encoder

from conclave.protocol.codec import Packet, encode
from conclave.protocol.events import System

# Rooms that are named: it must fit into any queue, however many there are.
MOST_NAMED: Final = 500

_encode: Final = Encoder().encode


class _Welcome(Struct):
    """A `System` whose rooms are encoded already."""

    message: str
    rooms: Raw


class PublicRooms:
    """Public rooms by their *names*, which must stay as they are."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = names
        self._encoded = [_encode(name) for name in names]
        self._at = {name: at for at, name in enumerate(names)}

    def welcome(self, message: str, own: Sequence[str]) -> Packet:
        """Return *message* with the names of the rooms that are one's *own*, then of these."""
        first = [*dict.fromkeys(own)][:MOST_NAMED]
        others = self._encoded.copy()
        for at in sorted((self._at[name] for name in first if name in self._at), reverse=True):
            del others[at]
        named = [_encode(name) for name in first] + others
        rooms = b"[%b]" % b",".join(named[:MOST_NAMED])
        return encode(System.type, _Welcome(message, Raw(rooms)))
