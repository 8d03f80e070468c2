"""A vector set as blocks of consecutive passages, the units of work of a search."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from optical_cli.formats.vectors import VectorSet
from optical_cli.formats.vectors_parts import Part

BLOCK_TOKENS = 16_384


@dataclass(frozen=True)
class Block:
    """Consecutive records of one part.

    Attributes:
        part: Where they are.
        start: The first of them.
        stop: The first behind them.
        first: Place of the first of them in the whole set.
    """

    part: Part
    start: int
    stop: int
    first: int

    @property
    def entries(self) -> tuple[int, int]:
        """First entry (window, where documents were cut) and the first behind the last."""
        if self.part.windows is None:
            return self.start, self.stop
        return int(self.part.windows[self.start]), int(self.part.windows[self.stop])

    @property
    def tokens(self) -> tuple[int, int]:
        """First token and the first behind the last."""
        first, last = self.entries
        return int(self.part.offsets[first]), int(self.part.offsets[last])

    def offsets(self) -> Int[np.ndarray, " entry_and_one"]:
        """Where entries start, counted from the block's first token."""
        first, last = self.entries
        offsets = np.asarray(self.part.offsets[first : last + 1])
        return offsets - offsets[0]

    def of_records(
        self, scores: Float[np.ndarray, "entry query"]
    ) -> Float[np.ndarray, "record query"]:
        """Scores of records from those of entries: a document scores as its best window (MaxP)."""
        if self.part.windows is None:
            return scores
        windows = np.asarray(self.part.windows[self.start : self.stop])
        return np.maximum.reduceat(scores, windows - windows[0], axis=0)


def blocks(vectors: VectorSet, tokens: int = BLOCK_TOKENS) -> Iterator[Block]:
    """Cut every part into blocks of at most `tokens` tokens, or of one record that has more."""
    for part, first in zip(vectors.parts, vectors.starts, strict=False):
        starts, start = part.record_starts, 0
        while start < part.records:
            stop = int(np.searchsorted(starts, starts[start] + tokens, side="right")) - 1
            stop = min(max(stop, start + 1), part.records)
            yield Block(part, start, stop, first + start)
            start = stop
