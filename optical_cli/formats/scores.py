"""Scores: one JSON line per number, so that a page can be made of any number of files."""

import dataclasses
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from optical_cli.errors import InputError
from optical_cli.formats.streams import open_lines
from optical_cli.formats.tables import FAULTS_KEPT


@dataclass(frozen=True, kw_only=True)
class Score:
    """One number and all that it stands on.

    Attributes:
        run: The file that was measured, as given; ``SYSTEM/LANG`` where it is several files.
        system: What is compared.
        language: Of the queries; None where it was not said, ``all`` for the mean over languages.
        seed: Of the training; None where it was not said.
        tags: Further notes, such as the share of noise.
        measure: In ir-measures syntax.
        query_id: None for the aggregate over queries.
        statistic: What is made of several languages' means, such as ``low/high``; None for a
            measure's own value.
        group: The group of languages that the statistic is of, or that the language is in.
        value: The number.
        signature: What the number depends on, in short.
        low: Lower end of the mean's interval.
        high: Upper end.
        p: Of the difference to the baseline, corrected for the size of the table.
        baseline: The system that `p` compares with.
        comparison: All about the difference to the baseline: its interval, both tests' p, effect
            size, wins, ties and losses, and the smallest difference that could be shown.
    """

    run: str
    system: str
    measure: str
    value: float
    query_id: str | None = None
    language: str | None = None
    seed: int | None = None
    tags: Mapping[str, str | float] = field(default_factory=dict)
    signature: str | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    baseline: str | None = None
    statistic: str | None = None
    group: str | None = None
    comparison: Mapping[str, Any] | None = None


NAMES = tuple(f.name for f in dataclasses.fields(Score))
REQUIRED = ("run", "system", "measure", "value")
TEXT, OPTIONAL_TEXT, NUMBER = str, str | None, int | float
OPTIONAL_NUMBER, TABLE, OPTIONAL_TABLE = int | float | None, dict, dict | None
KINDS = {
    "run": TEXT, "system": TEXT, "measure": TEXT, "value": NUMBER, "tags": TABLE,
    "query_id": OPTIONAL_TEXT, "language": OPTIONAL_TEXT, "seed": OPTIONAL_NUMBER,
    "signature": OPTIONAL_TEXT, "low": OPTIONAL_NUMBER, "high": OPTIONAL_NUMBER,
    "p": OPTIONAL_NUMBER, "baseline": OPTIONAL_TEXT, "statistic": OPTIONAL_TEXT,
    "group": OPTIONAL_TEXT, "comparison": OPTIONAL_TABLE,
}  # fmt: skip
WORDS = {
    TEXT: "a text", OPTIONAL_TEXT: "a text", NUMBER: "a number", OPTIONAL_NUMBER: "a number",
    TABLE: "an object", OPTIONAL_TABLE: "an object",
}  # fmt: skip


def write_scores(stream: BinaryIO, scores: Iterable[Score]) -> None:
    """Write one JSON object per line; numbers with all their digits."""
    for score in scores:
        entry = {name: getattr(score, name) for name in NAMES}
        stream.write(json.dumps(entry, ensure_ascii=False, allow_nan=False).encode() + b"\n")


def read_scores(path: Path | str) -> Iterator[Score]:
    """Read what `write_scores` wrote.

    Raises:
        InputError: The file is empty, or up to ten malformed lines with their places.
    """
    faults: list[str] = []
    number = 0
    for number, line in open_lines(path):
        try:
            yield _score_of(json.loads(line))
        except ValueError as fault:
            reason = "not JSON" if isinstance(fault, json.JSONDecodeError) else fault
            faults.append(f"{path}:{number}: {reason}")
            if len(faults) >= FAULTS_KEPT:
                break
    if faults:
        raise InputError.gather(faults, hint="optical evaluate --format jsonl writes scores")
    if number == 0:
        raise InputError("is empty", where=path)


def _score_of(entry: Any) -> Score:
    if not isinstance(entry, dict):
        raise ValueError("not a score: expected a JSON object")
    missing = [name for name in REQUIRED if name not in entry]
    if missing:
        raise ValueError(f"not a score: {', '.join(missing)} missing")
    score = Score(**{name: entry[name] for name in NAMES if name in entry})
    for name, kinds in KINDS.items():
        value = getattr(score, name)
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise ValueError(f"{name} {value!r} is not {WORDS[kinds]}")
    if not math.isfinite(score.value):
        raise ValueError(f"value {score.value!r} is not a finite number")
    return score
