"""Scores on the terminal and in files: a table, tab-separated values, JSON lines."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.table import Table

from optical_cli.formats.scores import Score, write_scores
from optical_cli.formats.streams import STDIO

Writer = Callable[[BinaryIO, Sequence[Score]], None]
DIGITS = 4
TABLE_WIDTH = 200


def writer_of(format: str | None, output: str) -> Writer:
    """The writer called `format`, or the one that the suffix of `output` asks for."""
    if format is None and output != STDIO:
        suffixes = Path(output).suffixes
        format = next((kind for kind in WRITERS if f".{kind}" in suffixes[-2:]), None)
    return WRITERS[format or "table"]


def grid(scores: Sequence[Score]) -> tuple[list[str], list[list[object]]]:
    """Header and rows: what tells the runs apart, then a column per measure.

    A column is left out where it is the same empty one for all.
    """
    measures = list(dict.fromkeys(score.measure for score in scores))
    rows: dict[tuple, dict[str, float]] = {}
    for score in scores:
        key = (score.system, score.language, score.seed, score.query_id)
        rows.setdefault(key, {})[score.measure] = score.value
    names = ("system", "language", "seed", "query_id")
    shown = [i for i, _ in enumerate(names) if i == 0 or any(key[i] is not None for key in rows)]
    header = [names[i] for i in shown] + measures
    body = [
        [_word(key, i) for i in shown] + [values.get(measure) for measure in measures]
        for key, values in rows.items()
    ]
    return header, body


def _word(key: tuple, place: int) -> object:
    if key[place] is None:
        return "mean" if place == 3 else ""
    return key[place]


def write_table(stream: BinaryIO, scores: Sequence[Score]) -> None:
    """Write an aligned table with four digits."""
    header, rows = grid(scores)
    labels = len(header) - sum(isinstance(cell, float | None) for cell in rows[0])
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, name in enumerate(header):
        table.add_column(name, justify="left" if place < labels else "right")
    for row in rows:
        table.add_row(*map(_rounded, row))
    text = io.StringIO()
    Console(file=text, width=TABLE_WIDTH, highlight=False, markup=False).print(table)
    lines = (line.rstrip() for line in text.getvalue().splitlines())
    stream.write(("\n".join(lines) + "\n").encode())


def _rounded(cell: object) -> str:
    if cell is None:
        return "-"
    return f"{cell:.{DIGITS}f}" if isinstance(cell, float) else str(cell)


def write_tsv(stream: BinaryIO, scores: Sequence[Score]) -> None:
    """Write a header and a row per run, numbers with all their digits."""
    header, rows = grid(scores)
    for row in [header, *rows]:
        cells = ("" if cell is None else str(cell) for cell in row)
        stream.write(("\t".join(cells) + "\n").encode())


WRITERS: dict[str, Writer] = {"table": write_table, "tsv": write_tsv, "jsonl": write_scores}
