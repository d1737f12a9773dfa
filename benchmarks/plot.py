"""Plots of bars as SVG, for light and for dark pages; who does not see them is told the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Theme:
    text: str
    faint: str
    bar: str
    own: str
    line: str


THEMES = {
    "light": Theme("#1f2328", "#59636e", "#b7bfc9", "#0b6e5f", "#59636e"),
    "dark": Theme("#f0f6fc", "#9198a1", "#4d5560", "#3fb8a3", "#9198a1"),
}


@dataclass(frozen=True)
class Bar:
    """A median with its spread; *own* is drawn in the colour that stands out."""

    name: str
    median: float
    least: float
    most: float
    own: bool = False


@dataclass(frozen=True)
class Panel:
    title: str
    unit: str
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        return _HEAD + _STEP * len(self.bars) + 12


WIDTH = 420
_HEAD, _STEP, _NAMES, _VALUES = 52, 26, 92, 72
_REACH = WIDTH - _NAMES - _VALUES
_FONT = "font-family='system-ui, sans-serif'"


def number(value: float) -> str:
    """Return three digits that count, and no more."""
    if abs(value) >= 1_000_000:
        return f"{value / 1e6:.2f} M"
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def svg(panels: Sequence[Panel], theme: Theme, columns: int = 1) -> str:
    """Return *panels* in rows of so many."""
    rows = [panels[at : at + columns] for at in range(0, len(panels), columns)]
    heights = [max(panel.height for panel in row) for row in rows]
    width = WIDTH * min(columns, len(panels))
    parts = [
        (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {sum(heights)}' "
            f"width='{width}' height='{sum(heights)}' role='img' {_FONT}>"
        ),
        f"<title>{escape('; '.join(_said(panel) for panel in panels))}</title>",
    ]
    for row, top in zip(rows, _tops(heights), strict=True):
        for column, panel in enumerate(row):
            inside = "".join(_draw(panel, theme))
            parts.append(f"<g transform='translate({column * WIDTH} {top})'>{inside}</g>")
    return "\n".join([*parts, "</svg>", ""])


def _tops(heights: Sequence[int]) -> list[int]:
    return [sum(heights[:at]) for at in range(len(heights))]


def _said(panel: Panel) -> str:
    values = ", ".join(f"{bar.name} {number(bar.median)}" for bar in panel.bars)
    return f"{panel.title}, {panel.unit}: {values}"


def _draw(panel: Panel, theme: Theme) -> list[str]:
    longest = max((bar.most for bar in panel.bars), default=0) or 1
    drawn = [
        (
            f"<text x='8' y='20' fill='{theme.text}' font-size='14' font-weight='600'>"
            f"{escape(panel.title)}</text>"
        ),
        f"<text x='8' y='38' fill='{theme.faint}' font-size='12'>{escape(panel.unit)}</text>",
    ]
    for at, bar in enumerate(panel.bars):
        drawn += _draw_bar(bar, _HEAD + at * _STEP, _REACH / longest, theme)
    return drawn


def _draw_bar(bar: Bar, top: int, scale: float, theme: Theme) -> list[str]:
    length = max(1.0, bar.median * scale)
    low, high = _NAMES + bar.least * scale, _NAMES + bar.most * scale
    weight = " font-weight='600'" if bar.own else ""
    colour = theme.own if bar.own else theme.bar
    middle = top + 9
    return [
        (
            f"<text x='{_NAMES - 8}' y='{top + 13}' text-anchor='end' fill='{theme.text}' "
            f"font-size='12'{weight}>{escape(bar.name)}</text>"
        ),
        f"<rect x='{_NAMES}' y='{top}' width='{length:.1f}' height='18' rx='2' fill='{colour}'/>",
        f"<path d='M{low:.1f} {middle}H{high:.1f}' stroke='{theme.line}' stroke-width='2'/>",
        (
            f"<text x='{max(_NAMES + length, high) + 6:.1f}' y='{top + 13}' fill='{theme.text}' "
            f"font-size='12'{weight}>{number(bar.median)}</text>"
        ),
    ]
