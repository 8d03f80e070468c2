"""MaxSim of some passages for tiles of queries: on the CPU through the cache, or on a GPU."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float

from optical_cli.retrieval.blocks import BLOCK_TOKENS, Passages
from optical_cli.retrieval.decoding import Decode
from optical_cli.retrieval.query_tiles import QueryTile
from optical_cli.retrieval.segment_max import fold_tile

# Token rows of a tile: with 256 columns the product takes half a megabyte, which a core's own
# cache holds.
TILE_ROWS = 512
# On a GPU: a product of 2 GB at most.
GPU_BLOCK_TOKENS = 1 << 17
GPU_COLUMNS = 4096


@runtime_checkable
class Scorer(Protocol):
    """Scores passages for the tiles of queries that it was made for.

    Attributes:
        block_tokens: How many tokens it likes to be given at once.
    """

    block_tokens: int

    def scores(self, passages: Passages) -> list[Float[np.ndarray, "record _"]]:
        """The scores of some passages, for each tile; -inf for a passage without tokens."""


class CpuScorer:
    """Multiplies tile by tile and folds each product while it is in the cache."""

    block_tokens = BLOCK_TOKENS

    def __init__(self, tiles: Sequence[QueryTile], decode: Decode, dim: int):
        self.tiles = tiles
        self.decode = decode
        self.queries = [torch.from_numpy(tile.vectors) for tile in tiles]
        self.rows = torch.zeros(TILE_ROWS, dim)
        widths = {query.shape[1] for query in self.queries}
        self.products = {width: torch.empty(TILE_ROWS, width) for width in widths}

    def scores(self, passages: Passages) -> list[Float[np.ndarray, "record _"]]:
        """See `Scorer`."""
        offsets, tokens = passages.offsets, int(passages.offsets[-1])
        found = [np.full((len(offsets) - 1, t.queries), -np.inf, np.float32) for t in self.tiles]
        best = [np.full(query.shape[1], -np.inf, np.float32) for query in self.queries]
        entries = [0] * len(self.tiles)
        for row in range(0, tokens, TILE_ROWS):
            rows = min(TILE_ROWS, tokens - row)
            passages.fill(self.decode, row, row + rows, self.rows)
            for i, tile in enumerate(self.tiles):
                product = self.products[self.queries[i].shape[1]]
                # Always all rows, whatever stands in the last ones: a product of another shape
                # might round differently.
                torch.mm(self.rows, self.queries[i], out=product)
                entries[i] = fold_tile(
                    product.numpy(), row, rows, offsets, entries[i], best[i], tile.starts, found[i]
                )
        return [passages.of_records(scores) for scores in found]


class GpuScorer:
    """Multiplies blocks as a whole; torch reduces them.

    A query's tokens are padded with zero vectors, whose best similarity is 0 with any passage.
    """

    block_tokens = GPU_BLOCK_TOKENS

    def __init__(self, tiles: Sequence[QueryTile], decode: Decode, dim: int, device: torch.device):
        self.tiles = tiles
        self.decode = decode
        self.device = device
        self.rows = torch.zeros(GPU_BLOCK_TOKENS, dim, device=device)
        queries = [tile.query(i) for tile in tiles for i in range(tile.queries)]
        self.length = max(len(query) for query in queries)
        step = max(GPU_COLUMNS // self.length, 1)
        groups = [queries[i : i + step] for i in range(0, len(queries), step)]
        self.groups = [self._padded(group, dim).to(device) for group in groups]

    def _padded(self, queries: Sequence[np.ndarray], dim: int) -> torch.Tensor:
        padded = np.zeros((len(queries), self.length, dim), np.float32)
        for place, query in enumerate(queries):
            padded[place, : len(query)] = query
        return torch.from_numpy(padded).flatten(0, 1).T.contiguous()

    def scores(self, passages: Passages) -> list[Float[np.ndarray, "record _"]]:
        """See `Scorer`."""
        tokens = int(passages.offsets[-1])
        if tokens > len(self.rows):
            self.rows = torch.zeros(tokens, self.rows.shape[1], device=self.device)
        passages.fill(self.decode, 0, tokens, self.rows)
        offsets = torch.from_numpy(passages.offsets).to(self.device)
        found = np.concatenate([self._folded(group, tokens, offsets) for group in self.groups], 1)
        found = passages.of_records(found)
        return np.split(found, np.cumsum([tile.queries for tile in self.tiles])[:-1], axis=1)

    def _folded(self, queries: torch.Tensor, tokens: int, offsets: torch.Tensor) -> np.ndarray:
        product = (self.rows @ queries)[:tokens]
        best = torch.segment_reduce(
            product, "max", offsets=offsets, axis=0, initial=-torch.inf, unsafe=True
        )
        scores = best.unflatten(1, (-1, self.length)).sum(2, dtype=torch.float64)
        return scores.float().cpu().numpy()


def make_scorer(
    tiles: Sequence[QueryTile], decode: Decode, dim: int, device: torch.device
) -> Scorer:
    """The scorer for `device`."""
    if device.type == "cpu":
        return CpuScorer(tiles, decode, dim)
    return GpuScorer(tiles, decode, dim, device)
