"""Cells, comparisons and gaps as score records, each number with its signature."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from optical_cli.evaluation.cells import (
    ALL,
    Cell,
    Draws,
    Key,
    MeasuredRun,
    shared_languages,
)
from optical_cli.evaluation.comparison import Comparison
from optical_cli.evaluation.fairness import is_fairness
from optical_cli.evaluation.gap import Gap, GapFigure
from optical_cli.evaluation.groups import Grouping
from optical_cli.evaluation.ranks import TIE_RULE
from optical_cli.evaluation.resampling import interval
from optical_cli.evaluation.signature import library, short, signature
from optical_cli.formats.scores import Score

Comparisons = Mapping[tuple[Key, str], Comparison]


@dataclass(frozen=True)
class Recorder:
    """Makes records of one evaluation.

    Attributes:
        draws: Of every cell.
        comparisons: With the baseline, by row and measure.
        tags: What stands on every record.
        permutations: Of the randomization test.
        grouping: Of the languages, if any.
    """

    draws: Draws
    comparisons: Comparisons
    tags: Mapping[str, str | float]
    permutations: int
    grouping: Grouping | None = None
    _library: str = field(default_factory=library)

    def of_cells(self, *, per_query: bool) -> Iterator[Score]:
        """Every run's means, those over seeds, and those over languages."""
        for cell in self.draws.cells:
            for measured in cell.runs:
                yield from self._of_run(cell, measured, per_query=per_query)
            if len(cell.runs) > 1:
                yield from self._of_seeds(cell)
        yield from self._over_languages()

    def _of_run(self, cell: Cell, measured: MeasuredRun, *, per_query: bool) -> Iterator[Score]:
        run, evaluation = measured.run, measured.evaluation
        for measure, mean in evaluation.means.items():
            found = self.comparisons.get((cell.key, measure)) if len(cell.runs) == 1 else None
            draws = None
            if measure in evaluation.averaged:
                draws = self.draws.of_run(run, measure)
            counted = {"queries": len(evaluation.query_ids), "missing": len(evaluation.missing)}
            hashes = {"qrels": short([measured.qrels_sha256]), "run": short([measured.run_sha256])}
            if measured.languages_sha256 and is_fairness(measure):
                hashes["doc-languages"] = short([measured.languages_sha256])
            sign = self._signature(measure, counted | hashes, found, resampled=draws is not None)
            same = self._same(run.path, cell, measure, seed=run.seed, signature=sign)
            yield Score(**same, value=mean, **_interval(draws), **_compared(found))
            if per_query:
                plain = self._signature(measure, counted | hashes, None, resampled=False)
                rows = zip(evaluation.query_ids, evaluation.values[measure].tolist(), strict=True)
                for query_id, value in rows:
                    yield Score(**(same | {"signature": plain}), query_id=query_id, value=value)

    def _of_seeds(self, cell: Cell) -> Iterator[Score]:
        first = cell.runs[0]
        parts = {
            "queries": len(cell.query_ids), "seeds": len(cell.runs),
            "qrels": short([first.qrels_sha256]),
            "runs": short(run.run_sha256 for run in cell.runs),
        }  # fmt: skip
        for measure in cell.averaged:
            found = self.comparisons.get((cell.key, measure))
            sign = self._signature(measure, parts, found, resampled=True)
            same = self._same(cell.label, cell, measure, signature=sign)
            yield Score(
                **same, value=cell.mean(measure), **_compared(found),
                **_interval(self.draws.of(cell.key, measure)),
            )  # fmt: skip

    def _over_languages(self) -> Iterator[Score]:
        systems, languages = shared_languages(self.draws.cells)
        by_key = {cell.key: cell for cell in self.draws.cells}
        for system in systems:
            members = [by_key[system, language] for language in languages]
            parts = self._parts_of(members) | {"languages": "+".join(languages)}
            for measure in members[0].averaged:
                found = self.comparisons.get(((system, ALL), measure))
                yield Score(
                    run=system, system=system, language=ALL, tags=self.tags, measure=measure,
                    value=float(np.mean([cell.mean(measure) for cell in members])),
                    signature=self._signature(measure, parts, found, resampled=True),
                    **_interval(self.draws.of_languages(system, languages, measure)),
                    **_compared(found),
                )  # fmt: skip

    def of_gap(self, gap: Gap) -> Iterator[Score]:
        """Every number of one system's resource gap."""
        own = [c for c in self.draws.cells if (c.system, c.language) in {
            (gap.system, language) for language in gap.languages}]  # fmt: skip
        parts = self._parts_of(own) | {
            "groups": self.grouping.label if self.grouping else None, "ceiling": gap.ceiling,
            "languages": "+".join(gap.languages),
        }  # fmt: skip
        for number in gap.figures:
            low, high = number.figure.interval
            name = f"{number.statistic}({gap.measure})"
            sign = self._signature(name, parts, None, resampled=True)
            yield Score(
                run=gap.system, system=gap.system, language=number.language, tags=self.tags,
                measure=gap.measure, statistic=number.statistic, group=number.group,
                value=number.figure.value, low=low, high=high, signature=sign,
                comparison=_change(number),
            )  # fmt: skip

    def _parts_of(self, cells: Sequence[Cell]) -> dict[str, object]:
        runs = [run for cell in cells for run in cell.runs]
        return {
            "queries": len({query_id for cell in cells for query_id in cell.query_ids}),
            "qrels": short(dict.fromkeys(run.qrels_sha256 for run in runs)),
            "runs": short(run.run_sha256 for run in runs),
        }

    def _same(self, run: str, cell: Cell, measure: str, **more) -> dict:
        group = self.grouping.group_of(cell.language) if self.grouping else None
        return {
            "run": run, "system": cell.system, "language": cell.language, "tags": self.tags,
            "measure": measure, "group": group,
        } | more  # fmt: skip

    def _signature(
        self,
        measure: str,
        parts: Mapping[str, object],
        found: Comparison | None,
        *,
        resampled: bool,
    ) -> str:
        tested = {
            "resamples": self.draws.resamples if resampled else None,
            "permutations": self.permutations if found else None,
            "holm": found.family if found else None,
            "seed": self.draws.seed if resampled else None,
        }
        ties = TIE_RULE.replace(" ", "-").replace(",", "")
        # What is computed here needs no library's version but our own.
        known = {"lib": None if is_fairness(measure) else self._library, "ties": ties}
        return signature(measure, known | dict(parts) | tested)


def _interval(draws: np.ndarray | None) -> dict[str, float]:
    if draws is None:
        return {}
    low, high = interval(draws)
    return {"low": low, "high": high}


def _compared(found: Comparison | None) -> dict:
    if found is None:
        return {}
    return {"p": found.p, "baseline": found.baseline, "comparison": asdict(found)}


def _change(number: GapFigure) -> dict | None:
    if number.change is None:
        return None
    low, high = number.change.interval
    shown = low > 0 or high < 0
    return {"difference": number.change.value, "low": low, "high": high, "shown": shown}
