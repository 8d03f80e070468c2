"""Search through centroids: candidates from inverted lists, then MaxSim on their own tokens.

Of each query token only the `probe` nearest centroids are visited. A passage in the list of one of
them is credited with that centroid's similarity, and for query tokens that it was not met for,
with that of the first centroid not visited, an upper bound of what it can have:

    estimate(q, p) = sum over i of  max over c in probed(i) with p in list(c) of  s_ic,
                                    or s_i,next where there is none

The best by this estimate are decoded, or taken from the original vectors, and scored exactly.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from jaxtyping import Float, Int

from optical_cli.compiled import compiled
from optical_cli.formats.vectors import PackedSet
from optical_cli.formats.vectors_index import IndexPart, VectorIndex
from optical_cli.retrieval.blocks import Gathered, best_windows
from optical_cli.retrieval.decoding import decoder
from optical_cli.retrieval.exact import single_threaded_products
from optical_cli.retrieval.query_tiles import QueryTile
from optical_cli.retrieval.ranking import Ranking, TopK, ranked
from optical_cli.retrieval.scorers import CpuScorer


class IndexSearcher:
    """Searches an index on the CPU."""

    def __init__(
        self, index: VectorIndex, *, probe: int, rescored: int, originals: PackedSet | None = None
    ):
        """Set up.

        Args:
            index: What is searched.
            probe: Centroids visited for each query token.
            rescored: Passages scored on their tokens for each query.
            originals: Where their tokens come from; the index's own codes if None.
        """
        self.index = index
        self.probe = probe
        self.rescored = min(rescored, len(index))
        self.source = index if originals is None else originals
        self.decode = decoder(self.source)
        self.centroids = torch.from_numpy(index.centroids)

    def search(
        self, tiles: Sequence[QueryTile], k: int, *, workers: int | None = None
    ) -> list[Ranking]:
        """The `k` best passages found for each query, best first.

        Args:
            tiles: One query each.
            k: Passages kept.
            workers: Threads; as many as torch uses if None.
        """
        count = workers or torch.get_num_threads()
        with single_threaded_products(), ThreadPoolExecutor(count) as pool:
            return list(pool.map(lambda tile: self._search(tile, k), tiles))

    def _search(self, tile: QueryTile, k: int) -> Ranking:
        places = self.candidates(tile)
        if not len(places):
            return []
        scorer = CpuScorer([tile], self.decode, self.index.dim)
        scores = scorer.scores(Gathered(self.source, places))[0][:, 0]
        return ranked(zip(map(self.index.id, places.tolist()), scores.tolist(), strict=True))[:k]

    def candidates(self, tile: QueryTile) -> Int[np.ndarray, " candidate"]:
        """Places of the passages with the best estimates, ascending."""
        which, gains = self._probes(tile)
        best = TopK(1, self.rescored, self.index.id)
        for part, first in zip(self.index.parts, self.index.starts, strict=False):
            estimates = best_windows(part, 0, part.records, _estimates(part, which, gains))
            best.offer(0, first, estimates)
        return np.sort(best.found(0))

    def _probes(
        self, tile: QueryTile
    ) -> tuple[Int[np.ndarray, "token probe"], Float[np.ndarray, "token probe"]]:
        """The nearest centroids of each query token, and how far above the next one they are."""
        columns = torch.from_numpy(tile.vectors)
        nearness = torch.mm(self.centroids, columns)[:, : int(tile.starts[-1])].T.contiguous()
        top = nearness.topk(min(self.probe + 1, len(self.centroids)), dim=1)
        gains = top.values - top.values[:, -1:]
        return top.indices[:, : self.probe].numpy(), gains[:, : self.probe].numpy()


def _estimates(
    part: IndexPart, which: Int[np.ndarray, "token probe"], gains: Float[np.ndarray, "token probe"]
) -> Float[np.ndarray, "entry 1"]:
    """Each entry's estimate above that of one which was never met; -inf for the latter."""
    estimates = np.full(part.entries, -np.inf, np.float32)
    seen = np.zeros(part.entries, np.int32)
    _accumulate(which, gains, part.list_starts, part.list_entries, seen, estimates)
    return estimates[:, None]


@compiled
def _accumulate(which, gains, starts, entries, seen, estimates):
    # Centroids come nearest first, so the first meeting of an entry and a token is the best.
    for token in range(which.shape[0]):
        for place in range(which.shape[1]):
            centroid = which[token, place]
            gain = gains[token, place]
            for posting in range(starts[centroid], starts[centroid + 1]):
                entry = entries[posting]
                if seen[entry] == 0:
                    estimates[entry] = gain
                    seen[entry] = token + 1
                elif seen[entry] != token + 1:
                    estimates[entry] += gain
                    seen[entry] = token + 1
