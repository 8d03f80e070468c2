"""From settings to the text of a report, in the format that was asked for."""

from pathlib import Path

from optical_cli.evaluation.inputs import parse_labelled
from optical_cli.formats.plans import read_plans
from optical_cli.reporting.examples import read_texts
from optical_cli.reporting.page import PageContent, page
from optical_cli.reporting.panels import metrics_files
from optical_cli.reporting.plain import PLAIN
from optical_cli.reporting.results import read_results
from optical_cli.reporting.settings import ReportSettings

SUFFIXES = {".md": "md", ".tex": "latex", ".csv": "csv"}


def make_report(what: ReportSettings, output: str) -> tuple[str, list[Path | str], dict[str, int]]:
    """The report's text, the files that it was made of, and how many records they have.

    Raises:
        InputError: A file is malformed, or the score files contradict each other.
    """
    results = read_results(what.scores, what.measure)
    counts = {"scores": len(results.scores)}
    format = what.format or SUFFIXES.get(Path(output).suffix, "html")
    if format != "html":
        return PLAIN[format](results, what.digits), list(what.scores), counts
    queries = parse_labelled("--queries", what.queries)
    metrics = metrics_files(what.metrics)
    plans = [plan for path in what.plans for plan in read_plans(path)]
    content = PageContent(
        title=what.title, score_files=what.scores, texts=read_texts(queries), metrics=metrics,
        plans=plans, examples=what.examples, digits=what.digits,
    )  # fmt: skip
    inputs = [*what.scores, *queries.values(), *metrics.values(), *what.plans]
    return page(results, content), inputs, counts
