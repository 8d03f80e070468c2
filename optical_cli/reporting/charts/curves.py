"""Curves: a measure against noise, amount of data or steps, a line per system."""

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
from optical_cli.reporting.svg import drawing, element, line, polyline, titled

# Curves of many points, such as a loss, have no dots.
DOTTED = 30
# So few values of x, such as levels of noise, are the ticks themselves.
FEW_LEVELS = 6


@dataclass(frozen=True)
class Point:
    """A value and, where there is one, its interval."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Series:
    """Points in order of x, under a name and a color's number."""

    label: str
    index: int
    points: Sequence[Point]


def curves(
    series: Sequence[Series], x_name: str, y_name: str, *, floor: float | None = None
) -> Markup:
    """Draw lines with their intervals as bands; the y axis starts at `floor` or below."""
    points = [point for own in series for point in own.points]
    heights = [v for p in points for v in (p.y, p.low, p.high) if v is not None]
    x = scale_for([point.x for point in points], LEFT, RIGHT, room=0.02)
    y = scale_for(heights, BOTTOM, TOP, floor=floor)
    levels = sorted({point.x for point in points})
    frame = Frame(x, y, x_name, y_name, levels if len(levels) <= FEW_LEVELS else ())
    bands = (part for own in series for part in _band(own, frame))
    lines = (part for own in series for part in _line(own, frame))
    return drawing(WIDTH, HEIGHT, [*frame.axes(), *bands, *lines], f"{y_name} against {x_name}")


def _band(series: Series, frame: Frame) -> Iterator[Markup]:
    bounded = [p for p in series.points if p.low is not None and p.high is not None]
    if len(bounded) < 2:
        return
    upper = [f"{frame.x(p.x):.2f},{frame.y(p.high):.2f}" for p in bounded]
    lower = [f"{frame.x(p.x):.2f},{frame.y(p.low):.2f}" for p in reversed(bounded)]
    yield element("polygon", points=" ".join(upper + lower), class_=f"band {color(series.index)}")


def _line(series: Series, frame: Frame) -> Iterator[Markup]:
    places = [(frame.x(point.x), frame.y(point.y)) for point in series.points]
    yield polyline(places, class_=f"curve {color(series.index)}")
    if len(places) > DOTTED:
        return
    for point, (x, y) in zip(series.points, places, strict=True):
        parts = element("circle", cx=x, cy=y, r=4, class_=f"dot {color(series.index)}")
        if point.low is not None and point.high is not None:
            bar = line(
                x, frame.y(point.low), x, frame.y(point.high), class_=f"bar {color(series.index)}"
            )
            parts = bar + parts
        yield titled(parts, f"{series.label}: {point.y:.4g} at {point.x:g}")
