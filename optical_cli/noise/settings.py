"""What `optical inject-noise` is told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from optical_cli.bounds import Bounds
from optical_cli.settings import argument, columns, limit, option

# Pairs between which a stream's targets are exchanged unless told.
STREAM_WINDOW = 10_000


@dataclass(frozen=True, kw_only=True)
class NoiseInputSettings:
    """What is read."""

    bitext: str | None = argument(
        None, help="Parallel text, tab-separated; - is stdin.", metavar="INPUT"
    )
    columns: str = columns("1,2", "source and target")
    limit: int | None = limit("pairs")


@dataclass(frozen=True, kw_only=True)
class NoiseSettings:
    """Which noise, and how much."""

    noise: tuple[str, ...] = option(
        (),
        help="Kind, the share of the pairs that it hits, and what share of such a text it changes:"
        " misalign=0.2, misorder@source=0.1, typos=0.3:0.1. SIDE is target unless said, or source"
        " or either. Repeatable.",
        metavar="KIND[@SIDE]=RATE[:INTENSITY]",
    )
    mode: Literal["replace", "add"] = option(
        "replace", help="A noisy pair takes the place of the clean one, or is added behind it."
    )
    window: int | None = option(
        None,
        help="Exchange targets within windows of so many pairs instead of over the whole file"
        f" (stdin: {STREAM_WINDOW:,}).",
        metavar="N",
        within=Bounds(least=2),  # a derangement needs two pairs
    )


@dataclass(frozen=True, kw_only=True)
class NoiseMaterialSettings:
    """Files that some kinds draw on."""

    other_bitext: Path | None = option(
        None,
        help="For wrong-language: bitext of the same source language and a third one.",
        metavar="FILE",
    )
    other_columns: str = columns("1,2", "source and target of --other-bitext")
    crawl: Path | None = option(
        None, help="For crawl: raw pairs, each with two sides.", metavar="FILE"
    )
    crawl_columns: str = columns("1,2", "source and target of --crawl")
    lexicon: Path | None = option(
        None, help="For code-switch: translation probabilities of optical lexicon.", metavar="FILE"
    )


@dataclass(frozen=True, kw_only=True)
class NoiseOutputSettings:
    """What is written."""

    output: str | None = option(
        None,
        help="File to write, compressed by its suffix (.gz .bz2 .xz .zst); - is stdout.",
        flags=("--output", "-o"), metavar="FILE", occasion=True,
    )  # fmt: skip
    ledger: str | None = option(
        None,
        help="Also write what was done to which pair here: JSON lines with before and after.",
        metavar="FILE", occasion=True,
    )  # fmt: skip
    overwrite: bool = option(False, help="Replace an existing output.", occasion=True)
    list_kinds: bool = option(
        False, help="Explain the kinds of noise, and stop.", flags=("--list",), occasion=True
    )
