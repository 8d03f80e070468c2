"""The resource gap: how far low-resource languages stay behind, in several numbers, never one."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from optical_cli.errors import UsageError
from optical_cli.evaluation import figures
from optical_cli.evaluation.cells import Cell, Draws
from optical_cli.evaluation.figures import Figure
from optical_cli.evaluation.groups import HIGH, LOW, Grouping
from optical_cli.text import canonical

logger = logging.getLogger(__name__)

ENGLISH = "en"


@dataclass(frozen=True)
class GapFigure:
    """One number of the gap.

    Attributes:
        statistic: ``ratio``, ``mean``, ``low/high``, ``high-low``, ``max-min``, ``std``, ``worst``.
        figure: The number and its draws.
        language: Of which language, if of one.
        group: Of which group, if of one.
        change: Against the baseline, if there is one over the same languages.
    """

    statistic: str
    figure: Figure
    language: str | None = None
    group: str | None = None
    change: Figure | None = None


@dataclass(frozen=True)
class Gap:
    """All numbers of the gap of one system in one measure."""

    system: str
    measure: str
    languages: tuple[str, ...]
    ceiling: str | None
    figures: Sequence[GapFigure] = field(default_factory=list)


def gaps(
    cells: Sequence[Cell],
    grouping: Grouping,
    draws: Draws,
    *,
    ceiling: str | None,
    baseline: str | None,
) -> list[Gap]:
    """The gap of every system that has both high- and low-resource languages.

    The headline is each language's measure over the English ceiling's, its mean per group, and
    the ratio of the two means, low over high. The ceiling is the run `ceiling`, else the system's
    own English run, else the only English run; without one there are plain means per group.

    Raises:
        UsageError: The ceiling is not among the runs, or no language is in a group.
    """
    languages = {cell.language for cell in cells if cell.language is not None}
    outside = sorted(code for code in languages if grouping.group_of(code) is None)
    if outside:
        logger.warning("in no group of %s: %s", grouping.name, ", ".join(outside))
    found = [
        gap
        for system in dict.fromkeys(cell.system for cell in cells)
        if (gap_cells := _grouped(cells, system, grouping, ceiling))
        for measure in gap_cells[0].averaged
        for gap in [_gap(gap_cells, measure, grouping, draws, _ceiling(cells, system, ceiling))]
    ]
    if not found:
        raise UsageError(
            f"--groups {grouping.name}: no system has languages in both {HIGH} and {LOW}",
            hint="--run SYSTEM/LANG=FILE names a run's language",
        )
    return [_with_change(gap, found, baseline) for gap in found]


def _grouped(
    cells: Sequence[Cell], system: str, grouping: Grouping, ceiling: str | None
) -> list[Cell]:
    """The system's cells that are in a group, without the ceiling; none if a side is empty."""
    top = _ceiling(cells, system, ceiling)
    own = [
        cell
        for cell in sorted(cells, key=lambda cell: cell.language or "")
        if cell.system == system and grouping.group_of(cell.language) and cell is not top
    ]
    sides = {grouping.group_of(cell.language) for cell in own}
    return own if {HIGH, LOW} <= sides else []


def _ceiling(cells: Sequence[Cell], system: str, wanted: str | None) -> Cell | None:
    if wanted is not None:
        found = [cell for cell in cells if wanted in (cell.label, cell.system)]
        if len(found) != 1:
            labels = ", ".join(cell.label for cell in cells)
            raise UsageError(f"--ceiling {wanted}: not one of the runs, which are {labels}")
        return found[0]
    english = [c for c in cells if c.language is not None and canonical(c.language) == ENGLISH]
    own = [cell for cell in english if cell.system == system]
    candidates = own or english
    return candidates[0] if len(candidates) == 1 else None


def _gap(
    cells: Sequence[Cell], measure: str, grouping: Grouping, draws: Draws, top: Cell | None
) -> Gap:
    def figure_of(cell: Cell) -> Figure:
        return Figure(cell.mean(measure), draws.of(cell.key, measure))

    absolute = [figure_of(cell) for cell in cells]
    relative = None
    if top is not None and top.mean(measure) > 0:
        relative = [figure / figure_of(top) for figure in absolute]
    sides = [grouping.group_of(cell.language) for cell in cells]
    found = []
    if relative:
        for cell, side, figure in zip(cells, sides, relative, strict=True):
            found.append(GapFigure("ratio", figure, language=cell.language, group=side))
    found += _group_means("ratio", relative or [], sides)
    found += _group_means("mean", absolute, sides)
    found += _contrasts(cells, absolute, sides)
    languages = tuple(str(cell.language) for cell in cells)
    return Gap(cells[0].system, measure, languages, top.label if top and relative else None, found)


def _group_means(
    statistic: str, values: Sequence[Figure], sides: Sequence[str | None]
) -> list[GapFigure]:
    return [
        GapFigure(statistic, figures.mean(members), group=group)
        for group in dict.fromkeys(sides)
        if (members := [f for f, side in zip(values, sides, strict=False) if side == group])
    ]


def _contrasts(
    cells: Sequence[Cell], absolute: Sequence[Figure], sides: Sequence[str | None]
) -> list[GapFigure]:
    """What sets the groups and the languages apart; the ceiling cancels in ``low/high``."""
    by_group = {gap.group: gap.figure for gap in _group_means("mean", absolute, sides)}
    high, low = by_group[HIGH], by_group[LOW]
    worst = min(range(len(cells)), key=lambda place: absolute[place].value)
    ratio = [GapFigure("low/high", low / high)] if high.value else []
    return [
        *ratio,
        GapFigure("high-low", high - low),
        GapFigure("worst", figures.smallest(absolute), language=cells[worst].language),
        GapFigure("max-min", figures.spread(absolute)),
        GapFigure("std", figures.deviation(absolute)),
    ]


def _with_change(gap: Gap, found: Sequence[Gap], baseline: str | None) -> Gap:
    """The gap with the change of each number against the baseline's.

    Draws over parallel query ids are shared, so the change has the paired bootstrap's interval.
    """
    reference = next((g for g in found if (g.system, g.measure) == (baseline, gap.measure)), None)
    if reference is None or reference is gap:
        return gap
    if gap.languages != reference.languages:
        logger.warning("%s and %s differ in languages: no change of the gap is given",
                       gap.system, baseline)  # fmt: skip
        return gap
    others = {_place(own): own.figure for own in reference.figures}
    changed = [
        replace(own, change=own.figure - others[_place(own)]) if _place(own) in others else own
        for own in gap.figures
    ]
    return replace(gap, figures=changed)


def _place(own: GapFigure) -> tuple[str, str | None, str | None]:
    """What of another system it compares with; the worst language may be another one there."""
    return own.statistic, own.group, None if own.statistic == "worst" else own.language
