"""Rules about text that repeats itself."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int, UInt64

from optical_cli.bitext.characters import DIGIT, EXPECTED, FOREIGN, LETTER, Characters
from optical_cli.bitext.hashing import scramble, span_hashes
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule
from optical_cli.text.scripts import UNSEGMENTED

Scores = Float[np.ndarray, "pair"]
# The longest unit that is looked for, in words, or in characters where words are not written.
LONGEST_UNIT = 24
SHORT_UNITS = 6
# "No, no, no, no" is speech: what is repeated must be at least this long in all.
SHORTEST_SPAN = 20
IN_WORD = np.isin(np.arange(7), [DIGIT, LETTER, EXPECTED, FOREIGN])


@rule("repetition", "at most", (3, 3, 2))
def repetition(pairs: PairBatch, profile: Profile) -> Scores:
    """How many times the same words stand in a row, on the side where it is more."""
    return np.maximum(*map(_repeats, pairs.sides))


@rule("character_run", "at most", (19, 11, 7))
def character_run(pairs: PairBatch, profile: Profile) -> Scores:
    """Length of the longest run of one character, on the side where it is longer."""
    return np.maximum(*(_longest_run(side.chars) for side in pairs.sides))


def _longest_run(chars: Characters) -> Scores:
    longest = np.minimum(chars.lengths, 1)
    same = chars.codes[1:] == chars.codes[:-1]
    inner = chars.offsets[1:-1]
    same[inner[(inner > 0) & (inner < len(chars.codes))] - 1] = False
    # Characters equal to the one before: few, and in a row where there is a run.
    equal = np.flatnonzero(same)
    begins = np.flatnonzero(np.diff(equal, prepend=-2) > 1)
    lengths = np.diff(begins, append=len(equal)) + 1
    np.maximum.at(longest, chars.rows[equal[begins]], lengths)
    return longest.astype(float)


def _repeats(side: Side) -> Scores:
    starts, stops = _units(side)
    repeats = np.ones(len(side.texts))
    if not len(starts):
        return repeats
    rows = side.chars.rows[starts]
    words = span_hashes(_lower(side.chars.codes), starts, stops)
    # Equal words of different texts become different, so that one comparison tells all.
    words ^= scramble(rows.astype(np.uint64))
    for period in range(1, LONGEST_UNIT + 1):
        if period == SHORT_UNITS + 1:
            # Three times a long unit is more than most texts hold, and those are left out.
            room = np.bincount(rows, minlength=len(repeats)) >= 3 * period
            kept = np.flatnonzero(room[rows])
            rows, words, starts, stops = (v[kept] for v in (rows, words, starts, stops))
        for first, last in _periodic_runs(words, period):
            if stops[last] - starts[first] >= SHORTEST_SPAN:
                row = rows[first]
                repeats[row] = max(repeats[row], (last - first + 1) // period)
    return repeats


def _units(side: Side) -> tuple[Int[np.ndarray, "unit"], Int[np.ndarray, "unit"]]:
    """Where words begin and end; single characters in scripts without spaces."""
    inside = IN_WORD[side.classes]
    if set(side.scripts) & UNSEGMENTED:
        starts = np.flatnonzero(inside)
        return starts, starts + 1
    edge = np.diff(inside.astype(np.int8), prepend=0, append=0)
    border = np.zeros(len(inside) + 1, dtype=bool)
    border[side.chars.offsets] = True
    before = np.concatenate([[False], inside])
    after = np.concatenate([inside, [False]])
    starts = np.flatnonzero((edge == 1) | (border & after))
    stops = np.flatnonzero((edge == -1) | (border & before))
    return starts, stops


def _lower(codes: np.ndarray) -> np.ndarray:
    """ASCII capitals in lower case: enough to see that a sentence begins again."""
    return codes + np.uint32(32) * ((codes >= 65) & (codes <= 90))


def _periodic_runs(words: UInt64[np.ndarray, "unit"], period: int) -> Iterator[tuple[int, int]]:
    """First and last unit of every stretch that repeats itself at `period` three times or more."""
    same = np.flatnonzero(words[period:] == words[:-period])
    # Where so many stand in a row, the last is that much further than the first.
    reach = 2 * period - 1
    if not (same[reach:] - same[:-reach] == reach).any():
        return
    begins = np.flatnonzero(np.diff(same, prepend=-2) > 1)
    lengths = np.diff(begins, append=len(same))
    for begin, length in zip(begins.tolist(), lengths.tolist(), strict=True):
        if length > reach:
            yield int(same[begin]), int(same[begin] + length + period - 1)
