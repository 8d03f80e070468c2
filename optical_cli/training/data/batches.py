"""Which rows make a batch: similar lengths together, the same for any number of processes."""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Int

from optical_cli.errors import UsageError
from optical_cli.seeds import generator
from optical_cli.training.data.mixture import Mixture

POOL_BATCHES = 64
POOL_ROWS = 1 << 14

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

    def epoch(self, number: int) -> Iterator[Int[np.ndarray, " row"]]:
        """The batches of epoch `number`, each an array of row numbers."""
        for start in range(0, len(self), self.pool):
            places = np.arange(start, min(start + self.pool, len(self)))
            batches = self._cut(self.mixture.rows(number, places))
            order = generator(self.seed, "batches", number, start).permutation(len(batches))
            yield from (batches[place] for place in order)

    def batches_in_epoch(self) -> int:
        """How many batches the first epoch has; with a token budget others differ a little."""
        if self.tokens_per_batch is None:
            full, rest = divmod(len(self), self.pool)
            return full * POOL_BATCHES + -(-rest // self.batch_size)
        return sum(1 for _ in self.epoch(0))

    def _cut(self, rows: np.ndarray) -> list[np.ndarray]:
        lengths = self.lengths(rows)
        # The last column is what is trained on, three times as dear as what is only read.
        order = np.lexsort(lengths.T)
        rows, lengths = rows[order], lengths[order]
        if self.tokens_per_batch is None:
            return np.split(rows, range(self.batch_size, len(rows), self.batch_size))
        return np.split(rows, _budget_cuts(lengths, self.tokens_per_batch))


def _budget_cuts(lengths: Int[np.ndarray, "row side"], budget: int) -> list[int]:
    """Where to cut so that rows times their longest texts stay within `budget`."""
    cuts, start, longest = [], 0, np.zeros_like(lengths[0])
    for place, row in enumerate(lengths):
        wider = np.maximum(longest, row)
        if place > start and (place + 1 - start) * wider.sum() > budget:
            cuts.append(place)
            start, wider = place, row
        if row.sum() > budget:
            raise UsageError(
                f"--tokens-per-batch {budget}: one row alone has {row.sum()} tokens",
                hint="raise it, or lower the lengths",
            )
        longest = wider
    return cuts


def share_of(rows: np.ndarray, rank: int, ranks: int) -> np.ndarray:
    """What one of `ranks` processes takes of a global batch: every so manyth row."""
    return rows[rank::ranks]
