"""Retrieval measures: ir-measures' names and numbers, on rankings whose ties are resolved."""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import ir_measures
import numpy as np

from optical_cli.errors import InputError, UsageError
from optical_cli.evaluation.ranks import JudgedRanks
from optical_cli.formats.trec import Qrels

# So many queries go to the library at once: its dictionaries stay small beside a large run.
QUERIES_AT_ONCE = 256
IDS_SHOWN = 3
BLIND_BELOW_CUTOFF = {"AP", "ERR", "Judged", "P", "R", "RR", "Success", "nDCG"}
BLIND_TO_UNJUDGED_TAIL = {"AP", "Bpref", "RR", "Rprec", "nDCG"}


@dataclass(frozen=True)
class Evaluation:
    """Every judged query's value of every measure.

    Attributes:
        query_ids: The judged queries, in the order of the qrels.
        values: Measure name to one value per query.
        means: Measure name to its aggregate over the queries, a mean for all but counts.
        averaged: The measures that are means and not counts.
        missing: Judged queries that the run does not have; each counts as the measure's value
            for an empty ranking.
        unjudged: Queries of the run without judgements, which are ignored.
    """

    query_ids: list[str]
    values: dict[str, np.ndarray]
    means: dict[str, float]
    averaged: frozenset[str]
    missing: list[str]
    unjudged: list[str]


def parse_measures(names: Iterable[str]) -> list[ir_measures.Measure]:
    """The measures called `names`, without repetitions.

    Raises:
        UsageError: All names that are unknown or cannot be computed here, with the nearest ones.
    """
    measures, faults = {}, []
    for name in names:
        try:
            measures[str(_parsed(name))] = _parsed(name)
        except ValueError as fault:
            faults.append(f"--measure {name}: {fault}")
    if faults:
        raise UsageError("\n".join(faults))
    return list(measures.values())


def _parsed(name: str) -> ir_measures.Measure:
    try:
        measure = ir_measures.parse_measure(name)
        measure.validate_params()
        supported = ir_measures.DefaultPipeline.supports(measure)
    except NameError:
        raise ValueError(f"unknown measure{_nearest(name)}") from None
    except (ValueError, AssertionError, KeyError, TypeError, AttributeError):
        raise ValueError("not a measure; write it as AP, nDCG@10 or P(rel=2)@5") from None
    if not supported or measure.params.get("cutoff", 1) == 0:
        raise ValueError("cannot be computed with what is installed")
    return measure


def _nearest(name: str) -> str:
    stem = name.partition("@")[0].partition("(")[0]
    known = {known.casefold(): known for known in ir_measures.measures.registry}
    close = difflib.get_close_matches(stem.casefold(), known, n=3)
    names = ", ".join(known[match] + name.removeprefix(stem) for match in close)
    return f" (did you mean {names}?)" if names else ""


def evaluate(
    qrels: Qrels,
    run: Mapping[str, JudgedRanks],
    measures: Sequence[ir_measures.Measure],
    *,
    where: str | None = None,
) -> Evaluation:
    """Measure a run against judgements.

    Every judged query owes a value: one that the run lacks counts as an empty ranking.

    Args:
        qrels: Judgements by query and passage.
        run: For each query of the run, where the judged passages stand.
        measures: What to compute.
        where: What the run is called where it is at fault.

    Raises:
        InputError: The two have no query in common.
    """
    if not qrels.keys() & run.keys():
        raise InputError(
            f"no query in common: the qrels have {_first(qrels)}, the run has {_first(run)}",
            where=where, hint="are the qrels those of this run's queries?",
        )  # fmt: skip
    values = {str(measure): np.zeros(len(qrels)) for measure in measures}
    places = {query_id: place for place, query_id in enumerate(qrels)}
    # The library spells a measure anew each time it is asked, which is slow.
    names = {id(measure): str(measure) for measure in measures}
    for metric in _metrics(qrels, run, measures):
        name = names.get(id(metric.measure)) or str(metric.measure)
        values[name][places[metric.query_id]] = metric.value
    return Evaluation(
        query_ids=list(qrels),
        values=values,
        means={str(measure): aggregate(measure, values[str(measure)]) for measure in measures},
        averaged=frozenset(str(measure) for measure in measures if is_mean(measure)),
        missing=[query_id for query_id in qrels if query_id not in run],
        unjudged=[query_id for query_id in run if query_id not in qrels],
    )


