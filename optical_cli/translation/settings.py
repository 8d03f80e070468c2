"""What is translated, and how."""

from dataclasses import dataclass

from optical_cli.bounds import COUNT, SHARE
from optical_cli.settings import batch_size, limit, option

PANEL = "Translation model"


@dataclass(frozen=True, kw_only=True)
class TranslateSettings:
    """What is read, and by what it is translated: a lexicon or a model."""

    queries: str = option(
        help="Queries: TSV (id, text), JSON lines, or a BEIR folder.", metavar="FILE"
    )
    lexicon: str | None = option(
        None, help="Lexicon (source, target, p) to look words up in.", metavar="FILE"
    )
    model: str | None = option(
        None, help="Translation model instead: MarianMT, NLLB or M2M, a folder or a hub name.",
        metavar="NAME|DIR",
    )  # fmt: skip
    limit: int | None = limit("queries")


@dataclass(frozen=True, kw_only=True)
class GlossSettings:
    """How a word is replaced."""

    best: int = option(
        1, help="Translations written for each word, the most probable first.", within=COUNT
    )
    min_translation: float = option(
        0.0,
        help="Least probability of a translation that is written beyond the first.",
        within=SHARE,
    )


@dataclass(frozen=True, kw_only=True)
class DecodingSettings:
    """How a model translates."""

    target_lang: str | None = option(
        None, help="Language of the queries, the student's, where the model has several.",
        metavar="CODE", panel=PANEL,
    )  # fmt: skip
    source_lang: str = option(
        "en", help="Language to translate into, the teacher's, where the model has several.",
        metavar="CODE", panel=PANEL,
    )  # fmt: skip
    beam: int = option(
        4, help="Hypotheses kept by beam search; 1 is greedy.", panel=PANEL, within=COUNT
    )
    max_tokens: int = option(
        128, help="Tokens of a translation at most.", panel=PANEL, within=COUNT
    )
    batch_size: int = batch_size(32, "queries of alike length")
    allow_pickle: bool = option(False, help="Accept a model with pickled weights.", panel=PANEL)
