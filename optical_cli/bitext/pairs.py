"""A batch of pairs: two columns of texts with what was counted on them."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from optical_cli.bitext.characters import (
    CLASSES,
    DIGIT,
    EXPECTED,
    FOREIGN,
    LETTER,
    PUNCTUATION,
    SPACE,
    Characters,
    class_counts,
    class_table,
)
from optical_cli.bitext.characters import characters as lay_out


@dataclass(frozen=True)
class Side:
    """One side of many pairs, in a language written in `scripts` (none: unknown)."""

    texts: list[str]
    chars: Characters
    scripts: tuple[str, ...] = ()

    @property
    def lengths(self) -> Int[np.ndarray, "text"]:
        """Characters of each text."""
        return self.chars.lengths

    @functools.cached_property
    def classes(self) -> np.ndarray:
        """The class of each character."""
        return class_table(self.scripts)[self.chars.codes]

    @functools.cached_property
    def counts(self) -> Int[np.ndarray, "text class"]:
        """Characters of each class in each text."""
        return class_counts(self.chars, self.classes)

    @property
    def visible(self) -> Int[np.ndarray, "text"]:
        """Characters that are no space."""
        return self.lengths - self.counts[:, SPACE]

    def letters(self) -> Int[np.ndarray, "text"]:
        """Letters and marks, of any script."""
        return self.counts[:, [LETTER, EXPECTED, FOREIGN]].sum(axis=1)

    def share(self, *classes: int) -> Float[np.ndarray, "text"]:
        """The share of these classes among the visible characters; 0 where there are none."""
        return self.counts[:, list(classes)].sum(axis=1) / np.maximum(self.visible, 1)

    def take(self, rows: Sequence[int]) -> "Side":
        """These texts alone."""
        texts = [self.texts[row] for row in rows]
        return Side(texts, lay_out(texts), self.scripts)


@dataclass(frozen=True)
class PairBatch:
    """Pairs of one block after cleaning."""

    source: Side
    target: Side

    def __len__(self) -> int:
        return len(self.source.texts)

    @property
    def sides(self) -> tuple[Side, Side]:
        """Source and target."""
        return self.source, self.target

    def take(self, rows: Sequence[int]) -> "PairBatch":
        """These pairs alone."""
        return PairBatch(self.source.take(rows), self.target.take(rows))


__all__ = ["CLASSES", "DIGIT", "PUNCTUATION", "PairBatch", "Side"]
