"""What `optical evaluate` is told."""

from dataclasses import dataclass
from typing import Literal

from optical_cli.settings import option

Format = Literal["table", "tsv", "jsonl"]


@dataclass(frozen=True, kw_only=True)
class EvaluateSettings:
    """Which runs are measured how."""

    qrels: tuple[str, ...] = option(
        help="Relevance judgements in TREC format, for one language where LANG is given.",
        metavar="[LANG=]FILE",
    )
    run: tuple[str, ...] = option(
        help="Ranked output in TREC format. SYSTEM is the file's stem by default.",
        metavar="[SYSTEM[/LANG[/SEED]]=]FILE",
    )
    measure: tuple[str, ...] = option(
        ("AP", "nDCG@10", "RR@10", "R@100"),
        help="Measure in ir-measures syntax, such as nDCG@10 or AP(rel=2).",
        metavar="MEASURE",
    )
    tag: tuple[str, ...] = option(
        (), help="Note on every record, such as noise=0.2.", metavar="NAME=VALUE"
    )
    per_query: bool = option(False, help="Give every query's value beside the means.")


@dataclass(frozen=True, kw_only=True)
class ScoresOutputSettings:
    """Where the numbers go."""

    format: Format | None = option(
        None, help="How to write; by the suffix of --output, else table.", occasion=True
    )
    output: str = option(
        "-", help="File to write instead of stdout.", flags=("--output", "-o"), metavar="FILE",
        occasion=True,
    )  # fmt: skip
    overwrite: bool = option(False, help="Replace an existing output.", occasion=True)
