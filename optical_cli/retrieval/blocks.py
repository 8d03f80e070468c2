"""Passages of a vector set in the order in which a search meets them: blocks, the units of work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from optical_cli.formats.vectors import VectorSet
from optical_cli.formats.vectors_parts import Part
from optical_cli.retrieval.decoding import Decode

BLOCK_TOKENS = 16_384


class Passages(Protocol):
    """Some passages whose tokens can be had as rows.

    Attributes:
        offsets: Where the passages' entries (windows, where documents were cut) start, and where
            the last one ends.
    """

    offsets: Int[np.ndarray, " entry_and_one"]

    def fill(self, decode: Decode, start: int, stop: int, out: Float[Tensor, "row dim"]) -> None:
        """Write the tokens start..stop into the first rows of `out`."""

    def of_records(
        self, scores: Float[np.ndarray, "entry query"]
    ) -> Float[np.ndarray, "record query"]:
        """Scores of records from those of entries: a document scores as its best window (MaxP)."""


@dataclass(frozen=True)
class Block:
    """Consecutive records of one part; see `Passages`.

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

    @cached_property
    def offsets(self) -> Int[np.ndarray, " entry_and_one"]:
        """Where entries start among the block's tokens."""
        first, last = self.start, self.stop
        if self.part.windows is not None:
            first, last = int(self.part.windows[first]), int(self.part.windows[last])
        offsets = np.array(self.part.offsets[first : last + 1])
        return offsets - offsets[0]

    def fill(self, decode: Decode, start: int, stop: int, out: Float[Tensor, "row dim"]) -> None:
        """Write the tokens start..stop into the first rows of `out`."""
        first = int(self.part.record_starts[self.start])
        decode(self.part, first + start, first + stop, out)

    def of_records(
        self, scores: Float[np.ndarray, "entry query"]
    ) -> Float[np.ndarray, "record query"]:
        """The best of each record's windows."""
        if self.part.windows is None:
            return scores
        windows = np.array(self.part.windows[self.start : self.stop])
        return np.maximum.reduceat(scores, windows - windows[0], axis=0)


class Gathered:
    """Records from anywhere in a set, in the order given; see `Passages`."""

    def __init__(self, vectors: VectorSet, places: Sequence[int]):
        self.blocks = [_single(vectors, place) for place in places]
        lengths = [np.diff(block.offsets) for block in self.blocks]
        self.offsets = np.concatenate([[0], np.cumsum(np.concatenate([[], *lengths]))])
        self.offsets = self.offsets.astype(np.int64)
        self.ends = np.cumsum([int(block.offsets[-1]) for block in self.blocks])
        self.entries = np.cumsum([0, *map(len, lengths)])

    def fill(self, decode: Decode, start: int, stop: int, out: Float[Tensor, "row dim"]) -> None:
        """Write the tokens start..stop into the first rows of `out`."""
        number, row = int(np.searchsorted(self.ends, start, side="right")), start
        while row < stop:
            first = int(self.ends[number - 1]) if number else 0
            last = min(int(self.ends[number]), stop)
            if last > row:
                self.blocks[number].fill(decode, row - first, last - first, out[row - start :])
            row, number = last, number + 1

    def of_records(
        self, scores: Float[np.ndarray, "entry query"]
    ) -> Float[np.ndarray, "record query"]:
        """The best of each record's windows."""
        return np.maximum.reduceat(scores, self.entries[:-1], axis=0)


def _single(vectors: VectorSet, place: int) -> Block:
    number = vectors.part_of(place)
    start = place - vectors.starts[number]
    return Block(vectors.parts[number], start, start + 1, place)


def blocks(vectors: VectorSet, tokens: int = BLOCK_TOKENS) -> Iterator[Block]:
    """Cut every part into blocks of at most `tokens` tokens, or of one record that has more."""
    for part, first in zip(vectors.parts, vectors.starts, strict=False):
        starts, start = part.record_starts, 0
        while start < part.records:
            stop = int(np.searchsorted(starts, starts[start] + tokens, side="right")) - 1
            stop = min(max(stop, start + 1), part.records)
            yield Block(part, start, stop, first + start)
            start = stop
