"""Every query's difference between two systems, sorted: how many gain, how many lose, how much."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from optical_cli.reporting.scale import Scale, tick_label
from optical_cli.reporting.svg import drawing, element, line, text

WIDTH, HEIGHT = 440.0, 170.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 430.0, 12.0, 140.0


def sorted_differences(values: Sequence[float], says: str) -> Markup:
    """Areas above and below zero, the largest gain on the left."""
    ordered = sorted(values, reverse=True)
    reach = max(max(map(abs, ordered)), 1e-9)
    x = Scale(0, len(ordered), LEFT, RIGHT)
    y = Scale(-reach, reach, BOTTOM, TOP)
    parts = [*_axis(x, y, len(ordered)), *_areas(ordered, x, y)]
    return drawing(WIDTH, HEIGHT, parts, says)


def _axis(x: Scale, y: Scale, count: int) -> Iterator[Markup]:
    for value in (y.low, 0.0, y.high):
        yield line(LEFT, y(value), RIGHT, y(value), class_="axis" if value == 0 else "grid")
        label = tick_label(round(value, 3))
        yield text(label if value <= 0 else f"+{label}", LEFT - 6, y(value) + 4, class_="tick end")
    yield text(f"{count} queries, sorted", (LEFT + RIGHT) / 2, HEIGHT - 10, class_="name middle")


def _areas(ordered: Sequence[float], x: Scale, y: Scale) -> Iterator[Markup]:
    gains = [value for value in ordered if value > 0]
    losses = [value for value in ordered if value < 0]
    for values, first, hue in (
        (gains, 0, "gain"),
        (losses, len(ordered) - len(losses), "loss"),
    ):
        if values:
            yield element("path", d=_steps(values, first, x, y), class_=hue)


def _steps(values: Sequence[float], first: int, x: Scale, y: Scale) -> str:
    """A step per query, closed along zero."""
    path = [f"M{x(first):.2f} {y(0):.2f}"]
    for place, value in enumerate(values, start=first):
        path.append(f"V{y(value):.2f}H{x(place + 1):.2f}")
    return "".join(path) + f"V{y(0):.2f}Z"
