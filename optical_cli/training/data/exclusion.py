"""Keeping test queries and their passages out of the training data."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from optical_cli.bitext.overlap import OverlapIndex, overlap_index
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.references import read_references

# As `prepare-bitext` has it: share of the shorter text's character 13-grams.
FORBIDDEN_OVERLAP = 0.6


class Exclusion:
    """Tells which texts are also in files that must stay unseen.

    Args:
        paths: Queries, collections or bitext; none excludes nothing.
    """

    def __init__(self, paths: Sequence[Path]):
        references = [entry for path in paths for entry in read_references(path)]
        self.index: OverlapIndex | None = overlap_index(references) if references else None

    def holds(self, texts: Sequence[str]) -> Bool[np.ndarray, " text"]:
        """Whether each text is equal to one of theirs, or shares much of its letters with one."""
        if self.index is None or not texts:
            return np.zeros(len(texts), bool)
        side = Side([text.replace("\n", " ") for text in texts], list(texts), ())
        shares, _ = self.index.score(PairBatch(side, side))
        return shares >= FORBIDDEN_OVERLAP
