"""What a number that a person gives must be."""

import math
from dataclasses import dataclass

from optical_cli.errors import UsageError


@dataclass(frozen=True)
class Bounds:
    """An interval of finite numbers; None is no bound.

    Attributes:
        least: The smallest.
        most: The largest.
        above: All are greater.
        below: All are smaller.
    """

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None

    def __contains__(self, value: float) -> bool:
        return (
            math.isfinite(value)
            and (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        said = {
            "at least": self.least, "above": self.above, "at most": self.most, "below": self.below,
        }  # fmt: skip
        told = [f"{word} {bound:g}" for word, bound in said.items() if bound is not None]
        return " and ".join(told) or "finite"

    def require(self, flag: str, value: float) -> None:
        """Refuse `value` outside of the interval.

        Raises:
            UsageError: It is, and was given by `flag`.
        """
        if value not in self:
            wanted = self if math.isfinite(value) else "finite"
            raise UsageError(f"{flag} {value:g}: must be {wanted}")


COUNT = Bounds(least=1)
NOT_NEGATIVE = Bounds(least=0)
POSITIVE = Bounds(above=0)
SHARE = Bounds(least=0, most=1)
# A share that leaves something.
PART = Bounds(least=0, below=1)
# A share that is something.
FRACTION = Bounds(above=0, most=1)
