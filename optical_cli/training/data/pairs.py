"""Bitext as token rows on disk, and batches of pairs from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from optical_cli.console import progress
from optical_cli.encoders.tokens import Side, TokenBatch
from optical_cli.training.data.bitext import Bitext
from optical_cli.training.data.candidates import Candidates
from optical_cli.training.data.chunks import chunks
from optical_cli.training.data.rows import RowStore, RowWriter, key_of_row
from optical_cli.training.data.vectors import VectorStore, padded
from optical_cli.training.data.word_types import WordTypes


def tokenize_pairs(
    folder: Path, bitext: Bitext, source: Side, target: Side, *, own: bool = False
) -> None:
    """Write the token rows of both sides of `bitext` into `folder`, in the file's order.

    Args:
        folder: An empty folder.
        bitext: The pairs.
        source: How the teacher reads sources.
        target: How the student reads targets.
        own: Write sources as the student reads them, too.
    """
    sizes = len(source.tokenizer), len(target.tokenizer)
    with (
        RowWriter(folder, "source", sizes[0]) as sources,
        RowWriter(folder, "target", sizes[1]) as targets,
        RowWriter(folder, "own", sizes[1]) as owns,
        progress(f"tokenising {bitext.path.name}", bitext.limit) as bar,
    ):
        for chunk in chunks(bitext.pairs()):
            sources.append(source.rows([pair[0] for pair in chunk]))
            targets.append(target.rows([pair[1] for pair in chunk]))
            if own:
                owns.append(target.rows([pair[0] for pair in chunk]))
            bar.advance(len(chunk))


@dataclass(frozen=True)
class PairBatch:
    """Sentence pairs as tokens.

    Attributes:
        rows: Their row numbers, through all languages.
        source: The teacher's tokens.
        target: The student's tokens, of the target or of the source itself.
        keys: A number for each source, the same for equal sources.
        teacher: The teacher's vectors of `source`, not normalised, where they are cached.
        types: The lexicon's words that the tokens of source and target belong to, where needed.
        passages: Vectors of the passages that each pair is compared on, where an objective does.
        as_passages: Both encoders read the texts as passages, not as queries.
    """

    rows: Int[np.ndarray, " batch"]
    source: TokenBatch
    target: TokenBatch
    keys: Int[Tensor, " batch"]
    teacher: Float[Tensor, "batch row dim"] | None = None
    types: tuple[Int[Tensor, "batch row"], Int[Tensor, "batch col"]] | None = None
    passages: Float[Tensor, "batch passage token dim"] | None = None
    as_passages: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def tokens(self) -> int:
        """Tokens that the student reads, without padding."""
        return int(self.target.attention_mask.sum())

    def padded_tokens(self) -> int:
        """Tokens that the student computes, padding included."""
        return self.target.input_ids.numel()

    def to(self, device: torch.device) -> "PairBatch":
        """The same batch on another device."""
        return replace(
            self, source=self.source.to(device), target=self.target.to(device),
            keys=self.keys.to(device),
            teacher=None if self.teacher is None else self.teacher.to(device),
            types=self.types and tuple(types.to(device) for types in self.types),
            passages=None if self.passages is None else self.passages.to(device),
        )  # fmt: skip


@dataclass(frozen=True)
class PairStore:
    """The pairs of one or more languages, each in a folder that `tokenize_pairs` filled.

    Attributes:
        folders: One for each language.
        source: How sources are cut and padded.
        target: How targets are.
        vectors: The teacher's vectors of each language's sources, where they are cached.
        types: Finds the lexicon's words in sources and in targets, where a prior needs them.
        candidates: Finds passages for each pair, where an objective scores them.
        as_passages: Both sides are cut as passages are.
    """

    folders: Sequence[Path]
    source: Side
    target: Side
    vectors: Sequence[VectorStore] = ()
    types: tuple[WordTypes, WordTypes] | None = None
    candidates: Candidates | None = None
    as_passages: bool = False

    @cached_property
    def sources(self) -> list[RowStore]:
        """The sources of each language."""
        return [RowStore(folder, "source") for folder in self.folders]

    @cached_property
    def targets(self) -> list[RowStore]:
        """The targets of each language."""
        return [RowStore(folder, "target") for folder in self.folders]

    @cached_property
    def owns(self) -> list[RowStore]:
        """The sources of each language as the student reads them, where it does."""
        return [RowStore(folder, "own") for folder in self.folders]

    @cached_property
    def sizes(self) -> list[int]:
        """Pairs of each language."""
        return [len(store) for store in self.sources]

    def locate(self, rows: Int[np.ndarray, " row"]) -> tuple[np.ndarray, np.ndarray]:
        """The language of each row and its row therein."""
        ends = np.cumsum(self.sizes)
        languages = np.searchsorted(ends, rows, side="right")
        return languages, rows - (ends - self.sizes)[languages]

    def lengths(self, rows: Int[np.ndarray, " row"]) -> Int[np.ndarray, "row 2"]:
        """Tokens of source and target as the models read them."""
        columns = [(self.sources, self.source), (self.targets, self.target)]
        return np.stack([self._side_lengths(rows, *column) for column in columns], axis=1)

    def longest(self) -> Int[np.ndarray, " side"]:
        """The most tokens that a source and a target have as the models read them."""
        columns = [(self.sources, self.source), (self.targets, self.target)]
        return np.array([_longest(stores, side) for stores, side in columns])

    def batch(
        self, rows: Int[np.ndarray, " row"], own: Bool[np.ndarray, " row"] | None = None
    ) -> PairBatch:
        """The pairs `rows` as padded tokens; of those in `own` the student reads the source."""
        sources = self._of_each(rows, self.sources, self.source)
        targets = self._of_each(rows, self.targets, self.target)
        if own is not None and own.any():
            found = iter(self._of_each(rows[own], self.owns, self.target))
            targets = [next(found) if o else row for o, row in zip(own, targets, strict=True)]
        keys = torch.tensor([key_of_row(row) for row in sources])
        source, target = self.source.collate(sources), self.target.collate(targets)
        teacher = types = passages = None
        if self.vectors:
            teacher = padded(self._of_each(rows, self.vectors), source.input_ids.shape[1])
        if self.types:
            texts = ((sources, source), (targets, target))
            types = tuple(
                of(found, batch.input_ids.shape[1])
                for of, (found, batch) in zip(self.types, texts, strict=True)
            )
        if self.candidates:
            passages = self.candidates.vectors(rows, self._of_each(rows, self.candidates.best))
        return PairBatch(rows, source, target, keys, teacher, types, passages, self.as_passages)

    def _side_lengths(self, rows: np.ndarray, stores: list[RowStore], side: Side) -> np.ndarray:
        if side.mask_id is not None:
            return np.full(len(rows), side.length)
        lengths = np.empty(len(rows), np.int64)
        languages, inner = self.locate(rows)
        for language in np.unique(languages):
            chosen = languages == language
            lengths[chosen] = stores[language].lengths(inner[chosen])
        return np.minimum(lengths, side.length)

    def _of_each(self, rows: Int[np.ndarray, " row"], stores: Sequence[Any], *how: Side) -> list:
        """What the stores of the rows' languages hold for each row."""
        languages, inner = self.locate(rows)
        found = [None] * len(rows)
        for language in np.unique(languages):
            places = np.flatnonzero(languages == language)
            items = stores[language].rows(inner[places], *how)
            for place, item in zip(places, items, strict=True):
                found[place] = item
        return found


def _longest(stores: Sequence[RowStore], side: Side) -> int:
    if side.mask_id is not None:
        return side.length
    return min(max(store.longest() for store in stores), side.length)
