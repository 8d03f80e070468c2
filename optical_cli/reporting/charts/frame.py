"""What every chart with two axes shares: the plot's place, grid, ticks and names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from optical_cli.reporting.scale import Scale, tick_label
from optical_cli.reporting.svg import line, text

WIDTH, HEIGHT = 440.0, 290.0
LEFT, RIGHT, TOP, BOTTOM = 50.0, 424.0, 16.0, 240.0
COLORS = 8


@dataclass(frozen=True)
class Frame:
    """Two scales and the names of what they measure; ticks of x are round numbers if not given."""

    x: Scale
    y: Scale
    x_name: str
    y_name: str
    x_ticks: Sequence[float] = ()

    def axes(self) -> Iterator[Markup]:
        """Grid, ticks and names."""
        for value in self.y.ticks():
            y = self.y(value)
            yield line(LEFT, y, RIGHT, y, class_="grid")
            yield text(tick_label(value), LEFT - 7, y + 4, class_="tick end")
        for value in self.x_ticks or self.x.ticks():
            x = self.x(value)
            yield line(x, BOTTOM, x, BOTTOM + 4, class_="axis")
            yield text(tick_label(value), x, BOTTOM + 18, class_="tick middle")
        yield line(LEFT, BOTTOM, RIGHT, BOTTOM, class_="axis")
        yield text(self.x_name, (LEFT + RIGHT) / 2, HEIGHT - 10, class_="name middle")
        turn = f"rotate(-90 12 {(TOP + BOTTOM) / 2:.0f})"
        yield text(self.y_name, 12, (TOP + BOTTOM) / 2, class_="name middle", transform=turn)


def color(index: int) -> str:
    """The class that colors series number `index`; after eight they repeat."""
    return f"c{index % COLORS}"
