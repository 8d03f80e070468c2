"""Score records brought together from any number of files, as what a page is made of."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from optical_cli.errors import InputError
from optical_cli.formats.scores import Score, read_scores
from optical_cli.text import canonical

ALL = "all"
GROUP_ORDER = ("high", "middle", "low")
# Numbers of `optical evaluate-alignment`, which have a table and a plot of their own.
ALIGNMENT = (
    "alignment", "alignment/non-pairs", "transport-cost", "transport-cost/non-pairs",
    "uniformity", "teacher-uniformity", "P@1(teacher-student)", "P@1(student-teacher)",
    "P@1(teacher-student,margin)", "P@1(student-teacher,margin)",
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Variant:
    """What a row or a line stands for: a system under the notes that tell its rows apart.

    Attributes:
        system: Its name.
        tags: Names and values of the tags that vary.
    """

    system: str
    tags: tuple[tuple[str, str | float], ...] = ()

    @property
    def label(self) -> str:
        """``system (noise=0.2)``."""
        notes = ", ".join(f"{name}={value}" for name, value in self.tags)
        return f"{self.system} ({notes})" if notes else self.system

    def without(self, *names: str) -> "Variant":
        """The same without some tags, which are then axes."""
        return Variant(self.system, tuple(tag for tag in self.tags if tag[0] not in names))

    def tag(self, name: str) -> str | float | None:
        """The value of a tag."""
        return dict(self.tags).get(name)


@dataclass(frozen=True)
class Results:
    """All records, and the orders in which things are shown.

    Attributes:
        scores: The records in the order of the files.
        measures: Of retrieval, in that order.
        languages: Ordered by group; None where no language was said.
        groups: Group of each language that has one.
        baseline: What the records compare with, if anything.
        varying: Names of the tags that tell rows apart.
    """

    scores: Sequence[Score]
    measures: Sequence[str]
    languages: Sequence[str | None]
    groups: Mapping[str | None, str]
    baseline: str | None
    varying: Sequence[str]

    def variant(self, score: Score) -> Variant:
        """Which row a record belongs to."""
        tags = tuple((name, score.tags[name]) for name in self.varying if name in score.tags)
        return Variant(score.system, tags)

    @cached_property
    def variants(self) -> list[Variant]:
        """The rows, those with the same tags together, in each such block the baseline first."""
        found = list(dict.fromkeys(self.variant(s) for s in self.scores if _is_retrieval(s)))
        blocks = list(dict.fromkeys(variant.tags for variant in found))
        return sorted(found, key=lambda v: (blocks.index(v.tags), v.system != self.baseline))

    @cached_property
    def axes(self) -> list[str]:
        """Varying tags whose values are all numbers: what curves are drawn against."""
        return [name for name in self.varying if len(self._numbers(name)) > 1]

    def _numbers(self, name: str) -> set[float]:
        values = {score.tags[name] for score in self.scores if name in score.tags}
        return values if all(isinstance(value, int | float) for value in values) else set()

    @cached_property
    def lines(self) -> list[Variant]:
        """What has a color of its own: a variant at all values of the axes."""
        return list(dict.fromkeys(variant.without(*self.axes) for variant in self.variants))

    def color_of(self, variant: Variant) -> int:
        """The number of a variant's color, the same in every chart."""
        line = variant.without(*self.axes)
        return self.lines.index(line) if line in self.lines else len(self.lines)

    @cached_property
    def means(self) -> dict[tuple[Variant, str | None, str], Score]:
        """Each cell's mean: over the seeds where there are several."""
        cells: dict[tuple[Variant, str | None, str], list[Score]] = {}
        for score in self.scores:
            if _is_retrieval(score) and score.query_id is None:
                key = self.variant(score), score.language, score.measure
                cells.setdefault(key, []).append(score)
        return {key: _mean_of(members) for key, members in cells.items()}

    @cached_property
    def gap(self) -> list[Score]:
        """Numbers made of several languages."""
        return [score for score in self.scores if score.statistic is not None]

    def per_query(self, measure: str) -> dict[tuple[Variant, str | None], dict[str, float]]:
        """Each query's value, averaged over seeds."""
        values: dict[tuple[Variant, str | None], dict[str, list[float]]] = {}
        for score in self.scores:
            if score.query_id is not None and score.measure == measure:
                cell = values.setdefault((self.variant(score), score.language), {})
                cell.setdefault(score.query_id, []).append(score.value)
        return {
            key: {query_id: math.fsum(found) / len(found) for query_id, found in cell.items()}
            for key, cell in values.items()
        }

    @cached_property
    def alignment(self) -> dict[tuple[Variant, str | None], dict[str, Score]]:
        """The numbers of `optical evaluate-alignment`."""
        cells: dict[tuple[Variant, str | None], dict[str, Score]] = {}
        for score in self.scores:
            if score.measure in ALIGNMENT:
                cell = cells.setdefault((self.variant(score), score.language), {})
                cell[score.measure] = score
        return cells


