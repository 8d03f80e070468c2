"""Scores on the terminal and in files: tables, tab-separated values, JSON lines."""

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from optical_cli.formats.scores import Score, write_scores
from optical_cli.formats.streams import STDIO

Writer = Callable[[BinaryIO, Sequence[Score]], None]
Cells = list[object]
DIGITS = 4
TABLE_WIDTH = 240
KEY = ("system", "language", "seed", "query_id")
DAGGER = "\N{DAGGER}"
NOT_SHOWN = "no difference shown"


def writer_of(format: str | None, output: str) -> Writer:
    """The writer called `format`, or the one that the suffix of `output` asks for."""
    if format is None and output != STDIO:
        suffixes = Path(output).suffixes
        format = next((kind for kind in WRITERS if f".{kind}" in suffixes[-2:]), None)
    return WRITERS[format or "table"]


def grid(scores: Sequence[Score]) -> tuple[list[str], list[Cells]]:
    """Header and rows: what tells the runs apart, then a column per measure.

    A column is left out where it is empty for all, and so are numbers made of several languages.
    """
    plain = [score for score in scores if score.statistic is None]
    measures = list(dict.fromkeys(score.measure for score in plain))
    rows: dict[tuple, dict[str, float]] = {}
    for score in plain:
        key = tuple(getattr(score, name) for name in KEY)
        rows.setdefault(key, {})[score.measure] = score.value
    shown = [i for i in range(len(KEY)) if i == 0 or any(key[i] is not None for key in rows)]
    header = [KEY[i] for i in shown] + measures
    body = [
        [_word(key, i) for i in shown] + [values.get(measure) for measure in measures]
        for key, values in rows.items()
    ]
    return header, body


def _word(key: tuple, place: int) -> str:
    if key[place] is not None:
        return str(key[place])
    return "mean" if KEY[place] in ("seed", "query_id") else ""


def write_tsv(stream: BinaryIO, scores: Sequence[Score]) -> None:
    """Write a header and a row per run, numbers with all their digits."""
    header, rows = grid(scores)
    for row in [header, *rows]:
        cells = ("" if cell is None else str(cell) for cell in row)
        stream.write(("\t".join(cells) + "\n").encode())


def write_table(stream: BinaryIO, scores: Sequence[Score]) -> None:
    """Write aligned tables: means, differences from the baseline, the gap; then signatures."""
    parts = [_table(*grid(scores))]
    if any(score.p is not None for score in scores):
        parts.append(f"Against {_baseline(scores)}\n{_table(*differences(scores))}\n{LEGEND}")
    if any(score.statistic for score in scores):
        parts.append("Resource gap\n" + _table(*gap_rows(scores)))
    parts.append("\n".join(_signatures(scores)))
    stream.write(("\n\n".join(parts) + "\n").encode())


LEGEND = (
    f"{NOT_SHOWN}: p (paired randomization, Holm over the rows of a measure) is not below .05, the"
    " interval holds 0, or the difference is below the smallest that these queries can show"
)


def _baseline(scores: Sequence[Score]) -> str:
    return next(score.baseline for score in scores if score.baseline is not None)


def differences(scores: Sequence[Score]) -> tuple[list[str], list[Cells]]:
    """Header and rows of the comparisons with the baseline."""
    header = ["system", "language", "measure", "difference", "95% interval", "p", "p (t)", "d",
              "wins/ties/losses", "smallest", "verdict"]  # fmt: skip
    rows: list[Cells] = []
    for score in scores:
        if score.p is None or not score.comparison:
            continue
        found = score.comparison
        rows.append([
            score.system, score.language or "", score.measure, f"{found['difference']:+.{DIGITS}f}",
            f"{found['low']:+.{DIGITS}f} to {found['high']:+.{DIGITS}f}",
            _p(score.p), _p(found["p_t_holm"]), _signed(found["effect_size"]),
            f"{found['wins']}/{found['ties']}/{found['losses']}", found["smallest_difference"],
            verdict(found),
        ])  # fmt: skip
    return header, rows


def verdict(comparison) -> str:
    """What the queries say of a difference."""
    if not comparison["shown"]:
        return NOT_SHOWN
    return "better" if comparison["difference"] > 0 else "worse"


def gap_rows(scores: Sequence[Score]) -> tuple[list[str], list[Cells]]:
    """Header and rows of the numbers that are made of several languages."""
    header = ["system", "measure", "statistic", "of", "value", "95% interval"]
    header += ["change", "95% interval"]
    rows: list[Cells] = []
    for score in scores:
        if score.statistic is None:
            continue
        change = score.comparison
        rows.append([
            score.system, score.measure, score.statistic, score.language or score.group or "",
            score.value, f"{score.low:.{DIGITS}f} to {score.high:.{DIGITS}f}",
            f"{change['difference']:+.{DIGITS}f}" if change else "",
            f"{change['low']:+.{DIGITS}f} to {change['high']:+.{DIGITS}f}" if change else "",
        ])  # fmt: skip
    return header, rows


def _signatures(scores: Sequence[Score]) -> Iterator[str]:
    """One line per measure; what differs between its numbers is a star."""
    for measure in dict.fromkeys(score.measure for score in scores):
        lines = [s.signature for s in scores if s.measure == measure and s.signature]
        if lines:
            yield merged_signature(measure, list(dict.fromkeys(lines)))


def merged_signature(measure: str, signatures: Sequence[str]) -> str:
    """The signature of several numbers of one measure: ``key:*`` where they differ."""
    values: dict[str, set[str]] = {}
    for signature in signatures:
        for part in signature.split("|")[1:]:
            name, _, value = part.partition(":")
            values.setdefault(name, set()).add(value)
    parts = (f"{name}:{'*' if len(found) > 1 else min(found)}" for name, found in values.items())
    return "|".join([measure, *parts])


def _table(header: Sequence[str], rows: Sequence[Cells]) -> str:
    """Aligned text; columns with numbers to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, name in enumerate(header):
        numeric = all(isinstance(row[place], float | None) for row in rows)
        table.add_column(Text(name), justify="right" if numeric else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_rounded(cell)) for cell in row))
    text = io.StringIO()
    width = max(TABLE_WIDTH, sum(_widest(header, rows)) + 2 * len(header))
    Console(file=text, width=width, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().split("\n")).rstrip("\n")


def _widest(header: Sequence[str], rows: Sequence[Cells]) -> list[int]:
    return [
        max(Text(_rounded(cell)).cell_len for cell in [name, *(row[place] for row in rows)])
        for place, name in enumerate(header)
    ]


def _rounded(cell: object) -> str:
    if cell is None:
        return "-"
    return f"{cell:.{DIGITS}f}" if isinstance(cell, float) else str(cell)


def _p(p: float) -> str:
    return "<.0001" if p < 0.0001 else f"{p:.4f}".removeprefix("0")


def _signed(number: float | None) -> str:
    return "-" if number is None else f"{number:+.2f}"


WRITERS: dict[str, Writer] = {"table": write_table, "tsv": write_tsv, "jsonl": write_scores}
