"""Scored bitext (`optical-scored-bitext/1`): JSON lines that `prepare-bitext` reads like any other.

Each has `id`, `source` and `target` of the pair, `fold`, and its scores: `cost`, `cost_z` and
`margin` (null where there was nothing to compare with), and `parallel` where words were compared.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import BinaryIO

FORMAT = "optical-scored-bitext/1"
DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class ScoredPair:
    """A sentence pair and how well its sides fit each other.

    Attributes:
        id: Of the pair in the file that was scored.
        source: In the teacher's language.
        target: In the student's.
        fold: From 1; scored by what did not learn from this fold. 0: there was one student for
            all.
        cost: Transport cost between the tokens of the sides; or what their words say against
            them, in nats for a word.
        cost_z: How many deviations that is above the cost of pairs of like length.
        margin: By how much it is below the cost of near neighbors, or of wrong partners.
        parallel: The probability that the sides belong together; None if it is not known.
    """

    id: str
    source: str
    target: str
    fold: int
    cost: float
    cost_z: float
    margin: float
    parallel: float | None = None


def write_scored(stream: BinaryIO, pairs: Iterable[ScoredPair]) -> int:
    """Write scored pairs and return how many."""
    count = 0
    for pair in pairs:
        given = {name: value for name, value in asdict(pair).items() if value is not None}
        record = {name: _plain(value) for name, value in given.items()}
        stream.write(f"{json.dumps(record, ensure_ascii=False)}\n".encode())
        count += 1
    return count


def _plain(value: object) -> object:
    if not isinstance(value, float):
        return value
    return None if math.isnan(value) else round(value, DIGITS)