def aggregate(measure: ir_measures.Measure, values: np.ndarray) -> float:
    """The mean, or the sum for counts; exactly rounded, so the order of queries plays no part."""
    total = math.fsum(values)
    return total / len(values) if is_mean(measure) else total


def is_mean(measure: ir_measures.Measure) -> bool:
    """Queries are averaged, and not counted together."""
    return isinstance(measure.aggregator(), ir_measures.measures.MeanAgg)


def _metrics(
    qrels: Qrels, run: Mapping[str, JudgedRanks], measures: Sequence[ir_measures.Measure]
) -> Iterable[ir_measures.Metric]:
    """Every query's value of every measure, queries in portions, measures by what they see."""
    remaining = iter(qrels)
    while query_ids := list(islice(remaining, QUERIES_AT_ONCE)):
        judged = {query_id: _without_only_negatives(qrels[query_id]) for query_id in query_ids}
        fillers = _Fillers(doc_id for docs in judged.values() for doc_id in docs)
        for sight, these in _by_sight(measures).items():
            rankings = {
                query_id: fillers.strictly_decreasing(run[query_id], sight(run[query_id]))
                for query_id in query_ids
                if query_id in run
            }
            evaluator = ir_measures.DefaultPipeline.evaluator(these, judged)
            yield from evaluator.iter_calc(rankings)


def _without_only_negatives(judged: Mapping[str, int]) -> Mapping[str, int]:
    """Zeros where all judgements of a query are negative, which no measure can tell apart.

    trec_eval's C code reads memory that is not its own there, and may then hang at a later query.
    """
    return dict.fromkeys(judged, 0) if max(judged.values()) < 0 else judged


Sight = Callable[[JudgedRanks], int]


def _by_sight(measures: Sequence[ir_measures.Measure]) -> dict[Sight, list[ir_measures.Measure]]:
    """Measures grouped by how far down a ranking they look, so that the rest is never built."""
    cut = [measure for measure in measures if _sees_cutoff_only(measure)]
    uncut = [m for m in measures if m not in cut and m.NAME in BLIND_TO_UNJUDGED_TAIL]
    whole = [measure for measure in measures if measure not in cut and measure not in uncut]
    deepest = max((measure["cutoff"] for measure in cut), default=0)
    groups: dict[Sight, list[ir_measures.Measure]] = {
        lambda ranking: min(ranking.retrieved, deepest): cut,
        lambda ranking: max(ranking.ranks.values(), default=1): uncut,
        lambda ranking: ranking.retrieved: whole,
    }
    return {sight: these for sight, these in groups.items() if these}


def _sees_cutoff_only(measure: ir_measures.Measure) -> bool:
    """Nothing below the cutoff counts, which is not so where unjudged passages are taken out."""
    parameters = measure.params
    return (
        measure.NAME in BLIND_BELOW_CUTOFF
        and isinstance(parameters.get("cutoff"), int)
        and not parameters.get("judged_only")
    )


class _Fillers:
    """Names for the unjudged passages, which measures cannot tell apart."""

    def __init__(self, judged: Iterable[str]):
        self.prefix = "unjudged-"
        for doc_id in judged:
            while doc_id.startswith(self.prefix):
                self.prefix += "-"
        self.names: list[str] = []

    def strictly_decreasing(self, ranking: JudgedRanks, size: int) -> dict[str, float]:
        """The first `size` as scores without ties; float32 holds every one of them exactly."""
        self.names += [f"{self.prefix}{i}" for i in range(len(self.names), size)]
        names = self.names[:size]
        for doc_id, rank in ranking.ranks.items():
            if rank <= size:
                names[rank - 1] = doc_id
        return dict(zip(names, map(float, range(size, 0, -1)), strict=True))


def _first(ids: Iterable[str]) -> str:
    return ", ".join(islice(ids, IDS_SHOWN))
