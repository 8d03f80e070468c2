"""Which of several copies of a pair is kept."""

import numpy as np
from jaxtyping import Float

from optical_cli.bitext.characters import PUNCTUATION
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.profile import Profile


def quality(pairs: PairBatch, profile: Profile) -> Float[np.ndarray, " pair"]:
    """Higher is better: both sides end alike, are not in capitals, and agree in length.

    Only compared between copies, whose words are the same; so it is about form alone.
    """
    ratio = np.maximum(pairs.target.lengths, 1) / np.maximum(pairs.source.lengths, 1)
    distance = np.abs(np.log(ratio / profile.length_ratio))
    ends = [_ends_in_punctuation(side) for side in pairs.sides]
    shouting = np.array([[text.isupper() for text in side.texts] for side in pairs.sides])
    form = 1.0 * (ends[0] & ends[1]) + 0.5 * (ends[0] == ends[1]) - shouting.sum(axis=0)
    return (form - np.minimum(distance, 4) / 8).astype(np.float32)


def _ends_in_punctuation(side: Side) -> np.ndarray:
    filled = side.lengths > 0
    ends = np.zeros(len(side.texts), dtype=bool)
    last = side.chars.codes[side.chars.offsets[1:][filled] - 1]
    ends[filled] = side.classes[last] == PUNCTUATION
    return ends
