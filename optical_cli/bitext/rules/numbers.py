"""A rule that marks pairs whose numbers differ."""

import functools
import re
import unicodedata
from collections import Counter

import numpy as np
from jaxtyping import Float, UInt8, UInt64

from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.passes import digit_hashes
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule
from optical_cli.text import code_point_table
from optical_cli.text.scripts import CODE_POINTS

# 1,000 and 1.000 and 1 000 are one number to this rule.
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f' ]\d{3})*")


@rule("numbers", "at most", (0, 0, 0), flags=True, dear=True)
def numbers(pairs: PairBatch, profile: Profile) -> Float[np.ndarray, " pair"]:
    """Share of the numbers of either side that the other lacks; 0 if neither has one."""
    scores = np.zeros(len(pairs))
    # Most pairs have the same digits in the same order; only others are looked at closely.
    differ = _digit_hashes(pairs.source) != _digit_hashes(pairs.target)
    for row in np.flatnonzero(differ).tolist():
        source, target = (_numbers(side.texts[row]) for side in pairs.sides)
        scores[row] = _difference(source, target)
    return scores


def _digit_hashes(side: Side) -> UInt64[np.ndarray, " text"]:
    return digit_hashes(side.chars.codes, side.chars.offsets, _digit_values())


@functools.cache
def _digit_values() -> UInt8[np.ndarray, "1114112"]:
    """One more than the value of every decimal digit, of any script; 0 for all else."""
    table = np.zeros(CODE_POINTS, dtype=np.uint8)
    for point in np.flatnonzero(code_point_table(r"\p{Nd}")).tolist():
        table[point] = 1 + unicodedata.digit(chr(point), -1)
    return table


def _numbers(text: str) -> Counter[str]:
    """Numbers as ASCII digits without leading zeros."""
    return Counter(map(_plain, _NUMBER.findall(text)))


def _plain(number: str) -> str:
    if not number.isdecimal():
        number = "".join(filter(str.isdecimal, number))
    if not number.isascii():
        number = "".join(str(unicodedata.decimal(digit)) for digit in number)
    return number.lstrip("0") or "0"


def _difference(one: Counter[str], other: Counter[str]) -> float:
    total = (one | other).total()
    return 1 - (one & other).total() / total if total else 0.0
