"""The page: one file with everything in it, nothing fetched, for dark, light and paper."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jinja2

import optical_cli
from optical_cli.formats.plans import SamplePlan
from optical_cli.formats.scores import Score
from optical_cli.reporting import gap, panels
from optical_cli.reporting.charts.differences import sorted_differences
from optical_cli.reporting.charts.frame import color
from optical_cli.reporting.charts.heatmap import TOKENS_SHOWN, heatmap
from optical_cli.reporting.examples import Contest, Texts, contests, shown_differences
from optical_cli.reporting.findings import findings
from optical_cli.reporting.provenance import signatures, sources
from optical_cli.reporting.results import ALIGNMENT, Results
from optical_cli.reporting.table import main_tables
from optical_cli.text import language_name

# Heads of the columns of `ALIGNMENT`.
ALIGNMENT_HEADS = dict(
    zip(
        ALIGNMENT,
        (
            "alignment", "over non-pairs", "transport cost", "over non-pairs",
            "uniformity", "teacher's uniformity", "P@1 from teacher", "P@1 from student",
            "from teacher, margin", "from student, margin",
        ),
        strict=True,
    )
)  # fmt: skip
# Names over so many letters stand above their bars and not beside them.
LONG = 14


@dataclass(frozen=True)
class PageContent:
    """What the page is made of besides the scores."""

    title: str
    score_files: Sequence[Path]
    texts: Texts
    metrics: Mapping[str, str]
    plans: Sequence[SamplePlan]
    examples: int
    digits: int


def page(results: Results, content: PageContent) -> str:
    """The page's HTML; all text from files is escaped by the template."""
    loader = jinja2.DictLoader({
        name: files("optical_cli.reporting").joinpath(name).read_text(encoding="utf-8")
        for name in ("page.html.j2", "page.css")
    })  # fmt: skip
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters |= {
        "number": lambda value: f"{value:.{content.digits}f}",
        "signed": lambda value: f"{value:+.{content.digits}f}",
        "p": _p,
    }
    environment.globals |= {"color": color, "language_name": _language_name}
    return environment.get_template("page.html.j2").render(_context(results, content))


def _context(results: Results, content: PageContent) -> dict[str, object]:
    trained = _training_colors(results, content.metrics)
    return {
        "title": content.title,
        "version": optical_cli.__version__,
        "results": results,
        "findings": list(findings(results)) if results.measures else [],
        "tables": main_tables(results),
        "comparisons": _comparisons(results),
        "long_names": any(len(variant.label) > LONG for variant in results.variants),
        "bars": panels.language_bars(results, content.digits),
        "curves": list(panels.tag_curves(results)),
        "training": panels.training_curves(content.metrics, trained),
        "training_keys": trained,
        "gap_strips": panels.gap_strips(results, content.digits),
        "ceilings": gap.ceiling_tables(results),
        "beside_gap": gap.beside_table(results),
        "group_members": gap.group_members(results),
        "group_source": gap.group_source(results),
        "alignment": results.alignment,
        "alignment_columns": ALIGNMENT_HEADS,
        "collapses": list(panels.collapses(results)),
        "alignment_variants": list(dict.fromkeys(v for v, _ in results.alignment)),
        "scatter": panels.alignment_scatter(results),
        "contests": [
            (contest, _difference_charts(contest))
            for contest in contests(results, content.texts, content.examples)
        ],
        "plans": [(plan, heatmap(plan)) for plan in content.plans],
        "tokens_shown": TOKENS_SHOWN,
        "sources": sources(content.score_files),
        "signatures": signatures(results.scores),
    }


def _comparisons(results: Results) -> dict[str, list[Score]]:
    """By measure, the means that are compared with the baseline."""
    compared: dict[str, list[Score]] = {}
    for score in _mean_records(results):
        if score.p is not None and score.comparison:
            compared.setdefault(score.measure, []).append(score)
    return compared


def _mean_records(results: Results) -> list[Score]:
    """The cells' means in the order of rows and columns."""
    means = results.means
    return [
        means[variant, language, measure]
        for measure in results.measures
        for variant in results.variants
        for language in results.languages
        if (variant, language, measure) in means
    ]


def _training_colors(results: Results, systems: Iterable[str]) -> dict[str, int]:
    """A system's color where it has one, and further ones for the rest."""
    known = {line.label: place for place, line in enumerate(results.lines)}
    unknown = [system for system in systems if system not in known]
    more = {system: len(known) + place for place, system in enumerate(unknown)}
    return {system: (known | more)[system] for system in systems}


def _difference_charts(contest: Contest) -> list[panels.Chart]:
    return [
        panels.Chart(
            _language_name(language) or contest.measure,
            sorted_differences(
                values, f"{contest.variant.label} minus {contest.baseline}, sorted by query"
            ),
        )
        for language, values in shown_differences(contest)
    ]


def _language_name(code: str | None) -> str:
    """``sw Swahili``; the code alone where the name is not known."""
    if code is None:
        return ""
    name = language_name(code)
    return code if name == code else f"{code} {name}"


def _p(p: float) -> str:
    return "< .0001" if p < 0.0001 else f"{p:.4f}".removeprefix("0")
