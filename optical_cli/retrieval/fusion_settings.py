"""How runs are fused."""

from dataclasses import dataclass
from typing import Literal

from optical_cli.bounds import COUNT, NOT_NEGATIVE, Bounds
from optical_cli.settings import argument, option

Normalization = Literal["minmax", "zscore", "none"]


@dataclass(frozen=True, kw_only=True)
class FusionRunsSettings:
    """What is fused."""

    runs: tuple[str, ...] = argument(help="TREC runs of the same queries.", metavar="RUN...")
    top_k: int = option(1000, help="Passages kept for each query.", within=COUNT)
    tag: str = option("fused", help="Name of the system in the run's last column.")


@dataclass(frozen=True, kw_only=True)
class FusionSettings:
    """The method and its constants."""

    method: Literal["reciprocal-rank", "weighted"] = option(
        "reciprocal-rank", help="By rank alone, or by normalised score."
    )
    weight: tuple[float, ...] = option(
        (),
        help="Weight of each run, in their order; repeatable. Default: all 1.",
        metavar="W",
        within=Bounds(),
    )
    k: float = option(
        60.0, help="Constant of reciprocal-rank: the larger, the flatter.", within=NOT_NEGATIVE
    )
    normalization: Normalization = option(
        "minmax", help="Normalisation of weighted's scores within each query."
    )
