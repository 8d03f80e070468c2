"""The rules by which pairs are judged, in the order in which they are asked."""

from optical_cli.bitext.rules.lengths import empty, length_ratio, too_long, too_short
from optical_cli.bitext.rules.rule import Rule
from optical_cli.bitext.rules.thresholds import thresholds_of

# Cheap before dear: a pair that an earlier rule rejects is not scored by a later dear one.
RULES: tuple[Rule, ...] = (empty, too_long, too_short, length_ratio)


def thresholds(preset: str, changes: tuple[str, ...]) -> dict[str, float]:
    """The threshold of every rule that is on, by its name."""
    return thresholds_of(RULES, preset, changes)


__all__ = ["RULES", "Rule", "thresholds"]
