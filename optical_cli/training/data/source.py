"""Sentence pairs as the loop's source of batches."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from jaxtyping import Int

from optical_cli.training.data.batches import BatchPlan
from optical_cli.training.data.bitext import Bitext
from optical_cli.training.data.pairs import PairBatch, PairStore
from optical_cli.training.data.readings import Readings


class PairSource:
    """Batches of pairs, in the order that a plan gives them.

    Args:
        plan: Which rows make a batch.
        stores: Their tokens, for each side that the student learns.
        bitexts: The files that the rows are from, in the stores' order.
        readings: What the student reads of each pair.
    """

    unit = "pairs"

    def __init__(
        self,
        plan: BatchPlan,
        stores: Sequence[PairStore],
        bitexts: Sequence[Bitext],
        readings: Readings,
    ):
        self.plan = plan
        self.stores = list(stores)
        self.bitexts = bitexts
        self.readings = readings

    @property
    def store(self) -> PairStore:
        """The tokens of the first side."""
        return self.stores[0]

    def __len__(self) -> int:
        return len(self.plan)

    def batches_in_epoch(self) -> int:
        """Global batches of an epoch."""
        return self.plan.batches_in_epoch()

    def epoch(self, number: int, skip: int = 0) -> Iterator[Int[np.ndarray, " row"]]:
        """Row numbers of each global batch but for the first `skip`; they say how to read each."""
        # Which pairs are read in the source language depends on the batches before.
        quick = 0 if self.readings.also_source else skip
        batches = self.readings.of_epoch(number, self.plan.epoch(number, quick), first=quick)
        return islice(batches, skip - quick, None)

    def load(self, rows: Int[np.ndarray, " row"]) -> PairBatch:
        """These pairs as tokens."""
        side, own, pairs = self.readings.read(rows)
        return self.stores[side].batch(pairs, own)

    def names(self, rows: Sequence[int]) -> list[str]:
        """File, line and pair id of each row."""
        _, _, pairs = self.readings.read(np.array(rows, np.int64))
        languages, inner = self.store.locate(pairs)
        return [
            name
            for language in np.unique(languages)
            for name in self.bitexts[language].names(inner[languages == language].tolist())
        ]
