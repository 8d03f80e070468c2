"""Rules about what kinds of characters the sides are made of."""

import numpy as np
from jaxtyping import Float

from optical_cli.bitext.characters import (
    DIGIT,
    EXPECTED,
    FOREIGN,
    LETTER,
    PUNCTUATION,
)
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule
from optical_cli.text.scripts import UNSEGMENTED

Scores = Float[np.ndarray, " pair"]
# One character stands for a syllable or a word: a Latin name would outweigh a Chinese sentence.
IDEOGRAPHIC = frozenset({"Han", "Hiragana", "Katakana", "Hangul"})
LETTERS_PER_IDEOGRAPH = 3


@rule("letter_share", "at least", (0.5, 0.55, 0.6))
def letter_share(pairs: PairBatch, profile: Profile) -> Scores:
    """Share of letters and marks among visible characters, on the side with fewer."""
    return np.minimum(*(side.share(LETTER, EXPECTED, FOREIGN) for side in pairs.sides))


@rule("digit_share", "at most", (0.5, 0.4, 0.3))
def digit_share(pairs: PairBatch, profile: Profile) -> Scores:
    """Share of digits among visible characters, on the side with more."""
    return np.maximum(*(side.share(DIGIT) for side in pairs.sides))


@rule("punctuation_share", "at most", (0.5, 0.4, 0.35))
def punctuation_share(pairs: PairBatch, profile: Profile) -> Scores:
    """Share of punctuation and symbols among visible characters, on the side with more."""
    return np.maximum(*(side.share(PUNCTUATION) for side in pairs.sides))


@rule("script", "at least", (0.5, 0.6, 0.7))
def script(pairs: PairBatch, profile: Profile) -> Scores:
    """Share of letters in the language's script, on the side with fewer; none known: no check."""
    return np.fmin(*map(_expected_share, pairs.sides))


def _expected_share(side: Side) -> Scores:
    expected, foreign = side.counts[:, EXPECTED], side.counts[:, FOREIGN]
    if set(side.scripts) & IDEOGRAPHIC:
        expected = expected * LETTERS_PER_IDEOGRAPH
    total = expected + foreign
    applies = (total > 0) & bool(side.scripts)
    return np.where(applies, expected / np.maximum(total, 1), np.nan)


@rule("long_word", "at most", (150, 100, 60))
def long_word(pairs: PairBatch, profile: Profile) -> Scores:
    """Characters of the longest word, in scripts that put space between words."""
    return np.fmax(*map(_longest_word, pairs.sides))


def _longest_word(side: Side) -> Scores:
    if set(side.scripts) & UNSEGMENTED:
        return np.full(len(side.texts), np.nan)
    return side.longest_words.astype(float)
