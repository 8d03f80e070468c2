"""From numbers to places on a drawing, with ticks at round numbers."""

import math
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A linear map from [low, high] to [start, end]; `start` may be the larger."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of `value`."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, about: int = 5) -> list[float]:
        """Round numbers within the range, about so many."""
        step = round_step((self.high - self.low) / about)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def round_step(rough: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step for step in STEPS if step * power >= rough * (1 - 1e-9)) * power


def scale_for(
    values: list[float], start: float, end: float, *, room: float = 0.08, floor: float | None = None
) -> Scale:
    """A scale that holds `values` with some room; it begins at `floor` where that is given."""
    low, high = min(values), max(values)
    if floor is not None:
        low = min(floor, low)
    width = (high - low) or abs(high) or 1.0
    upper = high + room * width
    lower = low if low == floor else low - room * width
    return Scale(lower, upper, start, end)


def tick_label(value: float) -> str:
    """A number as short as it can be."""
    text = f"{value:.6g}"
    return "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")
