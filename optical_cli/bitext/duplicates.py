"""Copies of pairs: which are the same, and which of them is kept."""

import numpy as np
from jaxtyping import Float, Int, UInt64


def best_of_equal(
    keys: UInt64[np.ndarray, "pair"], quality: Float[np.ndarray, "pair"]
) -> Int[np.ndarray, "pair"]:
    """For each pair the best pair with its key: highest quality, then first come.

    A pair whose entry is its own number is kept.
    """
    count = len(keys)
    order = np.lexsort((np.arange(count), -quality, keys))
    begins = np.ones(count, dtype=bool)
    begins[1:] = keys[order[1:]] != keys[order[:-1]]
    group = np.cumsum(begins) - 1
    best = np.empty(count, dtype=np.int64)
    best[order] = order[begins][group]
    return best
