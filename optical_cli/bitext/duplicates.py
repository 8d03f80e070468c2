"""Copies of pairs: which are the same, and which of them is kept."""

import numpy as np
from jaxtyping import Float, Int, UInt64

Keys = UInt64[np.ndarray, " pair"]


def rank_by_quality(quality: Float[np.ndarray, " pair"]) -> Int[np.ndarray, " pair"]:
    """0 for the best pair, 1 for the next; of equals the first come is better."""
    rank = np.empty(len(quality), dtype=np.int64)
    rank[np.argsort(-quality, kind="stable")] = np.arange(len(quality))
    return rank


def places_in_groups(
    keys: Keys, rank: Int[np.ndarray, " pair"]
) -> tuple[Int[np.ndarray, " pair"], Int[np.ndarray, " pair"]]:
    """For each pair, how many pairs with its key are better, and the best of them (or itself)."""
    order = np.lexsort((rank, keys))
    begins = np.ones(len(keys), dtype=bool)
    begins[1:] = keys[order[1:]] != keys[order[:-1]]
    firsts = np.flatnonzero(begins)
    group = np.cumsum(begins) - 1
    place, best = np.empty_like(order), np.empty_like(order)
    place[order] = np.arange(len(keys)) - firsts[group]
    best[order] = order[firsts][group]
    return place, best
