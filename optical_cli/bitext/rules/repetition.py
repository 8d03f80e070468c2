"""Rules about text that repeats itself."""

import functools

import numpy as np
from jaxtyping import Bool, Float

from optical_cli.bitext.characters import DIGIT, EXPECTED, FOREIGN, LETTER, class_table
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.passes import repeats
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule
from optical_cli.text.scripts import UNSEGMENTED

Scores = Float[np.ndarray, " pair"]
# The longest unit that is looked for, in words, or in characters where words are not written.
LONGEST_UNIT = 24
# "No, no, no, no" is speech: what is repeated must be at least this long in all.
SHORTEST_SPAN = 20


@rule("repetition", "at most", (3, 3, 2))
def repetition(pairs: PairBatch, profile: Profile) -> Scores:
    """How many times the same words stand in a row, on the side where it is more."""
    return np.maximum(*map(_repeats, pairs.sides))


@rule("character_run", "at most", (19, 11, 7))
def character_run(pairs: PairBatch, profile: Profile) -> Scores:
    """Length of the longest run of one character, on the side where it is longer."""
    return np.maximum(*(side.longest_runs for side in pairs.sides)).astype(float)


def _repeats(side: Side) -> Scores:
    """Words, or characters in scripts without spaces, in a row."""
    single = bool(set(side.scripts) & UNSEGMENTED)
    return repeats(
        side.chars.codes, side.chars.offsets, _in_word(side.scripts), single, LONGEST_UNIT,
        SHORTEST_SPAN,
    )  # fmt: skip


@functools.cache
def _in_word(scripts: tuple[str, ...]) -> Bool[np.ndarray, "1114112"]:
    return np.isin(class_table(scripts), [DIGIT, LETTER, EXPECTED, FOREIGN])
