"""The account of a cleaning run: every record read is kept or has one first reason."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Int

EXAMPLES = 5
EXAMPLE_CHARACTERS = 300
# Upper ends of the histograms' bins: characters of a side, and the scaled ratio as a power of two.
LENGTH_BINS = (5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 500, 1024)
RATIO_BINS = tuple(step / 4 for step in range(-10, 11))
BINS = {"source": LENGTH_BINS, "target": LENGTH_BINS, "ratio": RATIO_BINS}


def new_histograms() -> dict[str, Int[np.ndarray, " bin"]]:
    """Nothing counted yet."""
    return {name: np.zeros(len(bins) + 1, dtype=np.int64) for name, bins in BINS.items()}


def histograms(
    source: Int[np.ndarray, " pair"], target: Int[np.ndarray, " pair"], usual_ratio: float
) -> dict[str, Int[np.ndarray, " bin"]]:
    """How pairs of these lengths fall into the bins."""
    ratio = np.log2(np.maximum(target, 1) / np.maximum(source, 1) / usual_ratio)
    values = {"source": source, "target": target, "ratio": ratio}
    return {
        name: np.bincount(np.searchsorted(bins, values[name]), minlength=len(bins) + 1)
        for name, bins in BINS.items()
    }


@dataclass
class Account:
    """Counts by input and in total; two accounts of consecutive blocks add up.

    Attributes:
        read: Records read, by input.
        kept: Pairs kept, by input.
        reasons: First reasons, by input and rule.
        flags: Pairs that a rule marked without rejecting, by rule.
        examples: The first few rejected pairs of each rule.
        languages: How many texts of a side look like a language, by (side, code).
        before: Histograms of the pairs read.
        after: Histograms of the pairs kept.
        seconds: Processor seconds by step; differs from run to run.
    """

    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    flags: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    languages: Counter[tuple[str, str]] = field(default_factory=Counter)
    before: dict[str, np.ndarray] = field(default_factory=new_histograms)
    after: dict[str, np.ndarray] = field(default_factory=new_histograms)
    seconds: Counter[str] = field(default_factory=Counter)

    def reject(self, row: dict[str, Any]) -> None:
        """Count one rejected pair under its rule."""
        self.reasons.setdefault(row["input"], Counter())[row["rule"]] += 1
        self.show(row)

    def show(self, row: dict[str, Any]) -> None:
        """Keep a rejected or marked pair as an example, if there are not enough."""
        shown = self.examples.setdefault(row["rule"], [])
        if len(shown) < EXAMPLES:
            sides = {name: row[name][:EXAMPLE_CHARACTERS] for name in ("source", "target")}
            shown.append(row | sides)

    def add(self, other: "Account") -> None:
        """Take in the account of the block that follows."""
        for name in ("read", "kept", "flags", "languages", "seconds"):
            getattr(self, name).update(getattr(other, name))
        for name, reasons in other.reasons.items():
            self.reasons.setdefault(name, Counter()).update(reasons)
        for rule, rows in other.examples.items():
            shown = self.examples.setdefault(rule, [])
            shown.extend(rows[: EXAMPLES - len(shown)])
        for name in BINS:
            self.before[name] += other.before[name]
            self.after[name] += other.after[name]

    def totals(self) -> Counter[str]:
        """First reasons over all inputs."""
        return sum(self.reasons.values(), Counter())

    def check(self) -> None:
        """Raise unless read = kept + sum over first reasons, in every input."""
        for name, read in self.read.items():
            rejected = self.reasons.get(name, Counter()).total()
            if read != self.kept[name] + rejected:
                raise AssertionError(
                    f"{name}: read {read}, kept {self.kept[name]}, rejected {rejected}"
                )
