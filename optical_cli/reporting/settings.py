"""What `optical report` is told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from optical_cli.bounds import NOT_NEGATIVE
from optical_cli.settings import argument, option


@dataclass(frozen=True, kw_only=True)
class ReportSettings:
    """What goes on the page."""

    scores: tuple[Path, ...] = argument(
        help="JSON lines from optical evaluate or evaluate-alignment.", metavar="SCORES..."
    )
    format: Literal["html", "md", "latex", "csv"] | None = option(
        None, help="What to write; by the suffix of --output (.html .md .tex .csv), else html."
    )
    title: str = option("Retrieval across languages", help="Title of the page.")
    measure: tuple[str, ...] = option(
        (), help="Measure to show, the first one in the plots; all by default.", metavar="MEASURE"
    )
    queries: tuple[str, ...] = option(
        (),
        help="Query texts, for the largest wins and losses; with en=FILE beside the others, the"
        " English ones are shown too. Needs scores with --per-query.",
        metavar="[LANG=]FILE",
    )
    metrics: tuple[str, ...] = option(
        (), help="Training curves: a model's metrics.jsonl.", metavar="[SYSTEM=]FILE"
    )
    plans: tuple[Path, ...] = option(
        (), help="Token alignments from optical evaluate-alignment --plans.", metavar="FILE"
    )
    examples: int = option(
        5, help="Largest wins, and losses, per system.", metavar="N", within=NOT_NEGATIVE
    )
    digits: int = option(3, help="Decimals of the numbers.", metavar="N", within=NOT_NEGATIVE)
