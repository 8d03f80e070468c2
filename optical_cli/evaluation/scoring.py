"""Runs and judgements in, score records out, and what did not match said out loud."""

import logging
from collections.abc import Iterator, Mapping, Sequence

import ir_measures

from optical_cli.errors import UsageError
from optical_cli.evaluation.inputs import RunInput
from optical_cli.evaluation.measures import Evaluation, evaluate
from optical_cli.evaluation.ranks import judged_ranks
from optical_cli.formats.scores import Score
from optical_cli.formats.trec import Qrels, read_qrels, read_run

logger = logging.getLogger(__name__)


def score_runs(
    runs: Sequence[RunInput],
    qrels_files: Mapping[str | None, str],
    measures: Sequence[ir_measures.Measure],
    *,
    tags: Mapping[str, str | float],
    per_query: bool,
) -> list[Score]:
    """The records of every run: per measure its mean and, if wanted, every query's value.

    Raises:
        InputError: A file is malformed, or a run and its judgements share no query.
        UsageError: A run's language has no judgements.
    """
    judgements = {language: read_qrels(path) for language, path in qrels_files.items()}
    scores: list[Score] = []
    for run in runs:
        evaluation = evaluate_run(run, qrels_for(run, judgements), measures)
        scores += records(run, evaluation, tags, per_query=per_query)
    return scores


def qrels_for(run: RunInput, judgements: Mapping[str | None, Qrels]) -> Qrels:
    """The judgements of the run's language, or else those that are for any.

    Raises:
        UsageError: There are neither.
    """
    found = judgements.get(run.language, judgements.get(None))
    if found is None:
        raise UsageError(
            f"--run {run.label}: no judgements of language {run.language or '(not given)'}",
            hint="--qrels FILE serves every language, --run SYSTEM/LANG=FILE names one",
        )
    return found


def evaluate_run(
    run: RunInput, qrels: Qrels, measures: Sequence[ir_measures.Measure]
) -> Evaluation:
    """Read and measure one run; say which queries it lacks and which nobody judged."""
    ranks = {
        query_id: judged_ranks(ranking, qrels.get(query_id, {}))
        for query_id, ranking in read_run(run.path).items()
    }
    evaluation = evaluate(qrels, ranks, measures, where=run.path)
    for these, all_of_them, what in (
        (evaluation.missing, qrels, "judged queries have no results and count as empty rankings"),
        (evaluation.unjudged, ranks, "queries of the run have no judgements and are ignored"),
    ):
        if these:
            logger.warning("%s: %d of %d %s", run.path, len(these), len(all_of_them), what)
    return evaluation


def records(
    run: RunInput, evaluation: Evaluation, tags: Mapping[str, str | float], *, per_query: bool
) -> Iterator[Score]:
    """One record per measure, followed by those of its queries."""
    same = {"run": run.path, "system": run.system, "language": run.language, "seed": run.seed}
    for measure, mean in evaluation.means.items():
        yield Score(**same, tags=tags, measure=measure, value=mean)
        if per_query:
            for query_id, value in zip(
                evaluation.query_ids, evaluation.values[measure].tolist(), strict=True
            ):
                yield Score(**same, tags=tags, measure=measure, query_id=query_id, value=value)
