"""What the student reads of each pair: the target or the source, as a query or as a passage.

    number = (2 * side + own) * pairs + pair

so that one array of numbers says it all: which pairs, which of them the student reads in the
source language (own), and on which side the batch is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from optical_cli.seeds import generator

Rows = Int[np.ndarray, " row"]


@dataclass(frozen=True)
class Readings:
    """Numbers pairs by how they are read.

    Sides take turns, batch by batch, and each batch has its share of pairs that are read in the
    source language: which ones follows from seed, epoch and batch, so an epoch sees other pairs
    so than the one before.

    Attributes:
        pairs: How many there are.
        sides: 2 where the student learns queries and passages, else 1.
        also_source: Share of each batch that is read in the source language.
        seed: What that share is drawn by.
    """

    pairs: int
    sides: int = 1
    also_source: float = 0.0
    seed: int = 0

    def of_epoch(self, epoch: int, batches: Iterable[Rows], first: int = 0) -> Iterator[Rows]:
        """The batches of an epoch, numbered; from number `first` on if none is also read so."""
        before = 0
        for place, rows in enumerate(batches, first):
            after = before + len(rows)
            # Differences of a running total: no share is too small for small batches.
            count = int(self.also_source * after) - int(self.also_source * before)
            chance = generator(self.seed, "also source", epoch, place)
            own = np.zeros(len(rows), np.int64)
            own[chance.choice(len(rows), count, replace=False)] = 1
            side = (place + epoch) % self.sides
            yield rows + (2 * side + own) * self.pairs
            before = after

    def read(self, numbers: Rows) -> tuple[int, Bool[np.ndarray, " row"], Rows]:
        """The side of a batch, which of its rows are read in the source language, the pairs."""
        ways, rows = np.divmod(numbers, self.pairs)
        return int(ways[0] // 2), ways % 2 == 1, rows
