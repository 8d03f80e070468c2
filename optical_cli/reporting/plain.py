"""The same tables for papers, issues and spreadsheets: Markdown, LaTeX, CSV."""

import csv
import io
from collections.abc import Callable, Sequence

from optical_cli.reporting.results import Results
from optical_cli.reporting.table import BETTER, WORSE, Cell, MainTable, main_tables

LATEX_SPECIALS = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
LATEX_MARKS = {"": "", BETTER: r"$^{\dagger}$", WORSE: r"$^{\ddagger}$"}
CSV_HEADER = (
    "system", "tags", "language", "group", "measure", "statistic", "value", "low", "high", "p",
    "baseline", "difference", "shown", "signature",
)  # fmt: skip


def markdown(results: Results, digits: int) -> str:
    """GitHub's Markdown: best in bold, second in italics."""
    return "\n\n".join(_markdown_table(table, digits) for table in main_tables(results)) + "\n"


def _markdown_table(table: MainTable, digits: int) -> str:
    heads = [f"{c.name} ({c.group})" if c.group else c.name for c in table.columns]
    lines = [_markdown_row([table.title, *map(_markdown_text, heads)])]
    lines.append(_markdown_row(["---", *("---:" for _ in heads)]))
    for variant, cells in table.rows:
        numbers = [_markdown_cell(cell, digits) for cell in cells]
        lines.append(_markdown_row([_markdown_text(variant.label), *numbers]))
    legend = table.legend.replace("underlined", "italic")
    return "\n".join([*lines, "", legend])


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_text(text: str) -> str:
    for character in "\\`*_[]<>|":
        text = text.replace(character, f"\\{character}")
    return text


def _markdown_cell(cell: Cell, digits: int) -> str:
    if cell.score is None:
        return "-"
    frame = ("", "**", "*")[cell.rank]
    return f"{frame}{cell.score.value:.{digits}f}{frame}{cell.mark}"


def latex(results: Results, digits: int) -> str:
    r"""Tables for `booktabs`: best in bold, second underlined."""
    return "\n\n".join(_latex_table(table, digits) for table in main_tables(results)) + "\n"


def _latex_table(table: MainTable, digits: int) -> str:
    lines = [f"% {table.legend}", rf"\begin{{tabular}}{{l{'r' * len(table.columns)}}}", r"\toprule"]
    if table.groups:
        spans = (
            rf"\multicolumn{{{n}}}{{c}}{{{latex_text(name or '')}}}" for name, n in table.groups
        )
        lines.append(f" & {' & '.join(spans)} \\\\")
    heads = (latex_text(column.name) for column in table.columns)
    lines += [f"{latex_text(table.title)} & {' & '.join(heads)} \\\\", r"\midrule"]
    for variant, cells in table.rows:
        numbers = " & ".join(_latex_cell(cell, digits) for cell in cells)
        lines.append(f"{latex_text(variant.label)} & {numbers} \\\\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])


def latex_text(text: str) -> str:
    """`text` with LaTeX's special characters written out."""
    return "".join(LATEX_SPECIALS.get(character, character) for character in text)


def _latex_cell(cell: Cell, digits: int) -> str:
    if cell.score is None:
        return "--"
    number = f"{cell.score.value:.{digits}f}"
    framed = (number, rf"\textbf{{{number}}}", rf"\underline{{{number}}}")[cell.rank]
    return framed + LATEX_MARKS[cell.mark]


def comma_separated(results: Results, digits: int) -> str:
    """A line per number, with all its digits whatever `digits` says; single queries left out."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for score in results.scores:
        if score.query_id is not None:
            continue
        found = score.comparison or {}
        tags = ";".join(f"{name}={value}" for name, value in score.tags.items())
        writer.writerow([
            score.system, tags, score.language, score.group, score.measure, score.statistic,
            score.value, score.low, score.high, score.p, score.baseline,
            found.get("difference"), found.get("shown"), score.signature,
        ])  # fmt: skip
    return stream.getvalue()


PLAIN: dict[str, Callable[[Results, int], str]] = {
    "md": markdown, "latex": latex, "csv": comma_separated,
}  # fmt: skip
