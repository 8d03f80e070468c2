"""The panels of the page: what of the results is drawn, and how."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from optical_cli.errors import InputError
from optical_cli.evaluation.alignment import collapse_warnings
from optical_cli.formats.scores import Score
from optical_cli.formats.streams import open_lines
from optical_cli.reporting.charts.curves import Point, Series, curves
from optical_cli.reporting.charts.scatter import Spot, scatter
from optical_cli.reporting.charts.strips import bar, dumbbell
from optical_cli.reporting.results import ALL, Results, Variant

# What a training writes down of itself that is no measure of how good it is.
NOT_CURVES = {"step", "epoch", "rows", "tokens", "lr", "gradient_norm"}


@dataclass(frozen=True)
class Chart:
    """A drawing with its title."""

    title: str
    drawing: Markup


@dataclass(frozen=True)
class Strip:
    """A labelled row of a strip chart."""

    label: str
    drawing: Markup
    value: str
    mark: str = ""


@dataclass(frozen=True)
class StripPanel:
    """Rows under one heading."""

    title: str
    note: str
    strips: Sequence[Strip] = field(default_factory=list)


def language_bars(results: Results, digits: int) -> list[StripPanel]:
    """A panel per language, a bar per system, all on one scale."""
    if not results.measures or len(results.languages) < 2:
        return []
    measure = results.measures[0]
    cells = {k[:2]: score for k, score in results.means.items() if k[2] == measure}
    top = max(max(score.value, score.high or 0.0) for score in cells.values())
    panels = []
    for language in results.languages:
        members = [(v, cells[v, language]) for v in results.variants if (v, language) in cells]
        strips = [
            Strip(
                variant.label,
                bar(score.value, score.low, score.high, top, results.color_of(variant)),
                f"{score.value:.{digits}f}",
            )
            for variant, score in members
        ]
        name = "mean" if language == ALL else language or "no language"
        panels.append(StripPanel(name, results.groups.get(language, ""), strips))
    return panels


def tag_curves(results: Results) -> Iterator[tuple[str, list[Chart]]]:
    """For each numeric tag: the measure in every language against it, and the gap."""
    for axis in results.axes:
        charts = [*_measure_curves(results, axis), *_gap_curves(results, axis)]
        if charts:
            yield axis, charts


def _measure_curves(results: Results, axis: str) -> Iterator[Chart]:
    if not results.measures:
        return
    measure = results.measures[0]
    for language in results.languages:
        points = {
            (variant, variant.tag(axis)): score
            for (variant, code, name), score in results.means.items()
            if (code, name) == (language, measure)
        }
        series = _series(results, axis, points)
        if series:
            name = "mean over languages" if language == ALL else language or measure
            yield Chart(name, curves(series, axis, measure, floor=0.0))


def _gap_curves(results: Results, axis: str) -> Iterator[Chart]:
    for measure in results.measures[:1]:
        points = {
            (results.variant(score), results.variant(score).tag(axis)): score
            for score in results.gap
            if (score.statistic, score.measure) == ("low/high", measure)
        }
        series = _series(results, axis, points)
        if series:
            title = "low- over high-resource languages"
            yield Chart(title, curves(series, axis, f"{measure}, low/high", floor=0.0))


def _series(
    results: Results, axis: str, points: Mapping[tuple[Variant, object], Score]
) -> list[Series]:
    """A line per system; one whose tag is absent has no place on the axis."""
    lines: dict[Variant, list[Point]] = {}
    for (variant, value), score in points.items():
        if isinstance(value, int | float):
            # Along one axis, another one tells lines apart.
            line = lines.setdefault(variant.without(axis), [])
            line.append(Point(float(value), score.value, score.low, score.high))
    return [
        Series(variant.label, results.color_of(variant), sorted(found, key=lambda point: point.x))
        for variant, found in lines.items()
        if len(found) > 1
    ]


def gap_strips(results: Results, digits: int) -> list[StripPanel]:
    """Per measure, a row per system from the low-resource mean to the high-resource mean."""
    panels = []
    for measure in results.measures:
        means: dict[Variant, dict[str | None, Score]] = {}
        for score in results.gap:
            if (score.measure, score.statistic) == (measure, "mean"):
                means.setdefault(results.variant(score), {})[score.group] = score
        sides = {v: (m["low"], m["high"]) for v, m in means.items() if {"low", "high"} <= m.keys()}
        if not sides:
            continue
        top = max(1e-9, *(score.value for pair in sides.values() for score in pair))
        strips = [
            Strip(
                variant.label,
                dumbbell(low.value, high.value, top * 1.03, results.color_of(variant)),
                f"{low.value:.{digits}f} to {high.value:.{digits}f}",
            )
            for variant in results.variants
            if variant in sides
            for low, high in [sides[variant]]
        ]
        panels.append(
            StripPanel(measure, "hollow: low-resource mean, full: high-resource mean", strips)
        )
    return panels


def alignment_scatter(results: Results) -> Chart | None:
    """Alignment against uniformity, a point per system and language."""
    cells = results.alignment
    variants = list(dict.fromkeys(variant for variant, _ in cells))
    spots: dict[str | None, list[Spot]] = {}
    references = []
    for (variant, language), numbers in cells.items():
        if {"alignment", "uniformity"} <= numbers.keys():
            label = "mean" if language == ALL else language or variant.label
            spots.setdefault(language, []).append(
                Spot(
                    numbers["uniformity"].value, numbers["alignment"].value, label, variant.label,
                    variants.index(variant),
                )
            )  # fmt: skip
        if "teacher-uniformity" in numbers:
            references.append(numbers["teacher-uniformity"].value)
    every = [spot for members in spots.values() for spot in members]
    if not every:
        return None
    reference = (sum(references) / len(references), "teacher, English") if references else None
    paths = [members for members in spots.values() if len(members) > 1]
    return Chart(
        "Alignment and uniformity",
        scatter(every, "uniformity (lower: more spread out)", "alignment (lower: nearer)",
                reference=reference, paths=paths),
    )  # fmt: skip


def collapses(results: Results) -> Iterator[str]:
    """What the numbers of alignment warn of, system by system."""
    for (variant, language), numbers in results.alignment.items():
        if {"uniformity", "teacher-uniformity", "alignment/non-pairs"} <= numbers.keys():
            name = f"{variant.label} {language or ''}".rstrip()
            for warning in collapse_warnings(
                student_uniformity=numbers["uniformity"].value,
                teacher_uniformity=numbers["teacher-uniformity"].value,
                relative_alignment=numbers["alignment/non-pairs"].value,
            ):
                yield f"{name}: {warning}."


def training_curves(files: Mapping[str, str], colors: Mapping[str, int]) -> list[Chart]:
    """A chart for the loss and for every validation measure, a line per model.

    Args:
        files: The metrics.jsonl of each model.
        colors: The number of each model's color.

    Raises:
        InputError: A file is no metrics.jsonl.
    """
    lines: dict[str, dict[str, list[Point]]] = {}
    for system, path in files.items():
        for name, point in _metrics(path):
            lines.setdefault(name, {}).setdefault(system, []).append(point)
    return [
        Chart(name, curves(
            [Series(system, colors[system], points) for system, points in by_system.items()],
            "step", name,
        ))
        for name, by_system in lines.items()
    ]  # fmt: skip


def _metrics(path: str) -> Iterator[tuple[str, Point]]:
    """The loss, and all that stands in lines without one, which are validations."""
    for number, line in open_lines(path):
        try:
            entry = json.loads(line)
            step = float(entry["step"])
        except (ValueError, KeyError, TypeError):
            hint = "a training writes metrics.jsonl beside its model"
            raise InputError("is no line of metrics", where=f"{path}:{number}", hint=hint) from None
        names: Iterable[str] = ["loss"] if "loss" in entry else entry.keys() - NOT_CURVES
        for name in sorted(names):
            if isinstance(entry[name], int | float):
                yield name, Point(step, float(entry[name]))


def metrics_files(values: Sequence[str]) -> dict[str, str]:
    """Read ``[SYSTEM=]FILE``; a model is called as its folder by default."""
    files = {}
    for value in values:
        system, equals, path = value.partition("=")
        if not equals or Path(value).exists():
            system, path = Path(value).resolve().parent.name, value
        files[system] = path
    return files
