"""Points with labels in two dimensions, such as alignment against uniformity."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from optical_cli.reporting.charts.frame import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Frame,
    color,
)
from optical_cli.reporting.scale import scale_for
from optical_cli.reporting.svg import drawing, element, line, polyline, text, titled

LABEL_HEIGHT = 12.0
LABEL_WIDTH = 26.0


@dataclass(frozen=True)
class Spot:
    """A labelled point of series number `index`."""

    x: float
    y: float
    label: str
    series: str
    index: int


def scatter(
    spots: Sequence[Spot],
    x_name: str,
    y_name: str,
    *,
    reference: tuple[float, str] | None = None,
    paths: Sequence[Sequence[Spot]] = (),
) -> Markup:
    """Draw spots.

    Args:
        spots: What is drawn.
        x_name: Of the horizontal axis.
        y_name: Of the vertical axis.
        reference: A value of x with a name, drawn as a dashed line.
        paths: Spots that belong together, joined by a thin line.
    """
    xs = [spot.x for spot in spots] + ([reference[0]] if reference else [])
    x = scale_for(xs, LEFT, RIGHT)
    frame = Frame(x, scale_for([s.y for s in spots], BOTTOM, TOP, floor=0.0), x_name, y_name)
    parts = [*frame.axes(), *_reference(reference, frame)]
    parts += (
        polyline([(frame.x(s.x), frame.y(s.y)) for s in path], class_="path") for path in paths
    )
    parts += _spots(spots, frame)
    return drawing(WIDTH, HEIGHT, parts, f"{y_name} against {x_name}")


def _reference(reference: tuple[float, str] | None, frame: Frame) -> Iterator[Markup]:
    if reference is None:
        return
    x = frame.x(reference[0])
    yield line(x, TOP, x, BOTTOM, class_="reference")
    right = x > (LEFT + RIGHT) / 2
    yield text(reference[1], x + (-6 if right else 6), TOP + 10, class_="tick" + " end" * right)


def _spots(spots: Sequence[Spot], frame: Frame) -> Iterator[Markup]:
    places = [(frame.x(spot.x), frame.y(spot.y)) for spot in spots]
    labels = _apart(places)
    for spot, (x, y), (label_x, label_y) in zip(spots, places, labels, strict=True):
        dot = element("circle", cx=x, cy=y, r=5, class_=f"dot {color(spot.index)}")
        name = text(spot.label, label_x, label_y, class_=f"spot {color(spot.index)}")
        says = f"{spot.series} {spot.label}: {spot.x:.3f}, {spot.y:.3f}"
        yield titled(dot + name, says)


def _apart(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A place beside each point for its label, moved down until it is off all earlier ones."""
    taken: list[tuple[float, float]] = []
    for x, y in places:
        label_x, label_y = x + 8, y + 4
        if label_x + LABEL_WIDTH > WIDTH:
            label_x = x - 8 - LABEL_WIDTH
        while any(
            abs(label_x - other_x) < LABEL_WIDTH and abs(label_y - other_y) < LABEL_HEIGHT
            for other_x, other_y in taken
        ):
            label_y += LABEL_HEIGHT / 2
        taken.append((label_x, label_y))
    return taken
