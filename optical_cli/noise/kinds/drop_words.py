"""``drop-words``: words that are missing."""

import numpy as np

from optical_cli.noise.chance import some
from optical_cli.noise.kind import text_kind
from optical_cli.text import unit_spans


@text_kind("drop-words", intensity=0.1, share="words that go")
def drop_words(text: str, chance: np.random.Generator, intensity: float) -> str:
    """Each word goes with the probability of the intensity, with the space before it; at least one
    goes and at least one stays. A script without spaces loses grapheme clusters.
    """
    spans = unit_spans(text)
    draws = chance.random(len(spans))
    if len(spans) < 2:
        return text
    gone = some(draws, intensity)
    gone[np.argmax(draws)] = False
    pieces, end = [], 0
    for (_, stop), lost in zip(spans, gone.tolist(), strict=True):
        pieces += [] if lost else [text[end:stop]]
        end = stop
    return ("".join(pieces) + text[end:]).strip()
