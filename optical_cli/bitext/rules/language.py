"""Rules about sides in another language than they should be."""

import numpy as np
from jaxtyping import Float

from optical_cli.bitext.identify import supported
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule
from optical_cli.text import canonical

Scores = Float[np.ndarray, " pair"]


@rule("source_language", "at most", (0.6, 0.6, 0.5), dear=True)
def source_language(pairs: PairBatch, profile: Profile) -> Scores:
    """Probability that the source is in another language, where it has 20 letters or more."""
    return _other_language(pairs.source, profile.source_lang)


@rule("target_language", "at most", (0.6, 0.6, 0.5), dear=True)
def target_language(pairs: PairBatch, profile: Profile) -> Scores:
    """Probability that the target is in another language, where it has 20 letters or more."""
    return _other_language(pairs.target, profile.target_lang)


def _other_language(side: Side, code: str) -> Scores:
    """Not a number where nothing can be said: too short, or a language that nobody can tell."""
    scores = np.full(len(side.texts), np.nan)
    expected = canonical(code)
    if expected not in supported():
        return scores
    codes, likely = side.languages
    for row, found in enumerate(codes):
        if found:
            scores[row] = likely[row] if found != expected else 0.0
    return scores
