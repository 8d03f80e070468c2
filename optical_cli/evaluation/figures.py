"""Numbers that carry their bootstrap draws along, so that whatever is made of them has both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optical_cli.evaluation.resampling import interval


@dataclass(frozen=True)
class Figure:
    """A number and its draws; differences and ratios keep the draws' pairing.

    Attributes:
        value: The number.
        draws: What it comes to in each resample.
    """

    value: float
    draws: np.ndarray

    def __sub__(self, other: "Figure") -> "Figure":
        return Figure(self.value - other.value, self.draws - other.draws)

    def __truediv__(self, other: "Figure") -> "Figure":
        """The ratio; resamples in which `other` is 0 are left out."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return Figure(self.value / other.value, self.draws / other.draws)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% percentile interval."""
        return interval(self.draws[np.isfinite(self.draws)])


def mean(figures: Sequence[Figure]) -> Figure:
    """The mean of several."""
    return _over(figures, lambda values: values.mean(axis=0))


def spread(figures: Sequence[Figure]) -> Figure:
    """The largest minus the smallest."""
    return _over(figures, lambda values: values.max(axis=0) - values.min(axis=0))


def deviation(figures: Sequence[Figure]) -> Figure:
    """The standard deviation of these very ones, not of a population that they stand for."""
    return _over(figures, lambda values: values.std(axis=0))


def smallest(figures: Sequence[Figure]) -> Figure:
    """The smallest, whichever it is in each resample."""
    return _over(figures, lambda values: values.min(axis=0))


def _over(figures, statistic) -> Figure:
    values = np.array([figure.value for figure in figures])
    return Figure(float(statistic(values)), statistic(np.stack([f.draws for f in figures])))
