"""Queries packed into tiles: matrices of fixed composition that passages are multiplied with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from optical_cli.formats.vectors import VectorSet

# Token columns of a tile at most, unless one query has more.
TILE_COLUMNS = 256
# Widths are multiples of this, so that a column is never computed by a kernel's edge case, which
# could round differently.
COLUMN_STEP = 32


@dataclass(frozen=True)
class QueryTile:
    """Some consecutive queries.

    Attributes:
        vectors: Their tokens as columns, and columns of zeros up to the next multiple.
        starts: First column of each query, and the first behind the last.
        first: Place of the first query among all.
    """

    vectors: Float[np.ndarray, "dim column"]
    starts: Int[np.ndarray, " query_and_one"]
    first: int

    @property
    def queries(self) -> int:
        """How many queries it holds."""
        return len(self.starts) - 1

    def query(self, place: int) -> Float[np.ndarray, "token dim"]:
        """The token vectors of one of its queries."""
        return self.vectors[:, self.starts[place] : self.starts[place + 1]].T


def query_tiles(queries: Sequence[Float[np.ndarray, "_ dim"]]) -> list[QueryTile]:
    """Pack queries in their order; the tiles depend on nothing else."""
    spans = tile_spans([len(query) for query in queries])
    return [make_tile(queries[start:stop], start) for start, stop in spans]


def tile_spans(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """First query of each tile and the first behind its last, from the queries' tokens."""
    spans, start, columns = [], 0, 0
    for place, length in enumerate(lengths):
        if place > start and columns + length > TILE_COLUMNS:
            spans.append((start, place))
            start, columns = place, 0
        columns += length
    return [*spans, (start, len(lengths))] if len(lengths) else []


def make_tile(queries: Sequence[Float[np.ndarray, "_ dim"]], first: int) -> QueryTile:
    """The tile of these queries, the first of which is number `first`."""
    starts = np.concatenate([[0], np.cumsum([len(query) for query in queries])]).astype(np.int64)
    width = -(-max(int(starts[-1]), 1) // COLUMN_STEP) * COLUMN_STEP
    vectors = np.zeros((queries[0].shape[1], width), np.float32)
    for query, start in zip(queries, starts, strict=False):
        vectors[:, start : start + len(query)] = query.T
    return QueryTile(vectors, starts, first)


def tiles_of(queries: VectorSet, batch: int) -> Iterator[list[QueryTile]]:
    """The tiles of all queries, so many at a time that they hold `batch` queries or a few more."""
    lengths = [n for part in queries.parts for n in np.diff(part.record_starts).tolist()]
    waiting: list[QueryTile] = []
    for start, stop in tile_spans(lengths):
        waiting.append(make_tile([queries.vectors(i) for i in range(start, stop)], start))
        if sum(tile.queries for tile in waiting) >= batch:
            yield waiting
            waiting = []
    if waiting:
        yield waiting
