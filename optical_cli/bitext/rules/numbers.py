"""A rule that marks pairs whose numbers differ."""

import re
from collections import Counter

import numpy as np
from jaxtyping import Float

from optical_cli.bitext.characters import DIGIT
from optical_cli.bitext.pairs import PairBatch
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule

# 1,000 and 1.000 and 1 000 are one number to this rule.
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f' ]\d{3})*")


@rule("numbers", "at most", (0, 0, 0), flags=True, dear=True)
def numbers(pairs: PairBatch, profile: Profile) -> Float[np.ndarray, "pair"]:
    """Share of the numbers of either side that the other lacks; 0 if neither has one."""
    scores = np.zeros(len(pairs))
    digits = pairs.source.counts[:, DIGIT] + pairs.target.counts[:, DIGIT]
    for row in np.flatnonzero(digits).tolist():
        source, target = (side.texts[row] for side in pairs.sides)
        # Most pairs have the same digits in the same order; only others are looked at closely.
        if _DIGITS.findall(source) != _DIGITS.findall(target):
            scores[row] = _difference(_numbers(source), _numbers(target))
    return scores


def _numbers(text: str) -> Counter[str]:
    """Numbers as ASCII digits: int() reads those of every script."""
    runs = ("".join(c for c in match if c.isdecimal()) for match in _NUMBER.findall(text))
    return Counter(str(int(run[:400])) for run in runs)


def _difference(one: Counter[str], other: Counter[str]) -> float:
    total = (one | other).total()
    return 1 - (one & other).total() / total if total else 0.0
