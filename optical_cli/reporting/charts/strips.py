"""One value a row, drawn in percent of the row's width, so that it fits any screen."""

from markupsafe import Markup

from optical_cli.reporting.charts.frame import color
from optical_cli.reporting.svg import element, join

HEIGHT = 18
MIDDLE = HEIGHT / 2


def bar(value: float, low: float | None, high: float | None, top: float, index: int) -> Markup:
    """A bar from zero with its interval; `top` is the value of the full width."""
    parts = [
        element("rect", x="0", y=3, width=_percent(value, top), height=12, rx=2,
                class_=f"fill {color(index)}")
    ]  # fmt: skip
    if low is not None and high is not None:
        parts.append(_whisker(low, high, top))
    return _strip(parts)


def dumbbell(low: float, high: float, top: float, index: int) -> Markup:
    """Two dots on a line: what separates them is the gap."""
    hue = color(index)
    return _strip([
        _segment(low, high, top, class_=f"join {hue}"),
        element("circle", cx=_percent(low, top), cy=MIDDLE, r=5.5, class_=f"hollow {hue}"),
        element("circle", cx=_percent(high, top), cy=MIDDLE, r=5.5, class_=f"fill {hue}"),
    ])  # fmt: skip


def _whisker(low: float, high: float, top: float) -> Markup:
    return _segment(low, high, top, class_="whisker")


def _segment(low: float, high: float, top: float, **more: object) -> Markup:
    return element(
        "line", x1=_percent(low, top), x2=_percent(high, top), y1=MIDDLE, y2=MIDDLE, **more
    )


def _percent(value: float, top: float) -> str:
    return f"{100 * max(value, 0.0) / top:.2f}%" if top > 0 else "0%"


def _strip(parts: list[Markup]) -> Markup:
    return element("svg", join(parts), class_="strip", height=HEIGHT, aria_hidden="true")