def _is_retrieval(score: Score) -> bool:
    return score.statistic is None and score.measure not in ALIGNMENT


def _mean_of(scores: Sequence[Score]) -> Score:
    """The record over seeds, the only one, or the plain mean of several seeds'."""
    over_seeds = [score for score in scores if score.seed is None]
    if over_seeds or len(scores) == 1:
        return (over_seeds or scores)[0]
    value = math.fsum(score.value for score in scores) / len(scores)
    first = scores[0]
    return Score(
        run=first.system, system=first.system, language=first.language, tags=first.tags,
        measure=first.measure, value=value, group=first.group,
    )  # fmt: skip


def read_results(paths: Iterable[Path], measures: Sequence[str] = ()) -> Results:
    """Read score files and put them in order.

    Args:
        paths: Written by `optical evaluate` or `optical evaluate-alignment`.
        measures: Those of retrieval to show; all if empty.

    Raises:
        InputError: A file is malformed, the files contradict each other, or a measure is in none.
    """
    scores: list[Score] = []
    for path in paths:
        scores += read_scores(path)
    _refuse_contradictions(scores)
    found = list(dict.fromkeys(s.measure for s in scores if _is_retrieval(s)))
    unknown = [measure for measure in measures if measure not in found]
    if unknown:
        raise InputError(f"no scores of {', '.join(unknown)}: there are {', '.join(found)}")
    shown = list(measures or found)
    kept = [s for s in scores if s.measure in shown or s.measure in ALIGNMENT]
    groups = {s.language: s.group for s in kept if s.group and s.language and not _english(s)}
    return Results(
        kept, shown, _languages(kept, groups), groups,
        next((score.baseline for score in kept if score.baseline), None), _varying(kept),
    )  # fmt: skip


def _english(score: Score) -> bool:
    """English is what the others are measured by, and in no group."""
    return score.language is not None and canonical(score.language) == "en"


def _refuse_contradictions(scores: Iterable[Score]) -> None:
    seen: dict[tuple, float] = {}
    faults = []
    for s in scores:
        tags = tuple(sorted((name, str(value)) for name, value in s.tags.items()))
        of_group = s.group if s.statistic else None
        key = (s.system, s.language, s.seed, tags, s.measure, s.query_id, s.statistic, of_group)
        if seen.setdefault(key, s.value) != s.value:
            name = "/".join(
                str(part) for part in (s.system, s.language, s.seed) if part is not None
            )
            faults.append(f"{name}: two values of {s.measure}, {seen[key]:.6g} and {s.value:.6g}")
    if faults:
        raise InputError.gather(
            faults, hint="name the systems apart, or tell runs apart with evaluate --tag NAME=VALUE"
        )


def _languages(scores: Iterable[Score], groups: Mapping[str | None, str]) -> list[str | None]:
    """English first, then by group, ``all`` last."""
    found = dict.fromkeys(score.language for score in scores if _is_retrieval(score))

    def place(language: str | None) -> tuple[int, int, str]:
        if language is None:
            return 0, 0, ""
        if language == ALL:
            return 2, 0, ""
        if canonical(language) == "en":
            return 0, 1, ""
        group = groups.get(language)
        rank = GROUP_ORDER.index(group) if group in GROUP_ORDER else len(GROUP_ORDER)
        return 1, rank, language

    return sorted(found, key=place)


def _varying(scores: Iterable[Score]) -> list[str]:
    """Tags with more than one value, or that only some records have."""
    scores = list(scores)
    names = dict.fromkeys(name for score in scores for name in score.tags)
    return [name for name in names if len({str(score.tags.get(name)) for score in scores}) > 1]
