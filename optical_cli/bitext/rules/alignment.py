"""Rules about pairs that `optical score-bitext` found not to belong together."""

import numpy as np
from jaxtyping import Float

from optical_cli.bitext.pairs import PairBatch
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule

Scores = Float[np.ndarray, " pair"]


@rule("cost", "at most", (None, None, None))
def cost(pairs: PairBatch, profile: Profile) -> Scores:
    """Deviations of the cost above that of pairs of like length, in scored bitext."""
    return pairs.score("cost_z")


@rule("margin", "at least", (None, None, None))
def margin(pairs: PairBatch, profile: Profile) -> Scores:
    """By how much the cost is below that of other partners, in scored bitext."""
    return pairs.score("margin")


@rule("parallel", "at least", (None, None, None))
def parallel(pairs: PairBatch, profile: Profile) -> Scores:
    """Probability that the sides belong together, in bitext that was scored by words."""
    return pairs.score("parallel")
