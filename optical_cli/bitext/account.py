"""The account of a cleaning run: every record read is kept or has one first reason."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

EXAMPLES = 5
EXAMPLE_CHARACTERS = 200


@dataclass
class Account:
    """Counts by input and in total; two accounts of consecutive blocks add up.

    Attributes:
        read: Records read, by input.
        kept: Pairs kept, by input.
        reasons: First reasons, by input and rule.
        flags: Pairs that a rule marked without rejecting, by rule.
        examples: The first few rejected pairs of each rule.
    """

    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    flags: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def reject(self, row: dict[str, Any]) -> None:
        """Count one rejected pair under its rule."""
        self.reasons.setdefault(row["input"], Counter())[row["rule"]] += 1
        self._show(row)

    def _show(self, row: dict[str, Any]) -> None:
        shown = self.examples.setdefault(row["rule"], [])
        if len(shown) < EXAMPLES:
            sides = {name: row[name][:EXAMPLE_CHARACTERS] for name in ("source", "target")}
            shown.append(row | sides)

    def add(self, other: "Account") -> None:
        """Take in the account of the blocks that follow."""
        self.read += other.read
        self.kept += other.kept
        self.flags += other.flags
        for name, reasons in other.reasons.items():
            self.reasons.setdefault(name, Counter()).update(reasons)
        for rule, rows in other.examples.items():
            shown = self.examples.setdefault(rule, [])
            shown.extend(rows[: EXAMPLES - len(shown)])

    def totals(self) -> Counter[str]:
        """First reasons over all inputs."""
        return sum(self.reasons.values(), Counter())

    def check(self) -> None:
        """Assert that read = kept + sum over first reasons, in every input."""
        for name, read in self.read.items():
            rejected = self.reasons.get(name, Counter()).total()
            if read != self.kept[name] + rejected:
                raise AssertionError(
                    f"{name}: read {read}, kept {self.kept[name]}, rejected {rejected}"
                )
