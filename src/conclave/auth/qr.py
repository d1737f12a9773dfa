"""A text as a QR code that a page can draw from nodes: a size and one SVG path, no HTML."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from msgspec import Struct

# Light modules around it, without which cameras do not find it (ISO/IEC 18004 section 5.3.8).
_MARGIN: Final = 4


class Drawing(Struct, frozen=True):
    """`<svg viewBox="0 0 SIZE SIZE"><path d="PATH"></svg>`, dark on light."""

    size: int
    path: str


def drawn(text: str) -> Drawing:
    # Few ever set up an app for one-time passwords, and each start would pay.
    import segno

    matrix = segno.make(text, error="m", micro=False).matrix
    runs = (run for y, row in enumerate(matrix) for run in _runs(row, y + _MARGIN))
    return Drawing(len(matrix) + 2 * _MARGIN, "".join(runs))


def _runs(row: bytearray, y: int) -> Iterator[str]:
    """Yield one rectangle for each run of dark modules."""
    x = _MARGIN
    for dark, modules in groupby(row):
        width = len(list(modules))
        if dark:
            yield f"M{x} {y}h{width}v1h-{width}z"
        x += width
