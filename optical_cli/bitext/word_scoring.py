"""`optical score-bitext --by words`: how probably the sides of each pair belong together.

Pairs that share no side are cut into folds. Each fold is judged by models that learned from the
others, where every pair weighs by its probability so far; so no pair vouches for itself. Beside
the pairs of a fold stand wrong ones, made of its own sources and targets: where the evidence for
the pairs at hand is as for those, they are wrong, too. How many are is found by that alone.
"""

import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from scipy.ndimage import gaussian_filter1d

from optical_cli.bitext.evidence import Evidence, Judge, Sides
from optical_cli.bitext.scoring import filled_folds, side_keys, standardized
from optical_cli.console import print_table
from optical_cli.formats.bitext import read_bitext
from optical_cli.formats.scored_bitext import ScoredPair
from optical_cli.seeds import generator

log = logging.getLogger(__name__)

ROUNDS = 3
WRONG_FOR_EACH = 3
FEWEST_IN_FOLD = 2 * WRONG_FOR_EACH
# Of the wrong pairs: a pair that beats this share of them is taken for right at first.
BEATEN = 0.95
STEPS = 50
BINS = 400
LEAST_SHARE = 1e-3
LEAST_SPREAD = 1e-3
LEAST_WEIGHT = 1e-6


def scored_by_words(
    path: Path, columns: str, limit: int | None, folds: int, seed: int
) -> Iterator[ScoredPair]:
    """The pairs of a file in its order, with their scores.

    Raises:
        InputError: The file is malformed, or a fold has too few pairs to make wrong ones of, as
            where they have no words.
    """
    pairs = list(islice(read_bitext(path, columns=columns), limit))
    texts = [p.source for p in pairs], [p.target for p in pairs]
    fold = filled_folds(side_keys(*texts), folds, seed, least=FEWEST_IN_FOLD, where=path)
    evidence, wrong, probability = judged(Sides.of(*texts), fold, seed)
    cost_z = standardized(-evidence, np.array([len(p.source) + len(p.target) for p in pairs]))
    print_table(
        None, ("pairs", "parallel", "probably parallel"),
        [(len(pairs), f"{100 * probability.mean():.1f}%", int((probability >= 0.5).sum()))],
    )  # fmt: skip
    for place, pair in enumerate(pairs):
        yield ScoredPair(
            id=pair.pair_id, source=pair.source, target=pair.target, fold=int(fold[place]) + 1,
            cost=float(-evidence[place]), cost_z=float(cost_z[place]),
            margin=float(evidence[place] - wrong.mean()), parallel=float(probability[place]),
        )  # fmt: skip


def judged(
    sides: Sides, fold: Int[np.ndarray, " pair"], seed: int
) -> tuple[Evidence, Evidence, Evidence]:
    """The evidence for each pair, that for wrong pairs, and each pair's probability.

    Args:
        sides: The pairs.
        fold: The fold of each, from 0.
        seed: Of the wrong pairs.
    """
    probability = np.ones(len(fold))
    for number in range(ROUNDS):
        evidence = np.zeros(len(fold))
        wrong = []
        for one in range(fold.max() + 1):
            own = np.flatnonzero(fold == one)
            # Should nothing seem right, all of it is asked.
            judge = Judge(sides, np.where(fold == one, 0.0, np.maximum(probability, LEAST_WEIGHT)))
            evidence[own] = judge(own, own)
            wrong.append(judge(*_wrong_pairs(own, generator(seed, f"wrong pairs {one}"))))
        beside = np.concatenate(wrong)
        probability, share = right_and_wrong(evidence, beside)
        log.info("round %d: %.1f%% of the pairs seem parallel", number + 1, 100 * share)
    return evidence, beside, probability


def _wrong_pairs(
    own: Int[np.ndarray, " pair"], chance: np.random.Generator
) -> tuple[Int[np.ndarray, " wrong"], Int[np.ndarray, " wrong"]]:
    """Each source with some targets of other pairs; each target takes part as often."""
    order = chance.permutation(own)
    shifted = [np.roll(order, shift) for shift in range(1, WRONG_FOR_EACH + 1)]
    return np.tile(order, WRONG_FOR_EACH), np.concatenate(shifted)


def right_and_wrong(evidence: Evidence, wrong: Evidence) -> tuple[Evidence, float]:
    """The probability that each pair is right, and how large a share is.

    The evidence is a mixture of that of wrong pairs, whose density is known from `wrong`, and a
    normal distribution; share, mean and deviation of the latter by expectation maximisation::

        P(right | x) = share N(x; m, s) / (share N(x; m, s) + (1 - share) wrong(x))

    Above m it stays as it is there, and it is 0 below the mean of wrong pairs: tails are not known.

    Source: the two-groups model with a known null, Efron 2008, "Microarrays, Empirical Bayes and
    the Two-Groups Model".
    """
    density, grid = _density(evidence, wrong)
    right = (evidence > np.quantile(wrong, BEATEN)).astype(float)
    share = 0.5
    for _ in range(STEPS):
        share = float(np.clip(right.mean(), LEAST_SHARE, 1 - LEAST_SHARE))
        mean = np.average(evidence, weights=right + 1e-9)
        spread = np.sqrt(np.average((evidence - mean) ** 2, weights=right + 1e-9)) + LEAST_SPREAD
        at = np.minimum(evidence, mean)
        ours = share * np.exp(-(((at - mean) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))
        right = ours / (ours + (1 - share) * np.interp(at, grid, density) + 1e-300)
        right[evidence <= wrong.mean()] = 0.0
    return right, share


def _density(
    evidence: Evidence, wrong: Evidence
) -> tuple[Float[np.ndarray, " bin"], Float[np.ndarray, " bin"]]:
    """The density of wrong pairs and where on the axis, with Silverman's bandwidth."""
    ends = min(evidence.min(), wrong.min()), max(evidence.max(), wrong.max()) + 1e-6
    counts, edges = np.histogram(wrong, BINS, ends, density=True)
    width = edges[1] - edges[0]
    bandwidth = 1.06 * wrong.std() * len(wrong) ** -0.2
    return gaussian_filter1d(counts, bandwidth / width, mode="constant"), edges[:-1] + width / 2
