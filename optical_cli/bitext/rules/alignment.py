"""Rules about pairs that `optical score-bitext` found not to belong together."""

import numpy as np
from jaxtyping import Float

from optical_cli.bitext.pairs import PairBatch
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule

Scores = Float[np.ndarray, "pair"]


@rule("cost", "at most", (None, None, None))
def cost(pairs: PairBatch, profile: Profile) -> Scores:
    """Deviations of the transport cost above that of pairs of like length, in scored bitext."""
    return pairs.score("cost_z")


@rule("margin", "at least", (None, None, None))
def margin(pairs: PairBatch, profile: Profile) -> Scores:
    """By how much the transport cost is below that of near neighbors, in scored bitext."""
    return pairs.score("margin")
