"""``typos``: slips of the keyboard."""

from collections.abc import Sequence

import numpy as np

from optical_cli.noise.chance import some
from optical_cli.noise.kind import text_kind
from optical_cli.text import graphemes

DELETE, SWAP, REPLACE, DOUBLE = range(4)


@text_kind("typos", intensity=0.1, share="letters hit")
def typos(text: str, chance: np.random.Generator, intensity: float) -> str:
    """Each letter is hit with the probability of the intensity, at least one is: it is deleted,
    doubled, swapped with the letter after it, or replaced by another letter of the sentence, each
    as likely. From left to right; a letter is a grapheme cluster that begins with a letter.

    A last letter of a word is doubled instead of swapped, as is one without another letter in the
    sentence instead of replaced.
    """
    clusters = graphemes(text)
    places = [place for place, cluster in enumerate(clusters) if cluster[0].isalpha()]
    draws, picks = chance.random(len(places)), chance.random(len(places))
    slips = chance.integers(DOUBLE + 1, size=len(places))
    letters = sorted({clusters[place] for place in places})
    out = list(clusters)
    for number in np.flatnonzero(some(draws, intensity)).tolist():
        place = places[number]
        follows = number + 1 < len(places) and places[number + 1] == place + 1
        _slip(out, place, slips[number], follows, letters, picks[number])
    return "".join(out)


def _slip(
    out: list[str], place: int, slip: int, follows: bool, letters: Sequence[str], pick: float
) -> None:
    """Change the letter at `place` of `out`; `follows` says that a letter comes next."""
    letter = out[place]
    others = [other for other in letters if other != letter]
    if slip == DELETE:
        out[place] = ""
    elif slip == SWAP and follows:
        out[place], out[place + 1] = out[place + 1], letter
    elif slip == REPLACE and others:
        out[place] = others[int(pick * len(others))]
    else:
        out[place] = letter * 2
