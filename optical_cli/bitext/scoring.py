"""What scoring pairs needs beside a model: folds that share no text, and comparable costs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int, UInt64

from optical_cli.bitext.cleaning import clean_all
from optical_cli.bitext.components import connected
from optical_cli.bitext.hashing import combine, scramble
from optical_cli.bitext.keys import hash_keys, key_characters
from optical_cli.errors import InputError
from optical_cli.seeds import derive

# Enough pairs for a median and a deviation to mean something, and bins narrow enough.
PAIRS_PER_BIN = 200
MOST_BINS = 20
# The median absolute deviation of a normal distribution is its standard deviation over this.
NORMAL = 1.4826


def side_keys(sources: Sequence[str], targets: Sequence[str]) -> list[UInt64[np.ndarray, " pair"]]:
    """A hash for each side of each pair, equal where the letters and digits are."""
    return [hash_keys(key_characters(clean_all(list(texts)))) for texts in (sources, targets)]


def fold_numbers(
    keys: Sequence[UInt64[np.ndarray, " pair"]], folds: int, seed: int
) -> Int[np.ndarray, " pair"]:
    """The fold of each pair, from 0.

    Pairs that share a side are in one fold, so that what a student learned on the others tells it
    no translation of this fold by heart. A fold depends on (seed, content) alone.
    """
    none = np.zeros(0, dtype=np.int64)
    groups = connected(keys, (none, none))
    smallest = np.full(groups.max(initial=-1) + 1, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(smallest, groups, combine(*keys))
    drawn = scramble(smallest ^ np.uint64(derive(seed, "folds")))
    return (drawn % np.uint64(folds)).astype(np.int64)[groups]


def filled_folds(
    keys: Sequence[UInt64[np.ndarray, " pair"]],
    folds: int,
    seed: int,
    *,
    least: int = 1,
    where: Path,
) -> Int[np.ndarray, " pair"]:
    """The `fold_numbers`, each of at least `least` pairs.

    Raises:
        InputError: A fold of the file `where` has fewer.
    """
    numbers = fold_numbers(keys, folds, seed)
    if np.bincount(numbers, minlength=folds).min() < least:
        each = f" with {least} each" if least > 1 else ""
        raise InputError(
            f"{len(numbers)} pairs do not fill {folds} folds{each}", where=where,
            hint="pairs that share a side are in one fold",
        )  # fmt: skip
    return numbers


def standardized(
    costs: Float[np.ndarray, " pair"], lengths: Int[np.ndarray, " pair"]
) -> Float[np.ndarray, " pair"]:
    """How many deviations each cost is above the usual one of pairs of like length.

        z = (cost - median) / (1.4826 median |cost - median|)

    within bins of equally many pairs by length, up to twenty. Median and median deviation stay
    where they are if a third of the pairs is misaligned; mean and standard deviation would move
    towards what they are to find. 0 throughout a bin whose costs do not differ.

    Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993 (the modified z-score).
    """
    count = min(max(len(costs) // PAIRS_PER_BIN, 1), MOST_BINS)
    edges = np.quantile(lengths, np.arange(1, count) / count) if len(lengths) else []
    bins = np.searchsorted(edges, lengths, side="right")
    z = np.zeros(len(costs))
    for number in np.unique(bins):
        rows = bins == number
        off = costs[rows] - np.median(costs[rows])
        spread = NORMAL * np.median(np.abs(off))
        z[rows] = off / spread if spread > 0 else 0.0
    return z
