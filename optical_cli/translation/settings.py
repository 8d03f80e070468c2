"""What is translated, and how."""

from dataclasses import dataclass

from optical_cli.settings import limit, option


@dataclass(frozen=True, kw_only=True)
class TranslateSettings:
    """What is read."""

    queries: str = option(
        help="Queries: TSV (id, text), JSON lines, or a BEIR folder.", metavar="FILE"
    )
    lexicon: str = option(help="Lexicon (source, target, p) to look words up in.", metavar="FILE")
    limit: int | None = limit("queries")


@dataclass(frozen=True, kw_only=True)
class GlossSettings:
    """How a word is replaced."""

    best: int = option(1, help="Translations written for each word, the most probable first.")
    min_translation: float = option(
        0.0, help="Least probability of a translation that is written beyond the first."
    )
