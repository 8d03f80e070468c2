"""The one tie rule: score descending as float32, then doc id descending, as trec_eval does.

A measure of retrieval sees a ranking only through where the judged passages stand in it and how
many passages it has. `JudgedRanks` is just that, so ties are resolved once and no library gets
to resolve them again.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from optical_cli.formats.trec import Qrels, Run
from optical_cli.formats.trec_blocks import read_rankings

TIE_RULE = "score desc, doc id desc"


@dataclass(frozen=True)
class JudgedRanks:
    """What measures see of one query's ranking.

    Attributes:
        retrieved: How many passages were ranked.
        ranks: Rank from 1 of every judged passage among them.
        top: The first passages, as many as were asked for.
    """

    retrieved: int
    ranks: Mapping[str, int]
    top: tuple[str, ...] = ()


def read_judged_ranks(
    path: Path | str, qrels: Qrels, *, depth: int = 0
) -> Iterator[tuple[str, JudgedRanks]]:
    """Yield every query of a run with where its judged passages stand, and its `depth` first.

    Raises:
        InputError: As `read_rankings`.
    """
    for ranking in read_rankings(path):
        doc_ids = ordered(ranking.doc_ids, ranking.scores)
        yield ranking.query_id, _judged_ranks(doc_ids, qrels.get(ranking.query_id, ()), depth)


def rank_run(run: Run, qrels: Qrels) -> dict[str, JudgedRanks]:
    """The same of a run in memory, as `read_run` gives it or a search fills it."""
    return {
        query_id: _judged_ranks(_ordered_ids(scores), qrels.get(query_id, ()), 0)
        for query_id, scores in run.items()
    }


def _ordered_ids(scores: Mapping[str, float]) -> list[bytes]:
    doc_ids = np.array([doc_id.encode() for doc_id in scores], dtype=object)
    return ordered(doc_ids, np.fromiter(scores.values(), np.float64, len(scores)))


def _judged_ranks(doc_ids: list[bytes], judged: Collection[str], depth: int) -> JudgedRanks:
    keys = {doc_id.encode() for doc_id in judged}
    ranks = {d.decode(): rank for rank, d in enumerate(doc_ids, start=1) if d in keys}
    top = tuple(doc_id.decode() for doc_id in doc_ids[:depth])
    return JudgedRanks(len(doc_ids), ranks, top)


def ordered(doc_ids: np.ndarray, scores: np.ndarray) -> list[bytes]:
    """The passages of one query, best first, by the tie rule.

    Args:
        doc_ids: UTF-8 bytes, whose order is that of code points.
        scores: Float64; beyond float32 they become infinite, as in trec_eval, and so tie.
    """
    with np.errstate(over="ignore"):
        rounded = scores.astype(np.float32)
    order = np.argsort(rounded)
    ascending = rounded[order]
    if (ascending[1:] == ascending[:-1]).any():
        order = _order_with_ties(doc_ids, rounded)
    return doc_ids[order[::-1]].tolist()


def _order_with_ties(doc_ids: np.ndarray, rounded: np.ndarray) -> np.ndarray:
    if doc_ids.dtype != object:
        return np.lexsort((doc_ids, rounded))
    keys = list(zip(rounded.tolist(), doc_ids.tolist(), strict=True))
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
