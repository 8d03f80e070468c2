"""Exact MaxSim over a mapped vector set: all passages, or those that another system found.

Passages pass by in tiles of a fixed number of token rows, queries stand by in tiles of token
columns, and each pair of tiles is one matrix product. Tiles do not depend on batches, shards or
threads, so neither does a bit of a score.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock

import numpy as np
import torch
from jaxtyping import Int

from optical_cli.console import Steps
from optical_cli.errors import InputError
from optical_cli.formats.vectors import PackedSet
from optical_cli.retrieval.blocks import Block, Gathered, blocks
from optical_cli.retrieval.decoding import decoder
from optical_cli.retrieval.query_tiles import QueryTile
from optical_cli.retrieval.ranking import Ranking, TopK, ranked
from optical_cli.retrieval.scorers import make_scorer

CPU = torch.device("cpu")
MISSING_SHOWN = 5


def search(
    tiles: Sequence[QueryTile],
    collection: PackedSet,
    k: int,
    *,
    device: torch.device = CPU,
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
        device: Where products are computed.
        workers: Threads on a CPU; as many as torch uses if None.
        steps: Counts passages.
    """
    best = TopK(sum(tile.queries for tile in tiles), min(k, len(collection)), collection.id)
    scorers = _scorers(tiles, collection, device, workers)
    waiting, lock = blocks(collection, scorers[0].block_tokens), Lock()

    def work(scorer) -> None:
        while (block := _next(waiting, lock)) is not None:
            found = scorer.scores(block)
            with lock:
                for tile, scores in zip(tiles, found, strict=True):
                    best.offer(tile.first - tiles[0].first, block.first, scores)
                if steps:
                    steps.advance(block.stop - block.start)

    with single_threaded_products(), ThreadPoolExecutor(len(scorers)) as pool:
        for done in [pool.submit(work, scorer) for scorer in scorers]:
            done.result()
    return best.rankings()


def _scorers(tiles, collection: PackedSet, device: torch.device, workers: int | None) -> list:
    count = (workers or torch.get_num_threads()) if device.type == "cpu" else 1
    decode = decoder(collection)
    return [make_scorer(tiles, decode, collection.dim, device) for _ in range(count)]


def _next(waiting: Iterator[Block], lock: Lock) -> Block | None:
    with lock:
        return next(waiting, None)


@contextmanager
def single_threaded_products() -> Iterator[None]:
    """Let each worker multiply on its own core: small products gain nothing from several."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def rerank(
    tiles: Sequence[QueryTile],
    collection: PackedSet,
    candidates: Sequence[Int[np.ndarray, " _"]],
    k: int,
    *,
    device: torch.device = CPU,
    workers: int | None = None,
) -> list[Ranking]:
    """The `k` best of each query's candidates, scored as `search` scores them.

    Args:
        tiles: One query each.
        collection: Where the candidates are.
        candidates: Places of each query's candidates, ascending.
        k: Passages kept.
        device: Where products are computed.
        workers: Threads on a CPU; as many as torch uses if None.
    """
    decode = decoder(collection)

    def rank(tile: QueryTile, places: Int[np.ndarray, " candidate"]) -> Ranking:
        if not len(places):
            return []
        scorer = make_scorer([tile], decode, collection.dim, device)
        scores = scorer.scores(Gathered(collection, places))[0][:, 0]
        return ranked(zip(map(collection.id, places.tolist()), scores.tolist(), strict=True))[:k]

    count = (workers or torch.get_num_threads()) if device.type == "cpu" else 1
    with single_threaded_products(), ThreadPoolExecutor(count) as pool:
        return list(pool.map(rank, tiles, candidates))


def places_of(
    wanted: Mapping[str, Sequence[str]], collection: PackedSet
) -> dict[str, Int[np.ndarray, " _"]]:
    """Where the passages wanted for each query stand in the collection, in its order.

    Reads all ids once and keeps those that are wanted.

    Raises:
        InputError: Some are not in the collection; the first of them are named.
    """
    names = {name for candidates in wanted.values() for name in candidates}
    place = {name: i for i, name in enumerate(collection.ids()) if name in names}
    if missing := sorted(names - place.keys()):
        raise InputError(
            f"{len(missing)} of {len(names)} candidates are not among its passages:"
            f" {', '.join(missing[:MISSING_SHOWN])}",
            where=collection.path,
        )
    return {
        query: np.sort(np.array([place[name] for name in found], np.int64))
        for query, found in wanted.items()
    }
