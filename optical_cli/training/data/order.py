"""Shuffled orders that are computed, not stored: any part of a permutation in constant memory."""

import numpy as np

from optical_cli.seeds import derive

ROUNDS = 4
MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))


class Permutation:
    """A pseudorandom order of ``0..size-1``, given by a key.

    A balanced Feistel network permutes the smallest square power of two that holds `size`; values
    outside are permuted on until they fall inside (cycle walking), at most four times on average.
    100 million rows are so shuffled without a table of 800 MB.

    Source: Black and Rogaway 2002, "Ciphers with arbitrary finite domains".
    """

    def __init__(self, size: int, seed: int, *names: object):
        self.size = size
        self.half = np.uint64(max((max(size - 1, 1).bit_length() + 1) // 2, 1))
        self.mask = np.uint64((1 << int(self.half)) - 1)
        self.keys = [np.uint64(derive(seed, "order", *names, i)) for i in range(ROUNDS)]

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """Which items stand at `places`."""
        items = self._network(places.astype(np.uint64))
        while (outside := items >= self.size).any():
            items[outside] = self._network(items[outside])
        return items.astype(np.int64)

    def _network(self, values: np.ndarray) -> np.ndarray:
        left, right = values >> self.half, values & self.mask
        for key in self.keys:
            left, right = right, left ^ (_mixed(right ^ key) & self.mask)
        return (left << self.half) | right


def _mixed(values: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64: every input bit reaches every output bit."""
    values = (values ^ (values >> SHIFTS[0])) * MULTIPLIERS[0]
    values = (values ^ (values >> SHIFTS[1])) * MULTIPLIERS[1]
    return values ^ (values >> SHIFTS[2])
