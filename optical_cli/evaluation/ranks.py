"""The one tie rule: score descending as float32, then doc id descending, as trec_eval does.

A measure of retrieval sees a ranking only through where the judged passages stand in it and how
many passages it has. `JudgedRanks` is just that, so ties are resolved once and no library gets
to resolve them again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

TIE_RULE = "score desc, doc id desc"


@dataclass(frozen=True)
class JudgedRanks:
    """What measures see of one query's ranking.

    Attributes:
        retrieved: How many passages were ranked.
        ranks: Rank from 1 of every judged passage among them.
    """

    retrieved: int
    ranks: Mapping[str, int]


def ordered(scores: Mapping[str, float]) -> list[str]:
    """The doc ids of one query, best first, by the tie rule."""
    # Scores beyond float32 become infinite, as in trec_eval, and so tie.
    with np.errstate(over="ignore"):
        rounded = np.fromiter(scores.values(), np.float64, len(scores)).astype(np.float32)
    by_score = sorted(zip(rounded.tolist(), scores, strict=True), reverse=True)
    return [doc_id for _, doc_id in by_score]


def judged_ranks(scores: Mapping[str, float], judged: Collection[str]) -> JudgedRanks:
    """Where the `judged` passages stand in the ranking by `scores`."""
    ranking = enumerate(ordered(scores), start=1)
    return JudgedRanks(len(scores), {doc_id: rank for rank, doc_id in ranking if doc_id in judged})
