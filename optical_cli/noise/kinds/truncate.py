"""``truncate``: a sentence that breaks off."""

import math

import numpy as np

from optical_cli.noise.kind import text_kind
from optical_cli.text import unit_spans


@text_kind("truncate", intensity=0.5, share="words cut off")
def truncate(text: str, chance: np.random.Generator, intensity: float) -> str:
    """The last words are cut off: the intensity's share of them, rounded up, but never the first
    word. A script without spaces loses grapheme clusters.
    """
    spans = unit_spans(text)
    cut = min(math.ceil(intensity * len(spans)), len(spans) - 1)
    return text if cut < 1 else text[: spans[-cut - 1][1]]
