"""What `optical prepare-bitext` can be told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from optical_cli.bounds import COUNT, FRACTION, NOT_NEGATIVE, SHARE
from optical_cli.settings import argument, option

Preset = Literal["gentle", "standard", "strict"]
PRESETS: tuple[Preset, ...] = ("gentle", "standard", "strict")


@dataclass(frozen=True, kw_only=True)
class InputPathsSettings:
    """What is read."""

    inputs: tuple[str, ...] = argument(
        (), help="Files with parallel text; - is stdin.", metavar="INPUT..."
    )


@dataclass(frozen=True, kw_only=True)
class BitextInputSettings:
    """How the inputs are read."""

    source_lang: str = option("en", help="Language of the source side: the teacher's.")
    target_lang: str | None = option(None, help="Language of the target side: the student's.")
    columns: str | None = option(
        None,
        help="Columns that hold source and target, counted from 1, or two field names."
        " Default: 1,2, or the fields named after the languages.",
        metavar="A,B",
    )
    format: Literal["auto", "tsv", "moses", "tmx", "jsonl", "parquet", "zip"] = option(
        "auto", help="Format of every input; auto tells it by its content."
    )
    on_malformed: Literal["reject", "fail"] = option(
        "reject", help="A record that gives no pair is rejected and counted, or ends the run."
    )
    limit: int | None = option(
        None,
        help="Read only the first so many records of each input; for trial runs.",
        metavar="N",
        within=COUNT,
    )


@dataclass(frozen=True, kw_only=True)
class CleaningSettings:
    """Which pairs are kept."""

    preset: Preset = option("gentle", help="Thresholds: gentle, standard or strict.")
    rule: tuple[str, ...] = option(
        (), help="Change one rule: NAME=VALUE, or NAME=off. Repeatable.", metavar="NAME=VALUE"
    )
    exclude_overlap: tuple[Path, ...] = option(
        (),
        help="Queries, collection or bitext whose texts must not be in the output. Repeatable.",
        metavar="FILE",
    )
    cap_per_side: int | None = option(
        None,
        help="Keep at most so many pairs that share a side; 0 is no limit. Default: the preset's.",
        metavar="N",
        within=NOT_NEGATIVE,
    )
    keep_best: float | None = option(
        None,
        help="Keep only this share of what the rules leave, by the margin that `optical"
        " score-bitext` gave.",
        metavar="SHARE",
        within=FRACTION,
    )
    flag_only: bool = option(
        False, help="Keep every pair, and write what would be rejected to flagged.jsonl.zst."
    )
    moses_punctuation: bool = option(
        False, help="Also normalize punctuation as the Moses scripts do (slow)."
    )
    max_reject_share: float = option(
        0.5,
        help="Warn if a larger share of the records read is rejected.",
        within=SHARE,
    )


@dataclass(frozen=True, kw_only=True)
class BitextOutputSettings:
    """What is written."""

    output: Path | None = option(
        None,
        help="Directory to write; whole when its manifest.json is there.",
        flags=("--output", "-o"),
        metavar="DIR",
        occasion=True,
    )
    overwrite: bool = option(False, help="Replace an existing output.", occasion=True)
    dev: str = option(
        "0.02", help="Pairs to hold out: a number, or a share below 1; 0 writes no dev file."
    )
    write: Literal["tsv", "moses", "jsonl", "parquet"] = option(
        "tsv", help="Format of the train and dev files."
    )
    compress: Literal["none", "gz", "bz2", "xz", "zst"] = option(
        "none", help="Compression of the train and dev files."
    )
    workers: int = option(
        1,
        help="Processes that clean in parallel; the output is the same.",
        occasion=True,
        within=COUNT,
    )
    explain: bool = option(
        False, help="Print the rules with their thresholds, and stop.", occasion=True
    )
