"""Sizes of the toy world."""

from dataclasses import dataclass

from optical_cli.bounds import COUNT, Bounds
from optical_cli.settings import option


@dataclass(frozen=True, kw_only=True)
class ToySettings:
    """How large the world is, and how dirty its bitext."""

    passages: int = option(600, help="Passages in the collection.", within=COUNT)
    queries: int = option(120, help="Queries, each in English and in Swahili.", within=COUNT)
    triples: int = option(
        3000, help="Training triples: query, positive and negative passage.", within=COUNT
    )
    pairs: int = option(4000, help="Lines of raw bitext, the dirty ones included.", within=COUNT)
    dirt: float = option(
        0.06,
        help="Share of the bitext's lines that are dirty, 0 to 1.",
        within=Bounds(least=0, most=0.5),
    )
    alignments: int = option(
        200, help="Sentence pairs with their true token alignment.", within=COUNT
    )
