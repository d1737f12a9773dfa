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

_encode: Final = msgspec.json.Encoder().encode_into
_decode: Final = msgspec.json.Decoder(Line).decode_lines


class Timelines:
    """
    The last *most* lines, or up to a sixty-fourth of them fewer.

    They are written down at once, as lines of JSON, since each connection has a few and most
    are never read: as objects they were five times as large, and lay between those of
    connections, whose memory could then not be given back when they had gone.
    """

    def __init__(self, most: int = MOST_LINES) -> None:
        self._in_pack = max(1, most // _PACKS)
        self._packs: deque[bytes] = deque(maxlen=most // self._in_pack)
        # What will be the next pack.
        self._last = bytearray()
        self._lines = 0

    def note(self, connection: str, at: int, what: str, about: str = "") -> None:
        """Add a line to the timeline of *connection*, by its id."""
        last = self._last
        size = len(last)
        try:
            _encode((connection, at, what, about), last, size)
        except UnicodeEncodeError:
            # Half of it stands there: no line may take others with it.
            del last[size:]
            raise
        last += b"\n"
        self._lines += 1
        if self._lines == self._in_pack:
            self._packs.append(bytes(last))
            self._last, self._lines = bytearray(), 0

    def of(self, connection: str) -> list[Happened]:
        """Return what is still known of *connection*, the oldest first."""
        name = msgspec.json.encode(connection)
        packs = [pack for pack in (*self._packs, bytes(self._last)) if name in pack]
        return [
            Happened(at, what, about)
            for pack in packs
            for id_, at, what, about in _decode(pack)
            if id_ == connection
        ]
