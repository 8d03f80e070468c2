"""What a new encoder is made of."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from optical_cli.bounds import COUNT, POSITIVE
from optical_cli.settings import argument, columns, limit, option


@dataclass(frozen=True, kw_only=True)
class VocabularySettings:
    """Where a vocabulary is learned."""

    text: tuple[Path, ...] = option(
        help="Text to learn the vocabulary from: plain, or a TSV with --columns; may be"
        " compressed; repeatable.",
        metavar="FILE",
    )
    columns: str | None = columns(None, "text (default: all but ids)")
    vocab_size: int = option(8000, help="Entries, special tokens included.", within=COUNT)
    lowercase: bool = option(True, help="Fold case; marks such as vowel signs always stay.")
    sample: int = option(
        1_000_000, help="Texts to learn from at most, drawn evenly from all.", within=COUNT
    )
    limit: int | None = limit("texts")


@dataclass(frozen=True, kw_only=True)
class ScratchSettings:
    """The size of an encoder that starts from random weights."""

    layers: int = option(2, help="Transformer layers.", within=COUNT)
    hidden: int = option(
        128, help="Width; feed-forward layers are four times as wide.", within=COUNT
    )
    max_length: int = option(512, help="Tokens of a text at most.", within=COUNT)


@dataclass(frozen=True, kw_only=True)
class ModelTrustSettings:
    """What is accepted from a model folder."""

    allow_pickle: bool = option(
        False, help="Accept pickled weights (pytorch_model.bin), loaded with weights_only=True."
    )


@dataclass(frozen=True, kw_only=True)
class MergeSettings:
    """Which models are averaged, and how much each counts."""

    models: tuple[str, ...] = argument(
        help="Encoders of one start: folders or hub names.", metavar="MODEL..."
    )
    weight: tuple[float, ...] = option(
        (),
        help="What each model counts, in their order; repeatable. Default: all alike.",
        metavar="W",
        within=POSITIVE,
    )


@dataclass(frozen=True, kw_only=True)
class ExportSettings:
    """What is exported, and to which layout."""

    model: str = argument(help="Encoder to export: a folder or a hub name.", metavar="MODEL")
    to: Literal["sentence-transformers", "stanford"] = option(
        help="Layout: sentence-transformers (PyLate reads it too) or stanford (ColBERT)."
    )
