"""Passages of a vector set in the order in which a search meets them: blocks, the units of work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from optical_cli.formats.vectors import PackedSet
from optical_cli.formats.vectors_parts import Part
from optical_cli.retrieval.decoding import Decode

BLOCK_TOKENS = 16_384


@runtime_checkable
class Passages(Protocol):
    """Some passages whose tokens can be had as rows.

    Attributes:
        offsets: Where the passages' entries (windows, where documents were cut) start, and where
            the last one ends.
    """

    offsets: Int[np.ndarray, " entry_and_one"]

    def fill(self, decode: Decode, start: int, stop: int, out: Float[Tensor, "room dim"]) -> None:
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

    def fill(self, decode: Decode, start: int, stop: int, out: Float[Tensor, "room dim"]) -> None:
        """Write the tokens start..stop into the first rows of `out`."""
        first = int(self.part.record_starts[self.start])
        decode(self.part, slice(first + start, first + stop), out)

    def of_records(
        self, scores: Float[np.ndarray, "entry query"]
    ) -> Float[np.ndarray, "record query"]:
        """The best of each record's windows."""
        return best_windows(self.part, self.start, self.stop, scores)


def best_windows(
    part: Part, start: int, stop: int, scores: Float[np.ndarray, "entry query"]
) -> Float[np.ndarray, "record query"]:
    """Scores of the records start..stop of a part from those of their entries."""
    if part.windows is None:
        return scores
    windows = np.array(part.windows[start:stop])
    return np.maximum.reduceat(scores, windows - windows[0], axis=0)


class Gathered:
    """Records from anywhere in a set, by their places in ascending order; see `Passages`."""

    def __init__(self, vectors: PackedSet, places: Int[np.ndarray, " record"]):
        edges = np.searchsorted(places, vectors.starts)
        self.pieces = [
            _Piece.of(part, places[a:b] - first)
            for part, first, a, b in zip(
                vectors.parts, vectors.starts, edges, edges[1:], strict=False
            )
            if b > a
        ]  # fmt: skip
        self.offsets = _running([piece.lengths for piece in self.pieces])
        self.windows = _running([piece.windows for piece in self.pieces])
        self.ends = np.cumsum([len(piece.rows) for piece in self.pieces])

    def fill(self, decode: Decode, start: int, stop: int, out: Float[Tensor, "room dim"]) -> None:
        """Write the tokens start..stop into the first rows of `out`."""
        number, row = int(np.searchsorted(self.ends, start, side="right")), start
        while row < stop:
            piece, last = self.pieces[number], min(int(self.ends[number]), stop)
            first = int(self.ends[number]) - len(piece.rows)
            decode(piece.part, piece.rows[row - first : last - first], out[row - start :])
            row, number = last, number + 1

    def of_records(
        self, scores: Float[np.ndarray, "entry query"]
    ) -> Float[np.ndarray, "record query"]:
        """The best of each record's windows."""
        return np.maximum.reduceat(scores, self.windows[:-1], axis=0)


@dataclass(frozen=True)
class _Piece:
    """Some records of one part: the rows of their tokens, tokens per entry, entries per record."""

    part: Part
    rows: Int[np.ndarray, " token"]
    lengths: Int[np.ndarray, " entry"]
    windows: Int[np.ndarray, " record"]

    @classmethod
    def of(cls, part: Part, records: Int[np.ndarray, " record"]) -> "_Piece":
        windows = np.ones(len(records), np.int64)
        entries = records
        if part.windows is not None:
            windows = part.windows[records + 1] - part.windows[records]
            entries = _ranges(part.windows[records], windows)
        lengths = part.offsets[entries + 1] - part.offsets[entries]
        return cls(part, _ranges(part.offsets[entries], lengths), lengths, windows)


def _ranges(
    starts: Int[np.ndarray, " range"], lengths: Int[np.ndarray, " range"]
) -> Int[np.ndarray, " number"]:
    """The numbers of several ranges, one range after another."""
    before = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)


def _running(lengths: Sequence[Int[np.ndarray, " _"]]) -> Int[np.ndarray, " all_and_one"]:
    return np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)


def blocks(vectors: PackedSet, tokens: int = BLOCK_TOKENS) -> Iterator[Block]:
    """Cut every part into blocks of at most `tokens` tokens, or of one record that has more."""
    for part, first in zip(vectors.parts, vectors.starts, strict=False):
        starts, start = part.record_starts, 0
        while start < part.records:
            stop = int(np.searchsorted(starts, starts[start] + tokens, side="right")) - 1
            stop = min(max(stop, start + 1), part.records)
            yield Block(part, start, stop, first + start)
            start = stop
