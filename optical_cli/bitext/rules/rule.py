"""What a rule is: a score for every pair, and a threshold that tells which scores to accept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

from optical_cli.bitext.pairs import PairBatch
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.settings import PRESETS

Score = Callable[[PairBatch, Profile], Float[np.ndarray, " pair"]]


@dataclass(frozen=True)
class Criterion:
    """One reason to reject a pair, and from what value on.

    Attributes:
        name: What the account and ``--rule`` call it.
        measures: What the value is, in words.
        keep: Whether values at most, at least or below the threshold are kept.
        thresholds: By preset; None is off.
    """

    name: str
    measures: str
    keep: Literal["at most", "at least", "below"]
    thresholds: dict[str, float | None]

    def accept(
        self, scores: Float[np.ndarray, " pair"], threshold: float
    ) -> Bool[np.ndarray, " pair"]:
        """Which scores are within the threshold; NaN, a score that does not apply, is."""
        match self.keep:
            case "at most":
                beyond = scores > threshold
            case "at least":
                beyond = scores < threshold
            case _:
                beyond = scores >= threshold
        return ~beyond


@dataclass(frozen=True)
class Rule(Criterion):
    """A criterion that a pair can be judged by alone.

    Attributes:
        score: The measure; NaN where it does not apply.
        dear: It costs enough that only pairs which passed all cheap rules are scored.
        flags: It only marks pairs, until ``--rule`` gives it a value.
    """

    score: Score
    dear: bool = False
    flags: bool = False


def rule(
    name: str,
    keep: Literal["at most", "at least"],
    thresholds: tuple[float | None, float | None, float | None],
    *,
    dear: bool = False,
    flags: bool = False,
) -> Callable[[Score], Rule]:
    """Make a `Rule` of a scoring function; its docstring's first line says what it measures.

    Args:
        name: The rule's name.
        keep: Which side of the threshold is kept.
        thresholds: For gentle, standard and strict; None is off.
        dear: Score only what passed the cheap rules.
        flags: Mark and keep.
    """

    def make(score: Score) -> Rule:
        measures = score.__doc__.split("\n")[0].rstrip(".")
        by_preset = dict(zip(PRESETS, thresholds, strict=True))
        return Rule(name, measures, keep, by_preset, score, dear, flags)

    return make
