"""How often each language is drawn, and which of its rows come in an epoch."""

from collections.abc import Sequence

import numpy as np

from optical_cli.training.data.order import Permutation


class Mixture:
    """Rows of several languages, drawn in proportion to ``size ** (1 / temperature)``.

    An epoch has as many draws as there are rows. At temperature 1 it is every row once; above, a
    small language is drawn more often than once, always through all of its rows before any row
    comes again, and a large one less, going on in the next epoch where it stopped. Rows are
    numbered through all languages, in the order given.

    Args:
        sizes: Rows of each language.
        temperature: 1 draws in proportion to size; infinity draws all languages equally often.
        seed: What the order is derived from.
    """

    def __init__(self, sizes: Sequence[int], *, temperature: float = 1.0, seed: int):
        self.sizes = np.array(sizes, np.int64)
        self.seed = seed
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
        self.shares = _shares(self.sizes, temperature)
        self.ends = np.cumsum(self.shares)

    def __len__(self) -> int:
        return int(self.ends[-1])

    def rows(self, epoch: int, places: np.ndarray) -> np.ndarray:
        """The rows at `places` (from 0) of an epoch."""
        items = Permutation(len(self), self.seed, "epoch", epoch)(places)
        languages = np.searchsorted(self.ends, items, side="right")
        rows = np.empty_like(items)
        for language in np.unique(languages):
            chosen = languages == language
            before = self.ends[language] - self.shares[language]
            draws = epoch * self.shares[language] + items[chosen] - before
            rows[chosen] = self.starts[language] + self._drawn(language, draws)
        return rows

    def _drawn(self, language: int, draws: np.ndarray) -> np.ndarray:
        size = self.sizes[language]
        if self.shares[language] == size:  # each row once an epoch: already shuffled
            return draws % size
        passes, places = draws // size, draws % size
        rows = np.empty_like(places)
        for number in np.unique(passes):
            chosen = passes == number
            order = Permutation(int(size), self.seed, "language", language, number)
            rows[chosen] = order(places[chosen])
        return rows


def _shares(sizes: np.ndarray, temperature: float) -> np.ndarray:
    """Draws of each language in an epoch; they sum to the number of rows."""
    weights = (sizes / sizes.max()) ** (1.0 / temperature)
    exact = weights / weights.sum() * sizes.sum()
    shares = np.floor(exact).astype(np.int64)
    largest_rest = np.argsort(shares - exact, kind="stable")
    shares[largest_rest[: int(sizes.sum() - shares.sum())]] += 1
    return shares
