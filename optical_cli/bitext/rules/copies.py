"""Rules about sides that were not translated."""

import numpy as np
from jaxtyping import Float
from rapidfuzz import fuzz, process

from optical_cli.bitext.pairs import PairBatch
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule

Scores = Float[np.ndarray, " pair"]
# Up to this many letters and digits two names are alike by chance.
SHORT_KEY = 10


@rule("identical", "at most", (0, 0, 0))
def identical(pairs: PairBatch, profile: Profile) -> Scores:
    """1 if the sides have the same letters and digits, else 0."""
    return (pairs.source.keys == pairs.target.keys).astype(float)


@rule("similar", "at most", (0.9, 0.8, 0.7))
def similar(pairs: PairBatch, profile: Profile) -> Scores:
    """Edit similarity of the sides, unless the languages have no script in common."""
    scores = np.full(len(pairs), np.nan)
    scripts = profile.source_scripts, profile.target_scripts
    if all(scripts) and not set(scripts[0]) & set(scripts[1]):
        return scores
    source, target = pairs.source.key_chars, pairs.target.key_chars
    rows = np.flatnonzero(np.minimum(source.lengths, target.lengths) > SHORT_KEY)
    if len(rows):
        sides = source.take(rows).texts(), target.take(rows).texts()
        scores[rows] = process.cpdist(*sides, scorer=fuzz.ratio) / 100
    return scores
