"""Plain SVG charts, colored by the page's style sheet."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

ROW = 22
LABEL = 170
PLOT = 420
NUMBER = 150
GAP = 4
COLUMN_HEIGHT = 110
COLUMN_WIDTH = 30
TICKS = 46


def bars(rows: Sequence[tuple[str, int, int]], whole: int) -> Markup:
    """Horizontal bars.

    Args:
        rows: Label, where the bar begins, and how long it is.
        whole: The value that the full width stands for.
    """
    width, height = LABEL + PLOT + NUMBER, ROW * len(rows)
    parts = [_bar(place, row, max(whole, 1)) for place, row in enumerate(rows)]
    return _svg(width, height, parts)


def _bar(place: int, row: tuple[str, int, int], whole: int) -> Markup:
    label, begin, count = row
    top, x = place * ROW, LABEL + PLOT * begin / whole
    # A bar that is there at all is at least a pixel wide.
    size = max(PLOT * count / whole, 1) if count else 0
    return Markup(
        '<text x="{}" y="{}" class="label">{}</text>'
        '<rect x="{:.1f}" y="{}" width="{:.1f}" height="{}" class="bar"/>'
        '<text x="{}" y="{}" class="number">{:,} ({:.2%})</text>'
    ).format(
        LABEL - 8, top + 15, label, min(x, LABEL + PLOT - size), top + GAP, size, ROW - 2 * GAP,
        LABEL + PLOT + 8, top + 15, count, count / whole,
    )  # fmt: skip


def columns(histogram: dict[str, Any], shown: Callable[[float], str] = "{:g}".format) -> Markup:
    """A histogram before and after, side by side in each bin.

    Args:
        histogram: `before` and `after`, and the `upper_ends` of all bins but the last.
        shown: How the end of a bin is written.
    """
    before, after, ends = (histogram[name] for name in ("before", "after", "upper_ends"))
    labels = [*(f"≤{shown(end)}" for end in ends), f">{shown(ends[-1])}"]
    highest = max(*before, *after, 1)
    parts = [
        _column(place, *cell, highest)
        for place, cell in enumerate(zip(labels, before, after, strict=True))
    ]
    return _svg(COLUMN_WIDTH * len(labels), COLUMN_HEIGHT + TICKS, parts)


def _column(place: int, label: str, before: int, after: int, highest: int) -> Markup:
    x, half = place * COLUMN_WIDTH, (COLUMN_WIDTH - GAP) / 2
    heights = [COLUMN_HEIGHT * count / highest for count in (before, after)]
    rects = Markup("").join(
        Markup(
            '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}">'
            "<title>{} {}: {:,}</title></rect>"
        ).format(x + number * half, COLUMN_HEIGHT - height, half, height, name, label, name, count)
        for number, (name, height, count) in enumerate(
            zip(("before", "after"), heights, (before, after), strict=True)
        )
    )
    turn = f"rotate(-55 {x + half} {COLUMN_HEIGHT + 12})"
    return rects + Markup('<text x="{}" y="{}" class="tick" transform="{}">{}</text>').format(
        x + half, COLUMN_HEIGHT + 12, turn, label
    )


def _svg(width: float, height: float, parts: Sequence[Markup]) -> Markup:
    body = Markup("").join(parts)
    return Markup(
        '<svg viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img">{2}</svg>'
    ).format(width, height, body)
