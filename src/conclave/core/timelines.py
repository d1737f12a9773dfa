"""
What became of connections, of late: a bounded memory of a node, gone with it.

All connections share one ring of lines, so that a thousand more cost no memory more; what
was long ago is forgotten first, whoever's it was. Nothing that anybody said is in it.
"""

from collections import deque
from typing import Final

import msgspec

from conclave.model.facts import Happened

MOST_LINES: Final = 20_000
# Forgotten one after another.
_PACKS: Final = 64

Line = tuple[str, int, str, str]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[Line]).decode


class Timelines:
    """
    The last *most* lines, or up to a sixty-fourth of them fewer.

    They are packed, since each connection has a few and most are never read: as objects they
    were five times as large, and lay between those of connections, whose memory could then not
    be given back when they had gone.
    """

    def __init__(self, most: int = MOST_LINES) -> None:
        self._in_pack = max(1, most // _PACKS)
        self._packs: deque[bytes] = deque(maxlen=most // self._in_pack)
        # What will be the next pack.
        self._last: list[Line] = []

    def note(self, connection: str, at: int, what: str, about: str = "") -> None:
        """Add a line to the timeline of *connection*, by its id."""
        self._last.append((connection, at, what, about))
        if len(self._last) == self._in_pack:
            self._packs.append(_encode(self._last))
            self._last = []

    def of(self, connection: str) -> list[Happened]:
        """Return what is still known of *connection*, the oldest first."""
        name = connection.encode()
        lines = [line for pack in self._packs if name in pack for line in _decode(pack)]
        return [
            Happened(at, what, about)
            for id_, at, what, about in (*lines, *self._last)
            if id_ == connection
        ]
