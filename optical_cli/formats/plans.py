"""Token alignments of sample pairs: one JSON line per pair, for a person to look at."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import BinaryIO

from optical_cli.errors import InputError
from optical_cli.formats.streams import open_lines


@dataclass(frozen=True, kw_only=True)
class SamplePlan:
    """A transport plan between the tokens of a sentence and its translation.

    Attributes:
        pair_id: Of the pair in its bitext.
        system: What the student is called.
        language: Of the student's side; None where it was not said.
        rows: The teacher's tokens.
        cols: The student's tokens.
        plan: Mass moved, a list per row.
        cost: Transport cost of the pair.
    """

    pair_id: str
    system: str
    language: str | None
    rows: Sequence[str]
    cols: Sequence[str]
    plan: Sequence[Sequence[float]]
    cost: float


def write_plans(stream: BinaryIO, plans: Iterable[SamplePlan]) -> int:
    """Write plans and return how many."""
    count = 0
    for plan in plans:
        line = json.dumps(asdict(plan), ensure_ascii=False, allow_nan=False)
        stream.write(f"{line}\n".encode())
        count += 1
    return count


def read_plans(path: Path | str) -> Iterator[SamplePlan]:
    """Read what `write_plans` wrote.

    Raises:
        InputError: A line is no plan, with its place.
    """
    names = {field.name for field in fields(SamplePlan)}
    for number, line in open_lines(path):
        try:
            entry = json.loads(line)
            plan = SamplePlan(**{name: entry[name] for name in names})
            shape = {len(row) for row in plan.plan}
            fitting = len(plan.plan) == len(plan.rows) and shape <= {len(plan.cols)}
        except (ValueError, TypeError, KeyError):
            fitting = False
        if not fitting:
            hint = "optical evaluate-alignment --plans FILE writes them"
            raise InputError("is no token alignment", where=f"{path}:{number}", hint=hint)
        yield plan
