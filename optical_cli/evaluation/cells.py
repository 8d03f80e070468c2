"""Runs brought together: what one system did in one language, over its training seeds."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from optical_cli.evaluation.inputs import RunInput
from optical_cli.evaluation.measures import Evaluation
from optical_cli.evaluation.resampling import resampled_means, resampled_seeds

# The language of a row that is the mean over all the languages that every system has.
ALL = "all"
Key = tuple[str, str | None]


@dataclass(frozen=True)
class MeasuredRun:
    """A run with its values and the hashes of what it was measured on."""

    run: RunInput
    evaluation: Evaluation
    qrels_sha256: str
    run_sha256: str
    languages_sha256: str | None = None


@dataclass(frozen=True)
class Cell:
    """One system in one language.

    Attributes:
        system: What is compared.
        language: Of its queries.
        runs: One for each training seed; all judged on the same queries.
    """

    system: str
    language: str | None
    runs: Sequence[MeasuredRun]

    @property
    def key(self) -> Key:
        """What tells it apart."""
        return self.system, self.language

    @property
    def label(self) -> str:
        """``SYSTEM/LANG``, as far as given."""
        return self.system if self.language is None else f"{self.system}/{self.language}"

    @cached_property
    def query_ids(self) -> tuple[str, ...]:
        """The judged queries, sorted, so that no result depends on the order of a file."""
        return tuple(sorted(self.runs[0].evaluation.query_ids))

    @property
    def averaged(self) -> Iterator[str]:
        """The measures that are means over queries and not counts."""
        return (m for m in self.runs[0].evaluation.values if m in self.runs[0].evaluation.averaged)

    def values(self, measure: str) -> np.ndarray:
        """Values [seed, query], queries in the order of `query_ids`."""
        ids = self.runs[0].evaluation.query_ids
        order = sorted(range(len(ids)), key=ids.__getitem__)
        return np.stack([run.evaluation.values[measure][order] for run in self.runs])

    def query_means(self, measure: str) -> np.ndarray:
        """Each query's mean over the seeds."""
        return self.values(measure).mean(axis=0)

    def mean(self, measure: str) -> float:
        """Mean over seeds and queries."""
        means = [run.evaluation.means[measure] for run in self.runs]
        return math.fsum(means) / len(means)


def cells_of(runs: Iterable[MeasuredRun]) -> list[Cell]:
    """The runs grouped by system and language, in the order of their first run."""
    grouped: dict[Key, list[MeasuredRun]] = {}
    for measured in runs:
        key = measured.run.system, measured.run.language
        grouped.setdefault(key, []).append(measured)
    return [Cell(*key, members) for key, members in grouped.items()]


def shared_languages(cells: Sequence[Cell]) -> tuple[list[str], list[str]]:
    """The systems with two or more named languages, and the languages that all of these have.

    A system of one language, such as an English ceiling, takes no part. Without two languages in
    common both are empty.
    """
    languages: dict[str, set[str]] = {}
    for cell in cells:
        if cell.language is not None:
            languages.setdefault(cell.system, set()).add(cell.language)
    several = {system: names for system, names in languages.items() if len(names) > 1}
    shared = sorted(set.intersection(*several.values())) if several else []
    return (list(several), shared) if len(shared) > 1 else ([], [])


@dataclass(frozen=True)
class Draws:
    """Bootstrap draws of every cell's mean of every measure, paired wherever queries are.

    Queries are drawn with replacement, and of several training seeds the seeds too. Cells over
    the same query ids are drawn together.
    """

    cells: Sequence[Cell]
    resamples: int
    seed: int
    _cells: dict[tuple[Key, str], np.ndarray] = field(init=False, default_factory=dict)
    _runs: dict[tuple[str, str], np.ndarray] = field(init=False, default_factory=dict)

    def __post_init__(self):
        by_queries: dict[tuple[str, ...], list[Cell]] = {}
        for cell in self.cells:
            by_queries.setdefault(cell.query_ids, []).append(cell)
        for query_ids, together in by_queries.items():
            self._draw(query_ids, together)

    def _draw(self, query_ids: tuple[str, ...], cells: Sequence[Cell]) -> None:
        columns = [(cell, m, cell.values(m)) for cell in cells for m in cell.averaged]
        if not columns:
            return
        values = np.concatenate([rows for _, _, rows in columns]).T
        drawn = resampled_means(values, query_ids, self.resamples, self.seed)
        start = 0
        for cell, measure, rows in columns:
            own = drawn[:, start : start + len(rows)]
            start += len(rows)
            self._cells[cell.key, measure] = resampled_seeds(own, cell.system, self.seed)
            for place, run in enumerate(cell.runs):
                self._runs[run.run.label, measure] = own[:, place]

    def of(self, key: Key, measure: str) -> np.ndarray:
        """Draws of a cell's mean over seeds and queries."""
        return self._cells[key, measure]

    def of_run(self, run: RunInput, measure: str) -> np.ndarray:
        """Draws of a single run's mean over queries."""
        return self._runs[run.label, measure]

    def of_languages(self, system: str, languages: Sequence[str], measure: str) -> np.ndarray:
        """Draws of a system's mean over languages."""
        return np.mean([self.of((system, language), measure) for language in languages], axis=0)
