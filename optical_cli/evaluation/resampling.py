"""Random signs and resamples over queries, with sums that are the same on any machine.

Values are rounded to a grid on which every sum is exact in float64. Then neither the order of
addition nor a fused multiply-add can turn a tie between two statistics into a difference, and one
matrix product serves all systems at once.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from optical_cli import seeds

# So many signs are held at once, 32 MB of float64.
SIGNS_AT_ONCE = 1 << 22
# One bit below the 53 of float64.
EXACT_BITS = 52


def on_grid(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Round `values` to whole multiples of a power of two such that column sums are exact.

    Args:
        values: One row per query, a column per statistic.

    Returns:
        The whole numbers as float64, and the size of one. At a thousand queries with values up to
        one it is 2e-13, far below what a measure can tell apart.
    """
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0.0:
        return np.zeros(values.shape), 1.0
    spare = math.ceil(math.log2(largest)) + math.ceil(math.log2(len(values) + 1))
    unit = 2.0 ** (spare - EXACT_BITS)
    return np.rint(values / unit), unit


def signs(count: int, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Yield blocks of random signs [permutation, count], every sign +1 or -1.

    They come straight from the generator's bits, whose stream NumPy keeps for ever.
    """
    bits = np.random.PCG64(seeds.derive(seed, "randomization test", count))
    words = -(-count // 64)  # Every permutation starts at a new word.
    at_once = max(1, SIGNS_AT_ONCE // count)
    for start in range(0, permutations, at_once):
        rows = min(at_once, permutations - start)
        raw = bits.random_raw(rows * words).astype("<u8").view(np.uint8).reshape(rows, -1)
        flipped = np.unpackbits(raw, axis=1, count=count)
        yield 1.0 - 2.0 * flipped


def resampled_means(
    values: np.ndarray, query_ids: Sequence[str], resamples: int, seed: int
) -> np.ndarray:
    """Means of every column over queries drawn with replacement, [resample, column].

    The draws depend on the seed and on which queries there are: two languages with the same query
    ids are resampled together, so differences between them keep their pairing.

    Args:
        values: One row per query, in the order of `query_ids`.
        query_ids: In an order of their own, such as sorted.
        resamples: How many draws.
        seed: The one seed.
    """
    grid, unit = on_grid(values)
    rng = seeds.generator(seed, "bootstrap over queries", *query_ids)
    size = len(values)
    means = np.empty((resamples, values.shape[1]))
    for row in range(resamples):
        counts = np.bincount(rng.integers(0, size, size), minlength=size)
        means[row] = counts @ grid
    return means * (unit / size)


def resampled_seeds(means: np.ndarray, name: str, seed: int) -> np.ndarray:
    """Mean over training seeds drawn with replacement, one draw per row of `means`.

    With `resampled_means` for `means` this is the two-way bootstrap over seeds and queries.

    Args:
        means: Of each resample of queries, a column per training seed.
        name: Whose seeds; each system's are drawn on their own.
        seed: The one seed.
    """
    rows, count = means.shape
    if count == 1:
        return means[:, 0]
    rng = seeds.generator(seed, "bootstrap over seeds", name)
    drawn = rng.integers(0, count, (rows, count))
    return np.take_along_axis(means, drawn, axis=1).mean(axis=1)


def interval(draws: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of bootstrap draws."""
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(draws, [tail, 100 - tail])
    return float(low), float(high)
