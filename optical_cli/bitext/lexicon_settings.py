"""How a lexicon is learned."""

from dataclasses import dataclass
from typing import Literal

from optical_cli.settings import columns, limit, option

Symmetry = Literal["sqrt", "product", "mean", "none"]


@dataclass(frozen=True, kw_only=True)
class LexiconSettings:
    """Training, symmetrisation and pruning of a lexicon (IBM model 1)."""

    iterations: int = option(5, help="Iterations of expectation maximisation, each way.")
    symmetry: Symmetry = option(
        "sqrt",
        help="Weight of source word e for target word f: sqrt is p(e|f) sqrt(p(f|e)), product"
        " p(e|f) p(f|e), mean their average, none p(e|f) alone.",
    )
    max_translations: int = option(10, help="Translations kept for each target word.")
    min_probability: float = option(
        0.01, help="Drop translations below this share of a word's kept ones."
    )
    min_count: int = option(1, help="Drop target words that occur fewer times in the bitext.")


@dataclass(frozen=True, kw_only=True)
class LexiconBitextSettings:
    """What a lexicon is learned from."""

    bitext: tuple[str, ...] = option(
        help="Parallel text: source TAB target; repeatable; - is stdin.", metavar="FILE"
    )
    columns: str = columns("1,2", "source and target")
    limit: int | None = limit("pairs of each file")
