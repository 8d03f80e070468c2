"""Options of making an index."""

from dataclasses import dataclass
from pathlib import Path

from optical_cli.bounds import COUNT
from optical_cli.settings import option


@dataclass(frozen=True, kw_only=True)
class IndexSettings:
    """What is indexed, and how small."""

    collection: Path = option(help="Passage vectors, from optical encode.", metavar="DIR")
    bits: int = option(4, help="Bits for each dimension of a token's residual: 1, 2 or 4.")
    centroids: int | None = option(
        None,
        help="Centroids; the power of two below 16 sqrt(tokens) by default, 65,536 at most.",
        within=COUNT,
    )
    sample: int = option(
        40,
        help="Token vectors for each centroid from which centroids and codes are learned.",
        within=COUNT,
    )
    device: str = option(
        "auto", help="auto, cpu, cuda or cuda:N. auto warns if a GPU is there but unusable."
    )
