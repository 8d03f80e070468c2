"""How a lexicon is learned, and what answers for words that it lacks."""

from dataclasses import dataclass
from typing import Literal

from optical_cli.bounds import COUNT, FRACTION, NOT_NEGATIVE, SHARE
from optical_cli.errors import UsageError
from optical_cli.settings import columns, limit, option

Alignment = Literal["transport", "ibm1"]
Symmetry = Literal["sqrt", "product", "mean", "none"]


@dataclass(frozen=True, kw_only=True)
class LexiconBitextSettings:
    """What a lexicon is learned from."""

    bitext: tuple[str, ...] = option(
        help="Parallel text: source TAB target; repeatable; - is stdin.", metavar="FILE"
    )
    columns: str = columns("1,2", "source and target")
    limit: int | None = limit("pairs of each file")


@dataclass(frozen=True, kw_only=True)
class ReadersSettings:
    """Who reads the pairs, so that words align in their contexts."""

    source_reader: str | None = option(
        None,
        help="A teacher that reads the sources: words that it and --target-reader read alike in a"
        " pair then align more.",
        metavar="DIR",
    )
    target_reader: str | None = option(
        None, help="Its student, of an earlier lexicon say, that reads the targets.", metavar="DIR"
    )
    context: float = option(
        20.0,
        help="How strongly words align that the readers read alike: the factor of cosines.",
        within=NOT_NEGATIVE,
    )

    def __post_init__(self) -> None:
        if (self.source_reader is None) != (self.target_reader is None):
            raise UsageError(
                "--source-reader and --target-reader read the two sides of a pair: give both"
            )


@dataclass(frozen=True, kw_only=True)
class LexiconSettings:
    """Training, symmetrisation and pruning of a lexicon."""

    alignment: Alignment = option(
        "transport",
        help="What says which words of a pair belong together: transport is one plan of both"
        " directions of IBM model 1, ibm1 each of them for itself.",
    )
    iterations: int = option(5, help="Iterations of expectation maximisation.", within=COUNT)
    diagonal: float = option(
        4.0,
        help="How strongly words keep their relative position; 0 is plain IBM model 1.",
        within=NOT_NEGATIVE,
    )
    identity: float = option(
        1.0,
        help="Observations that a word has in advance of being its own translation.",
        within=NOT_NEGATIVE,
    )
    symmetry: Symmetry = option(
        "sqrt",
        help="Weight of source word e for target word f: sqrt is p(e|f) sqrt(p(f|e)), product"
        " p(e|f) p(f|e), mean their average, none p(e|f) alone.",
    )
    rare_count: int = option(
        20,
        help="Target words that occur so often at most also take translations from words that are"
        " spelt like them, which weigh as one more occurrence; 0 is off.",
        within=NOT_NEGATIVE,
    )
    rare_similarity: float = option(
        0.4,
        help="Least similarity of spelling, above 0 and at most 1, of the words they take from.",
        within=FRACTION,
    )
    max_translations: int = option(10, help="Translations kept for each target word.", within=COUNT)
    min_probability: float = option(
        0.01,
        help="Drop translations below this share of a word's kept ones.",
        within=SHARE,
    )
    min_count: int = option(
        1, help="Drop target words that occur fewer times in the bitext.", within=COUNT
    )


@dataclass(frozen=True, kw_only=True)
class BackOffSettings:
    """What answers for words that a lexicon lacks."""

    back_off: Literal["spelling", "none"] = option(
        "spelling",
        help="What a word has that the lexicon lacks: translations of words spelt alike, or none."
        " In a student whose tokens are words, also what a query's word has that is no token: the"
        " mean of what tokens spelt alike have become, or pieces.",
    )
    min_similarity: float = option(
        0.5,
        help="Least similarity of spelling, above 0 and at most 1, that counts as alike; four"
        " fifths of it where the lexicon's sides are of different scripts, since names are not"
        " copied there.",
        within=FRACTION,
    )
    romanize: Literal["auto", "none"] = option(
        "auto",
        help="auto writes words that are like none in Latin letters, as names are in a source"
        " language of that script; a student reads them so where the teacher's vocabulary spells"
        " their own script letter by letter.",
    )
