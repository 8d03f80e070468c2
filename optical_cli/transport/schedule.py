"""How strongly transport is regularized, and how that changes while a student trains."""

import math
from dataclasses import dataclass

from optical_cli.errors import UsageError


@dataclass(frozen=True)
class Amount:
    """A regularization strength.

    Attributes:
        value: Positive; infinity is allowed where a solver has that limit.
        relative: Whether the unit is each problem's own cost deviation instead of the cost.
    """

    value: float
    relative: bool = False

    @classmethod
    def parse(cls, text: "str | float | Amount") -> "Amount":
        """Read ``0.05``, ``0.05x`` (in units of each problem's cost deviation) or ``inf``.

        Raises:
            UsageError: `text` is none of these, or is not positive.
        """
        if isinstance(text, Amount):
            return text
        number = str(text).strip()
        relative = number.endswith("x")
        try:
            value = float(number.removesuffix("x"))
        except ValueError:
            value = math.nan
        if not value > 0:
            raise UsageError(
                f"{number!r} is no regularization strength",
                hint="write a positive number in units of the cost (0.05), or in units of each"
                " problem's cost deviation (0.5x)",
            )
        return cls(value, relative and math.isfinite(value))

    def __str__(self) -> str:
        return f"{self.value:g}{'x' if self.relative else ''}"


@dataclass(frozen=True)
class EpsilonSchedule:
    """Epsilon over the training steps: 1 / epsilon grows linearly, then stays.

    The inverse is what anneals, so that the schedule can start at infinity, where the Sinkhorn
    divergence is the pooled loss, and pass through every amount of blur.

    Attributes:
        start: At the first step.
        end: From `share` of the steps onwards.
        share: Share of the training steps over which epsilon moves, in (0, 1].
    """

    start: Amount
    end: Amount
    share: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "EpsilonSchedule":
        """Read ``START:END`` or ``START:END@SHARE``, such as ``inf:0.05x@0.5``.

        Raises:
            UsageError: `text` is malformed, or mixes units of cost and of its deviation.
        """
        span, at, share = text.partition("@")
        start, colon, end = span.partition(":")
        if not colon or (at and not _is_share(share)):
            raise UsageError(
                f"{text!r} is no epsilon schedule", hint="write START:END or START:END@SHARE, "
                "such as inf:0.05x@0.5",
            )  # fmt: skip
        schedule = cls(Amount.parse(start), Amount.parse(end), float(share) if at else 1.0)
        finite = [a for a in (schedule.start, schedule.end) if math.isfinite(a.value)]
        if len({amount.relative for amount in finite}) > 1:
            raise UsageError(f"epsilon schedule {text!r} mixes units: x on both ends or on neither")
        return schedule

    def at(self, progress: float) -> Amount:
        """Epsilon after `progress`, a share of the training steps in [0, 1]."""
        moved = min(max(progress / self.share, 0.0), 1.0)
        inverse = (1 - moved) / self.start.value + moved / self.end.value
        relative = self.start.relative or self.end.relative
        return Amount(1 / inverse, relative) if inverse else Amount(math.inf)


def _is_share(text: str) -> bool:
    try:
        return 0 < float(text) <= 1
    except ValueError:
        return False
