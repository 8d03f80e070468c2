"""The main table: who is best, who is second, and which differences are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optical_cli.formats.scores import Score
from optical_cli.reporting.results import ALL, Results, Variant

BETTER, WORSE = "\N{DAGGER}", "\N{DOUBLE DAGGER}"
SAME = 1e-12


@dataclass(frozen=True)
class Cell:
    """A number and what is said of it.

    Attributes:
        score: The record; None for an empty cell.
        rank: 1 for the best of its column, 2 for the second, else 0.
        mark: A dagger where a difference from the baseline is shown, else nothing.
    """

    score: Score | None
    rank: int = 0
    mark: str = ""


@dataclass(frozen=True)
class Column:
    """A language or a measure, with the group that it stands under."""

    name: str
    group: str | None = None


@dataclass(frozen=True)
class MainTable:
    """Rows are systems; columns are languages of one measure, or measures of one language.

    Attributes:
        title: What the numbers are.
        columns: Heads of the columns.
        rows: Variants with their cells.
        baseline: What daggers compare with, if there is one.
        family: Comparisons that p is corrected for, at most.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[tuple[Variant, Sequence[Cell]]]
    baseline: str | None = None
    family: int = 0

    @property
    def groups(self) -> list[tuple[str | None, int]]:
        """Groups with the number of columns that each spans; nothing where there are none."""
        spans: list[tuple[str | None, int]] = []
        for column in self.columns:
            if spans and spans[-1][0] == column.group:
                spans[-1] = (column.group, spans[-1][1] + 1)
            else:
                spans.append((column.group, 1))
        return spans if any(group for group, _ in spans) else []

    @property
    def legend(self) -> str:
        """What the marks mean."""
        tagged = any(variant.tags for variant, _ in self.rows)
        ranks = f"Bold: best of the column{' at the same tags' * tagged}; underlined: second."
        if self.baseline is None:
            return ranks
        return (
            f"{ranks} {BETTER} better and {WORSE} worse than {self.baseline}: p < .05 by paired"
            f" randomization, Holm over {self.family} comparisons, and the difference is one that"
            " these queries can show. No mark: no difference shown."
        )


def main_tables(results: Results) -> list[MainTable]:
    """A table per measure where there are languages, else one of all measures."""
    if not results.measures:
        return []
    means = results.means
    if len(results.languages) > 1:
        return [_by_language(results, means, measure) for measure in results.measures]
    return [_by_measure(results, means)]


Means = Mapping[tuple[Variant, str | None, str], Score]


def _by_language(results: Results, means: Means, measure: str) -> MainTable:
    columns = [
        Column(_language_name(language), results.groups.get(language))
        for language in results.languages
    ]
    keys = [(language, measure) for language in results.languages]
    return _table(results, means, measure, columns, keys)


def _by_measure(results: Results, means: Means) -> MainTable:
    [language] = results.languages
    columns = [Column(measure) for measure in results.measures]
    keys = [(language, measure) for measure in results.measures]
    return _table(results, means, language or "Retrieval", columns, keys)


def _language_name(language: str | None) -> str:
    return "mean" if language == ALL else language or "\N{EM DASH}"


def _table(
    results: Results,
    means: Means,
    title: str,
    columns: Sequence[Column],
    keys: Sequence[tuple[str | None, str]],
) -> MainTable:
    variants = [v for v in results.variants if any((v, *key) in means for key in keys)]
    blocks = _blocks(variants)
    rows = []
    for variant in variants:
        cells = []
        for key in keys:
            score = means.get((variant, *key))
            rivals = [means[v, *key].value for v in blocks[variant] if (v, *key) in means]
            rank = _rank(score.value, rivals) if score else 0
            cells.append(Cell(score, rank, dagger(score) if score else ""))
        rows.append((variant, cells))
    compared = [s.comparison["family"] for s in means.values() if s.p is not None and s.comparison]
    baseline = results.baseline if compared else None
    return MainTable(title, columns, rows, baseline, max(compared, default=0))


def _blocks(variants: Sequence[Variant]) -> dict[Variant, list[Variant]]:
    """Whom each competes with: those with the same tags, or everyone if all are then alone."""
    blocks = {own: [v for v in variants if v.tags == own.tags] for own in variants}
    if all(len(block) == 1 for block in blocks.values()):
        return {own: list(variants) for own in variants}
    return blocks


def _rank(value: float, rivals: Sequence[float]) -> int:
    """1 for the best of two or more, 2 for the second of three or more, else 0; ties share."""
    better = {rival for rival in rivals if rival > value + SAME}
    if not better:
        return 1 if len(rivals) > 1 else 0
    best = max(better)
    return 2 if len(rivals) > 2 and min(better) >= best - SAME else 0


def dagger(score: Score) -> str:
    """The mark of a difference that is shown."""
    if not score.comparison or not score.comparison.get("shown"):
        return ""
    return BETTER if score.comparison["difference"] > 0 else WORSE
