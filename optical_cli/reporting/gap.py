"""The resource gap on the page: each language against the ceiling, and the groups apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from optical_cli.evaluation.groups import PRESETS
from optical_cli.formats.scores import Score
from optical_cli.reporting.results import GROUP_ORDER, Results, Variant
from optical_cli.reporting.table import Column

# What stands beside the headline, never alone.
BESIDE = ("high-low", "worst", "max-min", "std")


@dataclass(frozen=True)
class CeilingTable:
    """The headline of one measure: shares of the ceiling by language and group, and low/high.

    Attributes:
        measure: Of what.
        ceiling: Which run is 1; None where there was none, and the numbers are plain means.
        columns: Languages, then groups.
        rows: Systems with a number per column, and low/high.
    """

    measure: str
    ceiling: str | None
    columns: Sequence[Column]
    rows: Sequence[tuple[Variant, Sequence[Score | None], Score | None]]


def ceiling_tables(results: Results) -> list[CeilingTable]:
    """A table per measure that has a gap."""
    return [
        _ceiling_table(results, measure, [s for s in results.gap if s.measure == measure])
        for measure in results.measures
        if any(score.measure == measure for score in results.gap)
    ]


def _ceiling_table(results: Results, measure: str, scores: Sequence[Score]) -> CeilingTable:
    ceilings = [name for s in scores if (name := part_of_signature(s, "ceiling")) is not None]
    statistic = "ratio" if ceilings else "mean"
    cells = {
        (results.variant(s), s.language, s.group): s for s in scores if s.statistic == statistic
    }
    ratios = {results.variant(s): s for s in scores if s.statistic == "low/high"}
    keys = _ordered({key[1:] for key in cells})
    columns = [Column(language or f"{group} mean", group) for language, group in keys]
    rows = [
        (variant, [cells.get((variant, *key)) for key in keys], ratios.get(variant))
        for variant in results.variants
        if variant in ratios or any(key[0] == variant for key in cells)
    ]
    return CeilingTable(measure, ceilings[0] if ceilings else None, columns, rows)


def _ordered(keys: set[tuple[str | None, str | None]]) -> list[tuple[str | None, str | None]]:
    """By group, in each the languages and then their mean."""

    def place(key: tuple[str | None, str | None]) -> tuple[int, bool, str]:
        language, group = key
        rank = GROUP_ORDER.index(group) if group in GROUP_ORDER else len(GROUP_ORDER)
        return rank, language is None, language or ""

    return sorted(keys, key=place)


def beside_table(results: Results) -> list[tuple[str, Variant, dict[str, Score]]]:
    """Measure, system, and the absolute gap, the worst language and the spread by name."""
    rows: dict[tuple[str, Variant], dict[str, Score]] = {}
    for score in results.gap:
        if score.statistic in BESIDE:
            rows.setdefault((score.measure, results.variant(score)), {})[score.statistic] = score
    return [
        (measure, variant, rows[measure, variant])
        for measure in results.measures
        for variant in results.variants
        if (measure, variant) in rows
    ]


def group_members(results: Results) -> dict[str, list[str]]:
    """Which languages are in which group."""
    members: dict[str, list[str]] = {}
    for language in results.languages:
        if language is not None and language in results.groups:
            members.setdefault(results.groups[language], []).append(language)
    return members


def group_source(results: Results) -> str:
    """Who says which languages are low-resource: the grouping's name, and its source if known."""
    names = dict.fromkeys(part_of_signature(score, "groups") for score in results.gap)
    known = (
        f"{name}: {PRESETS[name].source}" if name in PRESETS else name for name in names if name
    )
    return " ".join(f"Grouping {name}." for name in known)


def part_of_signature(score: Score, name: str) -> str | None:
    """What a record's signature says of `name`, if anything."""
    for part in (score.signature or "").split("|")[1:]:
        key, _, value = part.partition(":")
        if key == name:
            return value
    return None
