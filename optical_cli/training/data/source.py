"""Sentence pairs as the loop's source of batches."""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Int

from optical_cli.training.data.batches import BatchPlan
from optical_cli.training.data.bitext import Bitext
from optical_cli.training.data.pairs import PairBatch, PairStore


class PairSource:
    """Batches of pairs, in the order that a plan gives them.

    Args:
        plan: Which rows make a batch.
        store: Their tokens.
        bitexts: The files that the rows are from, in the store's order.
    """

    def __init__(self, plan: BatchPlan, store: PairStore, bitexts: Sequence[Bitext]):
        self.plan = plan
        self.store = store
        self.bitexts = bitexts

    def __len__(self) -> int:
        return len(self.plan)

    def batches_in_epoch(self) -> int:
        """Global batches of an epoch."""
        return self.plan.batches_in_epoch()

    def epoch(self, number: int) -> Iterator[Int[np.ndarray, " row"]]:
        """Row numbers of each global batch."""
        return self.plan.epoch(number)

    def load(self, rows: Int[np.ndarray, " row"]) -> PairBatch:
        """These pairs as tokens."""
        return self.store.batch(rows)

    def names(self, rows: Sequence[int]) -> list[str]:
        """File, line and pair id of each row."""
        languages, inner = self.store.locate(np.array(rows, np.int64))
        return [
            name
            for language in np.unique(languages)
            for name in self.bitexts[language].names(inner[languages == language].tolist())
        ]
