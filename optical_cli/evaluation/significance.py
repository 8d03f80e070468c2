"""Paired tests of two systems over the same queries."""

import math
import sys
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from optical_cli.evaluation.resampling import on_grid, signs

ALPHA = 0.05


def randomization_p(
    differences: Float[np.ndarray, "query comparison"], *, permutations: int, seed: int
) -> Float[np.ndarray, " comparison"]:
    """Two-sided p of the paired randomization test, one for each column.

        p = (c + 1) / (P + 1),  c = number of permutations with |sum s_q d_q| >= |sum d_q|

    where s flips each query's difference with probability one half. Never 0, and 1 where all
    differences are 0. All columns see the same flips, so a p does not depend on what else is
    tested.

    Source: Smucker, Allan and Carterette, CIKM 2007; (c+1)/(P+1) by Phipson and Smyth 2010.
    """
    grid = np.column_stack([on_grid(column[:, None])[0] for column in differences.T])
    # Equal sums of tenths and thirds come apart by half a grid unit for each number in either sum.
    observed = np.abs(grid.sum(axis=0)) - len(grid)
    extreme = np.zeros(grid.shape[1], dtype=np.int64)
    for flips in signs(len(grid), permutations, seed):
        extreme += (np.abs(flips @ grid) >= observed).sum(axis=0)
    return (extreme + 1) / (permutations + 1)


def paired_t_p(differences: Float[np.ndarray, " query"]) -> float:
    """Two-sided p of the paired t test; 1 where all differences are 0 or there is but one query.

    Positive even where float64 has no number that small.
    """
    from scipy.special import stdtr

    size = len(differences)
    error = standard_error(differences)
    if size < 2 or not differences.any():
        return 1.0
    t = abs(float(differences.mean())) / error if error else math.inf
    return max(2.0 * float(stdtr(size - 1, -t)), sys.float_info.min)


def standard_error(differences: Float[np.ndarray, " query"]) -> float:
    """Of the mean difference; 0 where all differences are the same or there is but one."""
    size = len(differences)
    if size < 2 or (differences == differences[0]).all():
        return 0.0
    return float(differences.std(ddof=1)) / math.sqrt(size)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction for as many comparisons as there are p values.

    Source: Holm, Scandinavian Journal of Statistics 6, 1979.
    """
    count = len(p_values)
    adjusted = [0.0] * count
    largest = 0.0
    for step, place in enumerate(sorted(range(count), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (count - step) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def effect_size(differences: Float[np.ndarray, " query"]) -> float | None:
    """Cohen's d of paired samples: mean over standard deviation of the differences.

    0 where all differences are 0; None where they are all the same and not 0, or there is one.
    """
    if not differences.any():
        return 0.0
    deviation = standard_error(differences) * math.sqrt(len(differences))
    return float(differences.mean()) / deviation if deviation else None


def smallest_difference(differences: Float[np.ndarray, " query"], alpha: float = ALPHA) -> float:
    """The smallest mean difference that a paired t test over these queries calls significant.

    It is the t quantile times the standard error, without correction for several comparisons, so
    what lies below it has certainly not been shown. Infinite for fewer than two queries.
    """
    from scipy.special import stdtrit

    if len(differences) < 2:
        return math.inf
    quantile = float(stdtrit(len(differences) - 1, 1 - alpha / 2))
    return quantile * standard_error(differences)
