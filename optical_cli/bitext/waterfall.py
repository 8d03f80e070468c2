"""What was read, what each rule took, and what is left."""

from collections import Counter
from collections.abc import Iterator

from optical_cli.bitext.account import Account
from optical_cli.bitext.rules import CORPUS_RULES, RULES


def in_rule_order(counts: Counter[str]) -> dict[str, int]:
    """Counts by rule in the order in which the rules are asked; malformed records first."""
    places = {rule.name: place for place, rule in enumerate((*RULES, *CORPUS_RULES))}
    names = sorted(counts, key=lambda name: (places.get(name, -1), name))
    return {name: counts[name] for name in names}


def waterfall_rows(account: Account) -> Iterator[tuple[str, int]]:
    """Names and counts, from what was read to what is kept."""
    yield "read", account.read.total()
    yield from in_rule_order(account.totals()).items()
    yield "kept", account.kept.total()


def waterfall(account: Account) -> str:
    """The same as text, a line each."""
    return "\n".join(f"  {name}: {count}" for name, count in waterfall_rows(account))
