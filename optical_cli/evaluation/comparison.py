"""Systems against a baseline: what the difference is, and whether these queries show one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optical_cli.errors import UsageError
from optical_cli.evaluation.cells import ALL, Cell, Draws, Key, shared_languages
from optical_cli.evaluation.resampling import interval
from optical_cli.evaluation.significance import (
    ALPHA,
    effect_size,
    holm,
    paired_t_p,
    randomization_p,
    smallest_difference,
)

# Values nearer than this are the same: measures are ratios of small whole numbers.
TIE = 1e-12


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A system against the baseline in one measure.

    Attributes:
        baseline: The system compared with.
        difference: Mean over queries of system minus baseline, seeds averaged first.
        low: Lower end of its 95% bootstrap interval, over seeds too where there are several.
        high: Upper end.
        p_randomization: Of the paired randomization test over queries.
        p_t: Of the paired t test.
        p: `p_randomization` after Holm over the family.
        p_t_holm: `p_t` after Holm over the family.
        family: How many comparisons of this measure Holm corrects for.
        effect_size: Cohen's d of paired samples; None where it is infinite.
        wins: Queries on which the system is better.
        ties: Queries without difference.
        losses: Queries on which the baseline is better.
        queries: Of how many.
        smallest_difference: What as many queries with this spread could show.
        shown: The queries show a difference: it is at least that large, p is below .05, and the
            interval, in which the seeds have a say, is on one side of 0.
    """

    baseline: str
    difference: float
    low: float
    high: float
    p_randomization: float
    p_t: float
    p: float
    p_t_holm: float
    family: int
    effect_size: float | None
    wins: int
    ties: int
    losses: int
    queries: int
    smallest_difference: float | None
    shown: bool


@dataclass(frozen=True)
class Pair:
    """A row of the table beside its baseline: differences per query and of the draws."""

    key: Key
    measure: str
    baseline: str
    differences: np.ndarray
    draws: np.ndarray


def require_baseline(baseline: str, cells: Sequence[Cell]) -> None:
    """Raise unless `baseline` is one of the systems.

    Raises:
        UsageError: It is not; the systems are named.
    """
    systems = list(dict.fromkeys(cell.system for cell in cells))
    if baseline not in systems:
        raise UsageError(
            f"--baseline {baseline}: not among the runs' systems, which are {', '.join(systems)}",
            hint="--run SYSTEM=FILE names a run's system",
        )
    if len(systems) == 1:
        raise UsageError(f"--baseline {baseline}: there is no other system to compare with it")


def compare(
    cells: Sequence[Cell], baseline: str, draws: Draws, *, permutations: int, seed: int
) -> dict[tuple[Key, str], Comparison]:
    """Compare every system with the baseline, per language and over all shared languages.

    Returns:
        By row and measure. A language that the baseline lacks has none.
    """
    pairs = [*_language_pairs(cells, baseline, draws), *_pooled_pairs(cells, baseline, draws)]
    comparisons: dict[tuple[Key, str], Comparison] = {}
    for measure in dict.fromkeys(pair.measure for pair in pairs):
        family = [pair for pair in pairs if pair.measure == measure]
        comparisons |= _family(family, permutations=permutations, seed=seed)
    return comparisons


def _language_pairs(cells: Sequence[Cell], baseline: str, draws: Draws) -> list[Pair]:
    references = {cell.language: cell for cell in cells if cell.system == baseline}
    return [
        Pair(
            cell.key, measure, baseline,
            cell.query_means(measure) - reference.query_means(measure),
            draws.of(cell.key, measure) - draws.of(reference.key, measure),
        )
        for cell in cells
        if cell.system != baseline and (reference := references.get(cell.language))
        for measure in cell.averaged
    ]  # fmt: skip


def _pooled_pairs(cells: Sequence[Cell], baseline: str, draws: Draws) -> list[Pair]:
    systems, languages = shared_languages(cells)
    if baseline not in systems:
        return []
    by_key = {cell.key: cell for cell in cells}
    return [
        Pair(
            (system, ALL), measure, baseline,
            _pooled_differences(
                [(by_key[system, code], by_key[baseline, code]) for code in languages], measure
            ),
            draws.of_languages(system, languages, measure)
            - draws.of_languages(baseline, languages, measure),
        )
        for system in systems
        if system != baseline
        for measure in by_key[system, languages[0]].averaged
    ]  # fmt: skip


def _pooled_differences(pairs: Sequence[tuple[Cell, Cell]], measure: str) -> np.ndarray:
    """One difference per query id whose mean is the mean over languages.

    What parallel queries share across languages is not independent evidence, so a query id counts
    once, with the sum of its languages' weighted differences.
    """
    sums: dict[str, float] = {}
    for cell, reference in pairs:
        differences = cell.query_means(measure) - reference.query_means(measure)
        weight = 1.0 / (len(pairs) * len(differences))
        for query_id, difference in zip(cell.query_ids, differences.tolist(), strict=True):
            sums[query_id] = sums.get(query_id, 0.0) + weight * difference
    return np.array([sums[query_id] for query_id in sorted(sums)]) * len(sums)


def _family(
    pairs: Sequence[Pair], *, permutations: int, seed: int
) -> dict[tuple[Key, str], Comparison]:
    differences = [_without_noise(pair.differences) for pair in pairs]
    randomized = _randomization(differences, permutations=permutations, seed=seed)
    by_t = [paired_t_p(column) for column in differences]
    corrected, corrected_t = holm(randomized), holm(by_t)
    found = {}
    for place, pair in enumerate(pairs):
        comparison = _described(pair, differences[place])
        smallest = comparison.smallest_difference
        found[pair.key, pair.measure] = replace(
            comparison,
            p_randomization=randomized[place], p=corrected[place],
            p_t=by_t[place], p_t_holm=corrected_t[place], family=len(pairs),
            shown=corrected[place] < ALPHA
            and comparison.low * comparison.high > 0
            and abs(comparison.difference) >= (smallest or 0.0),
        )  # fmt: skip
    return found


def _without_noise(differences: np.ndarray) -> np.ndarray:
    return np.where(np.abs(differences) < TIE, 0.0, differences)


def _randomization(
    differences: Sequence[np.ndarray], *, permutations: int, seed: int
) -> list[float]:
    """Of each, those over equally many queries together."""
    p_values = [1.0] * len(differences)
    for size in {len(column) for column in differences}:
        places = [i for i, column in enumerate(differences) if len(column) == size]
        stacked = np.column_stack([differences[place] for place in places])
        found = randomization_p(stacked, permutations=permutations, seed=seed)
        for place, p in zip(places, found.tolist(), strict=True):
            p_values[place] = p
    return p_values


def _described(pair: Pair, differences: np.ndarray) -> Comparison:
    low, high = interval(pair.draws)
    smallest = smallest_difference(differences)
    return Comparison(
        baseline=pair.baseline,
        difference=float(differences.mean()),
        low=low,
        high=high,
        p_randomization=1.0, p_t=1.0, p=1.0, p_t_holm=1.0, family=1, shown=False,
        effect_size=effect_size(differences),
        wins=int((differences > 0).sum()),
        ties=int((differences == 0).sum()),
        losses=int((differences < 0).sum()),
        queries=len(differences),
        smallest_difference=smallest if np.isfinite(smallest) else None,
    )  # fmt: skip
