"""Reading ``--noise KIND[@SIDE]=RATE[:INTENSITY]``."""

import re
from dataclasses import dataclass
from typing import Literal

from optical_cli.errors import UsageError

Side = Literal["source", "target", "either"]
SIDES: tuple[Side, ...] = ("source", "target", "either")
FORM = re.compile(r"([^=@:]+)(?:@([^=@:]+))?=([^=@:]+)(?::([^=@:]+))?")
HINT = "write such as misalign=0.2, misorder@source=0.1 or typos=0.3:0.1"


@dataclass(frozen=True)
class Request:
    """One ``--noise``.

    Attributes:
        kind: The kind's name.
        rate: Share of the pairs to hit, from 0 to 1.
        intensity: Share of a text to change, over 0 and at most 1; None if not said.
        side: Which side; None if not said.
    """

    kind: str
    rate: float
    intensity: float | None = None
    side: Side | None = None

    @property
    def label(self) -> str:
        """The kind with its side, which is what draws, ledger and account go by."""
        return self.kind if self.side is None else f"{self.kind}@{self.side}"


def parse_request(text: str) -> Request:
    """Read one value of ``--noise``.

    Raises:
        UsageError: It has another form, or a number outside its bounds.
    """
    match = FORM.fullmatch(text.strip())
    if not match:
        raise UsageError(f"--noise {text}: expected KIND[@SIDE]=RATE[:INTENSITY]", hint=HINT)
    kind, side, rate, intensity = match.groups()
    if side is not None and side not in SIDES:
        raise UsageError(f"--noise {text}: the side is {', '.join(SIDES[:2])} or {SIDES[2]}")
    found = _number(rate)
    if not 0 <= found <= 1:
        raise UsageError(f"--noise {text}: the rate {rate} is not a number from 0 to 1", hint=HINT)
    if intensity is not None and not 0 < _number(intensity) <= 1:
        raise UsageError(f"--noise {text}: the intensity {intensity} is not over 0 and at most 1")
    return Request(kind, found, None if intensity is None else _number(intensity), side)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0
