"""``misorder``: the right words in a wrong order."""

import numpy as np

from optical_cli.noise.chance import some
from optical_cli.noise.kind import text_kind
from optical_cli.text import refilled, unit_spans


@text_kind("misorder", intensity=1.0, share="words that move")
def misorder(text: str, chance: np.random.Generator, intensity: float) -> str:
    """The moving words change places at random, the rest stays where it is; a script without spaces
    moves grapheme clusters. If every place would get the word it had, they move round by one.

    Each word moves with the probability of the intensity, at least two do. White space stays.

    Source: Khayrallah and Koehn 2018, "On the Impact of Various Types of Noise on Neural Machine
    Translation", misordered words.
    """
    spans = unit_spans(text)
    draws, keys = chance.random(len(spans)), chance.random(len(spans))
    if len(spans) < 2:
        return text
    moving = np.flatnonzero(some(draws, max(intensity, float(np.sort(draws)[1]) + 1e-12)))
    units = [text[start:stop] for start, stop in spans]
    order = moving[np.argsort(keys[moving])]
    if all(units[old] == units[new] for old, new in zip(moving, order, strict=True)):
        order = np.roll(moving, 1)
    arranged = dict(zip(moving.tolist(), order.tolist(), strict=True))
    return refilled(text, spans, [units[arranged.get(n, n)] for n in range(len(units))])
