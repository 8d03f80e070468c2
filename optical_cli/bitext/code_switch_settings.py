"""How texts of the teacher's language are switched into the student's."""

from dataclasses import dataclass
from pathlib import Path

from optical_cli.bounds import COUNT, FRACTION
from optical_cli.settings import columns, limit, option


@dataclass(frozen=True, kw_only=True)
class CodeSwitchFiles:
    """What is switched, and by which translations."""

    queries: Path = option(
        help="Texts in the teacher's language, queries best: TSV (id, text), JSON lines, or a BEIR"
        " folder.",
        metavar="FILE",
    )
    lexicon: Path = option(
        help="Translation probabilities of `optical lexicon`, learned from the bitext.",
        metavar="FILE",
    )
    bitext: tuple[str, ...] = option(
        help="The bitext, whose target side says how common words are; repeatable.", metavar="FILE"
    )
    columns: str = columns("1,2", "source and target of the bitext")
    limit: int | None = limit("texts")


@dataclass(frozen=True, kw_only=True)
class CodeSwitchSettings:
    """How many words are switched, and into what."""

    share: float = option(
        0.8, help="Share of the words with a translation that are switched.", within=FRACTION
    )
    choices: int = option(
        5,
        help="Translations that one is drawn from: the words that mean the word most often.",
        within=COUNT,
    )
    copies: int = option(1, help="Pairs written for each text, each drawn anew.", within=COUNT)
