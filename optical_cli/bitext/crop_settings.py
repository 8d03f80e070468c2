"""How query-like crops are cut out of sentence pairs."""

from dataclasses import dataclass
from pathlib import Path

from optical_cli.bitext.lexicon_settings import LexiconBitextSettings
from optical_cli.bounds import COUNT, NOT_NEGATIVE, SHARE
from optical_cli.errors import UsageError
from optical_cli.settings import option


@dataclass(frozen=True, kw_only=True)
class CropBitextSettings(LexiconBitextSettings):
    """What is cropped, and by which translations."""

    lexicon: Path = option(
        help="Translation probabilities of `optical lexicon`, learned from the same bitext.",
        metavar="FILE",
    )


@dataclass(frozen=True, kw_only=True)
class CropSettings:
    """How many crops a pair gives, and what a crop is."""

    crops: int = option(2, help="Crops of each pair at most.", within=COUNT)
    min_words: int = option(3, help="Target words of a crop at least.", within=COUNT)
    max_words: int = option(10, help="Target words of a crop at most.", within=COUNT)
    min_linked: float = option(
        0.5,
        help="Share of a crop's target words that must have a translation in its source.",
        within=SHARE,
    )
    whole: int = option(
        20,
        help="Pairs of at most so many target words are written whole, too; 0 for crops alone.",
        within=NOT_NEGATIVE,
    )
    diagonal: float = option(
        4.0,
        help="How strongly a word is linked to where its relative position is; 0 not at all.",
        within=NOT_NEGATIVE,
    )

    def __post_init__(self):
        if self.min_words > self.max_words:
            raise UsageError("--min-words must be at most --max-words")
