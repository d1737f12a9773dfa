"""
What became of connections, of late: a bounded memory of a node, gone with it.

All connections share one ring of lines, so that a thousand more cost no memory more; what
was long ago is forgotten first, whoever's it was. Nothing that anybody said is in it.
"""

from collections import deque
from typing import Final

from conclave.model.facts import Happened

MOST_LINES: Final = 20_000


class Timelines:
    def __init__(self, most: int = MOST_LINES) -> None:
        # Flat: each connection has a few, and most are never read.
        self._lines: deque[tuple[str, int, str, str]] = deque(maxlen=most)

    def note(self, connection: str, at: int, what: str, about: str = "") -> None:
        """Add a line to the timeline of *connection*, by its id."""
        self._lines.append((connection, at, what, about))

    def of(self, connection: str) -> list[Happened]:
        """Return what is still known of *connection*, the oldest first."""
        return [
            Happened(at, what, about) for id_, at, what, about in self._lines if id_ == connection
        ]
