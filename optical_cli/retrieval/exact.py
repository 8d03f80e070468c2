"""Exact MaxSim over a mapped vector set on the CPU.

Passages pass by in tiles of a fixed number of token rows, queries stand by in tiles of token
columns; each pair is one matrix product that stays in the cache, from which compiled code takes
the maxima. Tiles do not depend on batches, shards or threads, so neither does a bit of a score.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock

import numpy as np
import torch
from jaxtyping import Float

from optical_cli.console import Steps
from optical_cli.formats.vectors import VectorSet
from optical_cli.retrieval.blocks import Block, blocks
from optical_cli.retrieval.decoding import Decode, decoder
from optical_cli.retrieval.query_tiles import QueryTile
from optical_cli.retrieval.ranking import Ranking, TopK
from optical_cli.retrieval.segment_max import fold_tile

# Token rows of a tile: with 256 columns the product takes half a megabyte, which a core's own
# cache holds.
TILE_ROWS = 512


class Scorer:
    """Scores blocks of passages for tiles of queries; one for each thread."""

    def __init__(self, tiles: Sequence[QueryTile], decode: Decode, dim: int):
        self.tiles = tiles
        self.decode = decode
        self.queries = [torch.from_numpy(tile.vectors) for tile in tiles]
        self.rows = torch.zeros(TILE_ROWS, dim)
        self.products = {
            width: torch.empty(TILE_ROWS, width) for width in {q.shape[1] for q in self.queries}
        }

    def scores(self, block: Block) -> list[Float[np.ndarray, "record query"]]:
        """The scores of the block's records, for each tile of queries."""
        offsets = block.offsets()
        start, stop = block.tokens
        found = [np.full((len(offsets) - 1, t.queries), -np.inf, np.float32) for t in self.tiles]
        best = [np.full(q.shape[1], -np.inf, np.float32) for q in self.queries]
        passages = [0] * len(self.tiles)
        for row in range(start, stop, TILE_ROWS):
            rows = min(TILE_ROWS, stop - row)
            self.decode(block.part, row, row + rows, self.rows)
            for i, tile in enumerate(self.tiles):
                product = self.products[self.queries[i].shape[1]]
                torch.mm(self.rows, self.queries[i], out=product)
                passages[i] = fold_tile(
                    product.numpy(), row - start, rows, offsets, passages[i], best[i],
                    tile.starts, found[i],
                )  # fmt: skip
        return [block.of_records(scores) for scores in found]


def search(
    tiles: Sequence[QueryTile],
    collection: VectorSet,
    k: int,
    *,
    workers: int | None = None,
    steps: Steps | None = None,
) -> list[Ranking]:
    """The `k` best passages of each query, best first; all where there are fewer.

    ``score(q, p) = sum over tokens i of q of  max over tokens j of p of  <q_i, p_j>``, in
    float32; a passage without tokens is never found, and one cut into windows scores as its best
    window.

    Args:
        tiles: The queries, packed; see `query_tiles`.
        collection: What is searched.
        k: Passages kept.
        workers: Threads; as many as torch uses if None.
        steps: Counts passages.
    """
    best = TopK(sum(t.queries for t in tiles), min(k, len(collection)), collection.id)
    decode, waiting, lock = decoder(collection.encoding.name), blocks(collection), Lock()

    def work() -> None:
        scorer = Scorer(tiles, decode, collection.dim)
        while (block := _next(waiting, lock)) is not None:
            found = scorer.scores(block)
            with lock:
                for tile, scores in zip(tiles, found, strict=True):
                    best.offer(tile.first - tiles[0].first, block.first, scores)
                if steps:
                    steps.advance(block.stop - block.start)

    count = workers or torch.get_num_threads()
    with _single_threaded_products(), ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(work) for _ in range(count)]:
            done.result()
    return best.rankings()


def _next(share: Iterator[Block], lock: Lock) -> Block | None:
    with lock:
        return next(share, None)


@contextmanager
def _single_threaded_products() -> Iterator[None]:
    """Each worker multiplies on its own core: small products gain nothing from several."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
