"""The rules by which pairs are judged, in the order in which they are asked."""

from optical_cli.bitext.rules.alignment import cost, margin, parallel
from optical_cli.bitext.rules.copies import identical, similar
from optical_cli.bitext.rules.corpus import BEST, CORPUS_RULES
from optical_cli.bitext.rules.language import source_language, target_language
from optical_cli.bitext.rules.lengths import empty, length_ratio, too_long, too_short
from optical_cli.bitext.rules.markup import markup
from optical_cli.bitext.rules.mojibake import mojibake
from optical_cli.bitext.rules.numbers import numbers
from optical_cli.bitext.rules.repetition import character_run, repetition
from optical_cli.bitext.rules.rule import Criterion, Rule
from optical_cli.bitext.rules.shares import (
    digit_share,
    letter_share,
    long_word,
    punctuation_share,
    script,
)
from optical_cli.bitext.rules.thresholds import thresholds_of

# Cheap before dear: a pair that an earlier rule rejects is not scored by a later dear one.
RULES: tuple[Rule, ...] = (
    empty,
    too_long,
    too_short,
    length_ratio,
    long_word,
    letter_share,
    digit_share,
    punctuation_share,
    script,
    identical,
    repetition,
    character_run,
    markup,
    similar,
    mojibake,
    numbers,
    source_language,
    target_language,
    cost,
    margin,
    parallel,
)

# What can only be asked of bitext that `optical score-bitext` has seen, and by which of its scores.
SCORED = {
    cost.name: "cost_z", margin.name: "margin", parallel.name: "parallel", BEST.name: "margin",
}  # fmt: skip


def thresholds(preset: str, changes: tuple[str, ...]) -> dict[str, float]:
    """The threshold of every rule that is on, by its name; rules that only flag are off."""
    return thresholds_of((*RULES, *CORPUS_RULES), preset, changes)


__all__ = ["CORPUS_RULES", "RULES", "SCORED", "Criterion", "Rule", "thresholds"]
