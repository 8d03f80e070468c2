"""MaxSim of some passages for tiles of queries: on the CPU through the cache, or on a GPU."""

import itertools
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from optical_cli.encoders.segment_max import fold_tile
from optical_cli.retrieval.blocks import BLOCK_TOKENS, Passages
from optical_cli.retrieval.decoding import Decode
from optical_cli.retrieval.query_tiles import QueryTile

# Token rows of a tile: with 256 columns the product takes half a megabyte, which a core's own
# cache holds.
TILE_ROWS = 512
# On a GPU: a product takes half a gigabyte.
GPU_BLOCK_TOKENS = 1 << 17
GPU_COLUMNS = 1024


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

    All products are of one shape, whatever stands in the last rows and columns, so that the library
    takes one kernel for all of them and a score does not depend on the batch.
    """

    block_tokens = GPU_BLOCK_TOKENS

    def __init__(self, tiles: Sequence[QueryTile], decode: Decode, dim: int, device: torch.device):
        self.tiles = tiles
        self.decode = decode
        self.device = device
        self.rows = torch.zeros(GPU_BLOCK_TOKENS, dim, device=device)
        queries = [tile.query(i) for tile in tiles for i in range(tile.queries)]
        self.starts = torch.tensor([0, *itertools.accumulate(map(len, queries))], device=device)
        columns = torch.from_numpy(np.concatenate(queries).T.copy())
        self.queries = [
            functional.pad(piece, (0, GPU_COLUMNS - piece.shape[1])).to(device)
            for piece in columns.split(GPU_COLUMNS, dim=1)
        ]

    def scores(self, passages: Passages) -> list[Float[np.ndarray, "record _"]]:
        """See `Scorer`."""
        tokens = int(passages.offsets[-1])
        if tokens > len(self.rows):  # One document of very many windows.
            room = -(-tokens // GPU_BLOCK_TOKENS) * GPU_BLOCK_TOKENS
            self.rows = torch.zeros(room, self.rows.shape[1], device=self.device)
        passages.fill(self.decode, 0, tokens, self.rows)
        offsets = torch.from_numpy(passages.offsets).to(self.device)
        best = [self._best(columns, tokens, offsets) for columns in self.queries]
        scores = self._sums(torch.cat(best, 1)).float().cpu().numpy()
        found = passages.of_records(scores)
        return np.split(found, np.cumsum([tile.queries for tile in self.tiles])[:-1], axis=1)

    def _best(
        self,
        columns: Float[Tensor, "dim column"],
        tokens: int,
        offsets: Int[Tensor, " entry_and_one"],
    ) -> Float[Tensor, "entry column"]:
        """The best similarity of each entry to each query token; -inf of an entry without any."""
        pieces = [rows @ columns for rows in self.rows.split(GPU_BLOCK_TOKENS)]
        product = (torch.cat(pieces) if len(pieces) > 1 else pieces[0])[:tokens]
        return torch.segment_reduce(
            product, "max", offsets=offsets, axis=0, initial=-torch.inf, unsafe=True
        )

    def _sums(self, best: Float[Tensor, "entry column"]) -> Float[Tensor, "entry query"]:
        """Sums over each query's tokens, in their order."""
        of_tokens = best[:, : int(self.starts[-1])].T.double().contiguous()
        return torch.segment_reduce(
            of_tokens, "sum", offsets=self.starts, axis=0, unsafe=True
        ).T.contiguous()


def make_scorer(
    tiles: Sequence[QueryTile], decode: Decode, dim: int, device: torch.device
) -> Scorer:
    """The scorer for `device`."""
    if device.type == "cpu":
        return CpuScorer(tiles, decode, dim)
    return GpuScorer(tiles, decode, dim, device)
