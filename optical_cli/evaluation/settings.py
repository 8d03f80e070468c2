"""What `optical evaluate` is told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from optical_cli.bounds import COUNT, Bounds
from optical_cli.settings import columns, option

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
        help="Measure in ir-measures syntax, such as nDCG@10, AP(rel=2) or Judged@10.",
        metavar="MEASURE",
    )
    tag: tuple[str, ...] = option(
        (), help="Note on every record, such as noise=0.2.", metavar="NAME=VALUE"
    )
    per_query: bool = option(False, help="Give every query's value beside the means.")


@dataclass(frozen=True, kw_only=True)
class ComparisonSettings:
    """How systems are compared."""

    baseline: str | None = option(
        None, help="System that the others are tested against.", metavar="SYSTEM",
        panel="Significance",
    )  # fmt: skip
    permutations: int = option(
        10000, help="Permutations of the paired randomization test.", metavar="N",
        panel="Significance", within=COUNT,
    )  # fmt: skip
    resamples: int = option(
        2000, help="Bootstrap resamples behind every 95% interval.", metavar="N",
        panel="Significance", within=COUNT,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LanguagesSettings:
    """What is made of several languages."""

    groups: str | None = option(
        None,
        help="High- and low-resource languages: a TOML file, or joshi2020 or joshi2020-5-3.",
        metavar="FILE|PRESET", panel="Languages",
    )  # fmt: skip
    ceiling: str | None = option(
        None, help="Run that ratios are taken of; the English one by default.",
        metavar="SYSTEM[/LANG]", panel="Languages",
    )  # fmt: skip
    doc_languages: Path | None = option(
        None, help="Language of each passage, doc_id TAB language: adds PEER and SameLanguage.",
        metavar="FILE", panel="Languages",
    )  # fmt: skip
    fairness_cutoff: int = option(
        100,
        help="Passages that PEER and SameLanguage look at.",
        metavar="N",
        panel="Languages",
        within=COUNT,
    )


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


@dataclass(frozen=True, kw_only=True)
class AlignmentSettings:
    """Which students are laid beside which teacher, on which translations."""

    teacher: str = option(help="The teacher's directory or hub name.", metavar="DIR")
    student: tuple[str, ...] = option(
        help="A student's directory or hub name, of one language where LANG is given. Repeatable.",
        metavar="[SYSTEM[/LANG]=]DIR",
    )
    bitext: tuple[str, ...] = option(
        help="Translations that no student was trained on: source, target. Repeatable.",
        metavar="[LANG=]FILE",
    )
    columns: str = columns("1,2", "source and target")
    pairs: int = option(
        1000,
        help="Pairs of each bitext at most, drawn by their ids.",
        metavar="N",
        within=Bounds(least=2),
    )
    length: int = option(
        128,
        help="Tokens of a sentence at most, or what the models read.",
        metavar="TOKENS",
        within=Bounds(least=2),
    )
    tag: tuple[str, ...] = option(
        (), help="Note on every record, such as noise=0.2.", metavar="NAME=VALUE"
    )
    resamples: int = option(
        2000,
        help="Bootstrap resamples behind every 95% interval.",
        metavar="N",
        within=COUNT,
    )
    plans: Path | None = option(
        None, help="Also write the token alignments of some pairs, for optical report.",
        metavar="FILE", occasion=True,
    )  # fmt: skip
    plan_pairs: int = option(3, help="Pairs of each bitext in --plans.", metavar="N", within=COUNT)
