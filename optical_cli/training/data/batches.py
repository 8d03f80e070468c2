"""Which rows make a batch: similar lengths together, the same for any number of processes."""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Int

from optical_cli.errors import UsageError
from optical_cli.seeds import generator
from optical_cli.training.data.mixture import Mixture

POOL_BATCHES = 64
POOL_ROWS = 1 << 14
COUNTED_POOLS = 16

# Rows -> tokens of each row, one column for each text of a row.
Lengths = Callable[[Int[np.ndarray, " row"]], Int[np.ndarray, "row side"]]


class BatchPlan:
    """Forms global batches from seed and epoch alone.

    A pool of shuffled rows is sorted by length and cut into batches, whose order is shuffled
    again. So padding is scarce, memory is constant, and a batch is the same however many
    processes share it.

    Args:
        mixture: Gives the rows of an epoch in shuffled order.
        lengths: Tokens of each row's texts.
        batch_size: Rows of a batch.
        tokens_per_batch: If given, batches have as many rows as fit this many padded tokens, all
            texts of a row counted, instead of `batch_size`.
        seed: What the order is derived from.
    """

    def __init__(
        self,
        mixture: Mixture,
        lengths: Lengths,
        *,
        batch_size: int,
        tokens_per_batch: int | None = None,
        seed: int,
    ):
        self.mixture = mixture
        self.lengths = lengths
        self.batch_size = batch_size
        self.tokens_per_batch = tokens_per_batch
        self.seed = seed
        self.pool = POOL_ROWS if tokens_per_batch else POOL_BATCHES * batch_size

    def __len__(self) -> int:
        """Rows of an epoch."""
        return len(self.mixture)

    def epoch(self, number: int, skip: int = 0) -> Iterator[Int[np.ndarray, " row"]]:
        """The batches of epoch `number` but for the first `skip`, each an array of row numbers."""
        for start in range(0, len(self), self.pool):
            size = min(self.pool, len(self) - start)
            if self.tokens_per_batch is None and skip >= (count := -(-size // self.batch_size)):
                skip -= count
                continue
            batches = self._batches(number, np.arange(start, start + size))
            yield from batches[skip:]
            skip = max(skip - len(batches), 0)

    def batches_in_epoch(self) -> int:
        """How many batches the first epoch has; with a token budget about so many.

        Then the first rows stand for all, since to count would be to form all batches.
        """
        if self.tokens_per_batch is None:
            full, rest = divmod(len(self), self.pool)
            return full * POOL_BATCHES + -(-rest // self.batch_size)
        counted = min(COUNTED_POOLS * self.pool, len(self))
        starts = range(0, counted, self.pool)
        places = (np.arange(start, min(start + self.pool, counted)) for start in starts)
        batches = sum(len(self._cut(self.mixture.rows(0, part))) for part in places)
        return max(round(batches * len(self) / counted), 1)

    def _batches(self, number: int, places: np.ndarray) -> list[Int[np.ndarray, " row"]]:
        """A pool's batches in their shuffled order."""
        batches = self._cut(self.mixture.rows(number, places))
        order = generator(self.seed, "batches", number, int(places[0])).permutation(len(batches))
        return [batches[place] for place in order]

    def _cut(self, rows: np.ndarray) -> list[np.ndarray]:
        lengths = self.lengths(rows)
        # The last column is what is trained on, three times as dear as what is only read.
        order = np.lexsort(lengths.T)
        rows, lengths = rows[order], lengths[order]
        if self.tokens_per_batch is None:
            return np.split(rows, range(self.batch_size, len(rows), self.batch_size))
        return np.split(rows, _budget_cuts(lengths, self.tokens_per_batch))


def require_budget(tokens_per_batch: int | None, longest: Int[np.ndarray, " side"]) -> None:
    """Raise before the first step if a row alone may be more than a batch.

    Args:
        tokens_per_batch: The budget; None is no budget.
        longest: The most tokens that each text of a row has.

    Raises:
        UsageError: It may.
    """
    if tokens_per_batch is not None and longest.sum() > tokens_per_batch:
        raise UsageError(
            f"--tokens-per-batch {tokens_per_batch}: one row alone can have {longest.sum()} tokens",
            hint="raise it, or lower the lengths",
        )


def _budget_cuts(lengths: Int[np.ndarray, "row side"], budget: int) -> list[int]:
    """Where to cut so that rows times their longest texts stay within `budget`.

    A row over the budget is a batch by itself.
    """
    cuts, start = [], 0
    while start < len(lengths):
        # No batch has more rows than fit at its first row's length of the ascending last column.
        most = max(budget // max(lengths[start, -1], 1), 1)
        window = np.maximum.accumulate(lengths[start : start + most], axis=0).sum(1)
        fits = window * np.arange(1, len(window) + 1) <= budget
        start += max(int(fits.sum()), 1)
        cuts.append(start)
    return cuts[:-1]


def share_of(rows: np.ndarray, rank: int, ranks: int) -> np.ndarray:
    """What one of `ranks` processes takes of a global batch: every so manyth row."""
    return rows[rank::ranks]
