"""Several rankings of one query into one.

- ``reciprocal-rank``: sum of w / (k + rank), k = 60 (Cormack et al. 2009). Scores play no part
  beyond the order; a passage that a run does not rank gets nothing from it.
- ``weighted``: sum of w times the run's score, normalised per query. ``minmax`` maps the run's
  lowest and highest score to 0 and 1, ``zscore`` its mean and standard deviation to 0 and 1, and
  ``none`` takes it as it is. A passage that a run does not rank gets the run's lowest normalised
  score (0 with ``none``): it lies below what was ranked, nobody knows how far. Where all scores
  are equal they say nothing, and each becomes 0.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from optical_cli.errors import InputError, UsageError
from optical_cli.formats.trec import Run, read_run
from optical_cli.retrieval.fusion_settings import FusionSettings, Normalization

logger = logging.getLogger(__name__)

Scores = Mapping[str, float]


def fuse_query(rankings: Sequence[Scores], weights: Sequence[float], how: FusionSettings) -> Scores:
    """The fused score of every passage that at least one ranking has.

    Args:
        rankings: Each run's ``doc_id -> score`` for one query; empty where it has none.
        weights: One per run.
        how: Method, its constant and normalisation.
    """
    total: dict[str, float] = {}
    for scores in rankings:
        total.update(dict.fromkeys(scores, 0.0))
    for scores, weight in zip(rankings, weights, strict=True):
        if not scores:
            continue
        if how.method == "reciprocal-rank":
            values, otherwise = reciprocal_ranks(scores, how.k), 0.0
        else:
            values, otherwise = normalized(scores, how.normalization)
        for doc_id in total:
            total[doc_id] += weight * values.get(doc_id, otherwise)
    return total


def reciprocal_ranks(scores: Scores, k: float) -> Scores:
    """1 / (k + rank) of every passage, ranks from 1 by the one tie rule."""
    return {doc_id: 1 / (k + rank) for rank, doc_id in enumerate(best_first(scores), start=1)}


def normalized(scores: Scores, normalization: Normalization) -> tuple[Scores, float]:
    """Normalised scores, and what a passage gets that is not among them."""
    values = np.fromiter(scores.values(), np.float64, len(scores))
    match normalization:
        case "minmax":
            shift, scale = values.min(), np.ptp(values)
        case "zscore":
            shift, scale = values.mean(), values.std()
        case "none":
            return scores, 0.0
    values = (values - shift) / scale if scale > 0 else np.zeros_like(values)
    return dict(zip(scores, values.tolist(), strict=True)), float(values.min())


def best_first(scores: Scores) -> list[str]:
    """The doc ids by score (as float32) descending, then by id descending."""
    rounded = np.fromiter(scores.values(), np.float64, len(scores)).astype(np.float32).tolist()
    order = sorted(zip(rounded, scores, strict=True), reverse=True)
    return [doc_id for _, doc_id in order]


def fuse_runs(runs: Sequence[Run], weights: Sequence[float], how: FusionSettings) -> Run:
    """Fuse query by query, in the order in which queries first appear.

    A query that some runs lack is fused from those that have it.
    """
    query_ids = dict.fromkeys(query_id for run in runs for query_id in run)
    return {
        query_id: fuse_query([run.get(query_id, {}) for run in runs], weights, how)
        for query_id in query_ids
    }


def read_runs(paths: Sequence[str]) -> list[Run]:
    """Read the runs, and warn of queries that not all of them have.

    Raises:
        UsageError: There are fewer than two.
        InputError: As `read_run`, or no query is in two of them.
    """
    if len(paths) < 2:
        raise UsageError("there is nothing to fuse: give two runs or more")
    runs = [read_run(path) for path in paths]
    runs_with = Counter(query_id for run in runs for query_id in run)
    partial = sum(count < len(runs) for count in runs_with.values())
    if max(runs_with.values()) < 2:
        raise InputError(
            "no query is in two of the runs", hint="are they runs of the same queries?"
        )
    if partial:
        logger.warning(
            "%d of %d queries are not in every run and are fused from those that have them",
            partial, len(runs_with),
        )  # fmt: skip
    return runs


def weights_of(weights: Sequence[float], runs: Sequence[str]) -> list[float]:
    """One weight per run; all 1 if none is given.

    Raises:
        UsageError: There is another number of weights than of runs, or one is not finite.
    """
    if weights and len(weights) != len(runs):
        raise UsageError(f"--weight is given {len(weights)} times for {len(runs)} runs")
    if not np.isfinite(weights).all():
        raise UsageError("--weight must be a finite number")
    return list(weights) or [1.0] * len(runs)
