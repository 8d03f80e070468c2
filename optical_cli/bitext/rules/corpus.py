"""Criteria that look beyond the pair: at other pairs, and at the texts of a test set."""

from optical_cli.bitext.rules.rule import Criterion
from optical_cli.bitext.settings import PRESETS


def _thresholds(*values: float | None) -> dict[str, float | None]:
    return dict(zip(PRESETS, values, strict=True))


OVERLAP = Criterion(
    "overlap",
    "Share of the shorter text's character 13-grams that a side has in common with a text of"
    " --exclude-overlap; 1 if they are equal or one holds the other",
    "below",
    _thresholds(0.6, 0.6, 0.6),
)
PAIR = Criterion(
    "dup_pair", "Pairs with the same letters and digits on both sides", "at most",
    _thresholds(1, 1, 1),
)  # fmt: skip
NEAR = Criterion(
    "dup_near", "Edit similarity to a better pair, on the side where it is lower", "at most",
    _thresholds(0.95, 0.93, 0.85),
)  # fmt: skip
CAP = Criterion(
    "dup_cap", "Pairs that share a side, the best counted first", "at most",
    _thresholds(20, 10, 5),
)  # fmt: skip
BEST = Criterion(
    "best", "Share of the pairs left by all other rules whose margin is as good or better, in"
    " scored bitext", "at most", _thresholds(None, None, None),
)  # fmt: skip
CORPUS_RULES = (OVERLAP, PAIR, NEAR, CAP, BEST)
