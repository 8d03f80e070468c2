"""Runs and judgements in, score records out, and what did not match said out loud."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures

from optical_cli import console
from optical_cli.errors import UsageError
from optical_cli.evaluation.cells import Cell, Draws, MeasuredRun, cells_of
from optical_cli.evaluation.comparison import compare, require_baseline
from optical_cli.evaluation.fairness import read_languages, with_fairness
from optical_cli.evaluation.gap import gaps
from optical_cli.evaluation.groups import read_grouping
from optical_cli.evaluation.inputs import RunInput
from optical_cli.evaluation.measures import Evaluation, evaluate
from optical_cli.evaluation.ranks import read_judged_ranks
from optical_cli.evaluation.records import Recorder
from optical_cli.evaluation.settings import ComparisonSettings, LanguagesSettings
from optical_cli.formats.manifest import sha256
from optical_cli.formats.scores import Score
from optical_cli.formats.streams import STDIO
from optical_cli.formats.trec import Qrels, read_qrels

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judgements:
    """The qrels of one language, or of all."""

    path: str
    qrels: Qrels
    sha256: str


def measure_runs(
    runs: Sequence[RunInput],
    qrels_files: Mapping[str | None, str],
    measures: Sequence[ir_measures.Measure],
    languages: LanguagesSettings,
) -> list[Cell]:
    """Read and measure every run.

    Raises:
        InputError: A file is malformed, or a run and its judgements share no query.
        UsageError: A run's language has no judgements.
    """
    judgements = {
        language: Judgements(path, read_qrels(path), _hash(path))
        for language, path in qrels_files.items()
    }
    for run in runs:
        judgements_for(run, judgements)
    doc_languages, languages_hash = None, None
    if languages.doc_languages is not None:
        doc_languages = read_languages(languages.doc_languages)
        languages_hash = _hash(str(languages.doc_languages))
    measured = []
    with console.progress("Runs", len(runs)) as steps:
        for run in runs:
            found = judgements_for(run, judgements)
            evaluation = evaluate_run(run, found.qrels, measures, doc_languages, languages)
            hashes = found.sha256, _hash(run.path), languages_hash
            measured.append(MeasuredRun(run, evaluation, *hashes))
            steps.advance()
    return cells_of(measured)


def score_cells(
    cells: Sequence[Cell],
    comparison: ComparisonSettings,
    languages: LanguagesSettings,
    *,
    tags: Mapping[str, str | float],
    per_query: bool,
    seed: int,
) -> list[Score]:
    """The records of what was measured: means with intervals, comparisons, the resource gap.

    Raises:
        UsageError: The baseline, the groups or the ceiling do not fit the runs.
    """
    grouping = read_grouping(languages.groups) if languages.groups else None
    if grouping:
        for name, codes in grouping.members(cell.language for cell in cells).items():
            logger.info("%s of %s: %s", name, grouping.source, " ".join(codes))
    if comparison.baseline is not None:
        require_baseline(comparison.baseline, cells)
    draws = Draws(cells, comparison.resamples, seed)
    compared = {}
    if comparison.baseline is not None:
        compared = compare(
            cells, comparison.baseline, draws, permutations=comparison.permutations, seed=seed
        )
    recorder = Recorder(draws, compared, tags, comparison.permutations, grouping)
    scores = list(recorder.of_cells(per_query=per_query))
    if grouping:
        found = gaps(
            cells, grouping, draws, ceiling=languages.ceiling, baseline=comparison.baseline
        )
        scores += (score for gap in found for score in recorder.of_gap(gap))
    return scores


def judgements_for(run: RunInput, judgements: Mapping[str | None, Judgements]) -> Judgements:
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
    run: RunInput,
    qrels: Qrels,
    measures: Sequence[ir_measures.Measure],
    doc_languages: Mapping[str, str] | None,
    languages: LanguagesSettings,
) -> Evaluation:
    """Read and measure one run; say which queries it lacks and which nobody judged."""
    depth = languages.fairness_cutoff if doc_languages else 0
    ranks = dict(read_judged_ranks(run.path, qrels, depth=depth))
    evaluation = evaluate(qrels, ranks, measures, where=run.path)
    for these, all_of_them, what in (
        (evaluation.missing, qrels, "judged queries have no results and count as empty rankings"),
        (evaluation.unjudged, ranks, "queries of the run have no judgements and are ignored"),
    ):
        if these:
            logger.warning("%s: %d of %d %s", run.path, len(these), len(all_of_them), what)
    if doc_languages:
        return with_fairness(
            evaluation, qrels, ranks, doc_languages,
            cutoff=languages.fairness_cutoff, query_language=run.language,
        )  # fmt: skip
    return evaluation


def _hash(path: str) -> str:
    return STDIO if path == STDIO else sha256(path)
