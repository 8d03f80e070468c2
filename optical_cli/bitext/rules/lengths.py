"""Rules about how long the sides are."""

import numpy as np
from jaxtyping import Float

from optical_cli.bitext.characters import DIGIT
from optical_cli.bitext.pairs import PairBatch
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule

Scores = Float[np.ndarray, " pair"]
# Below this a ratio says nothing: "Yes." is legitimately three times as long elsewhere.
SHORT = 15


@rule("empty", "at least", (1, 1, 1))
def empty(pairs: PairBatch, profile: Profile) -> Scores:
    """Visible characters of the shorter side."""
    return np.minimum(pairs.source.visible, pairs.target.visible).astype(float)


@rule("too_long", "at most", (1024, 768, 512))
def too_long(pairs: PairBatch, profile: Profile) -> Scores:
    """Characters of the longer side."""
    return np.maximum(pairs.source.lengths, pairs.target.lengths).astype(float)


@rule("too_short", "at least", (1, 1, 2))
def too_short(pairs: PairBatch, profile: Profile) -> Scores:
    """Letters, marks and digits of the shorter side."""
    counts = [side.letters + side.counts[:, DIGIT] for side in pairs.sides]
    return np.minimum(*counts).astype(float)


@rule("length_ratio", "at most", (4.0, 3.0, 2.5))
def length_ratio(pairs: PairBatch, profile: Profile) -> Scores:
    """Characters of the longer side per character of the shorter, scaled by the pair's median."""
    source, target = pairs.source.lengths.astype(float), pairs.target.lengths.astype(float)
    ratio = np.maximum(target, 1) / np.maximum(source, 1) / profile.length_ratio
    short = np.maximum(source, target) < SHORT
    return np.where(short, np.nan, np.maximum(ratio, 1 / ratio))
