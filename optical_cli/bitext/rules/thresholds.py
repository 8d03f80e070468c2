"""Thresholds: a preset's, changed by ``--rule NAME=VALUE|off``."""

from collections.abc import Sequence

from optical_cli.bitext.rules.rule import Criterion, Rule
from optical_cli.errors import UsageError
from optical_cli.settings import nearest


def thresholds_of(
    rules: Sequence[Criterion], preset: str, changes: Sequence[str]
) -> dict[str, float]:
    """The threshold of every rule that is on.

    Raises:
        UsageError: A change names no rule, or its value is no number and not ``off``.
    """
    limits = {
        rule.name: None if isinstance(rule, Rule) and rule.flags else rule.thresholds[preset]
        for rule in rules
    }
    for change in changes:
        name, _, value = change.partition("=")
        if name not in limits:
            known = nearest(name, limits)
            raise UsageError(f"--rule {change}: there is no rule {name}{known}",
                             hint="--explain prints the rules")  # fmt: skip
        limits[name] = None if value == "off" else _number(change, value)
    if limits.get("empty", 1) is None:
        raise UsageError("--rule empty=off: a pair has two sides")
    return {name: limit for name, limit in limits.items() if limit is not None}


def _number(change: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if number != number:
        raise UsageError(f"--rule {change}: expected a number or off")
    return number
