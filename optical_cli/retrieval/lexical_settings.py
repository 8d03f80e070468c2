"""How words are matched."""

from dataclasses import dataclass

from optical_cli.bounds import COUNT, NOT_NEGATIVE, SHARE
from optical_cli.settings import limit, option


@dataclass(frozen=True, kw_only=True)
class Bm25Settings:
    """BM25's two constants."""

    k1: float = option(
        1.2, help="How slowly a term's weight saturates with its frequency.", within=NOT_NEGATIVE
    )
    b: float = option(0.75, help="Length normalisation, from 0 (none) to 1 (full).", within=SHARE)


@dataclass(frozen=True, kw_only=True)
class StructuredQuerySettings:
    """Which translations a probabilistic structured query takes."""

    translations: int = option(8, help="Translations taken for each query word.", within=COUNT)
    min_translation: float = option(
        0.03, help="Least probability of a translation taken.", within=SHARE
    )


@dataclass(frozen=True, kw_only=True)
class LexicalRunSettings:
    """What is searched, for what, and how deep."""

    queries: str = option(help="Queries: TSV (id, text), JSON lines, or a BEIR folder.",
                          metavar="FILE")  # fmt: skip
    collection: str = option(help="Passages, in the same layouts.", metavar="FILE")
    lexicon: str | None = option(
        None, help="Lexicon (source, target, p): match the queries through it.", metavar="FILE"
    )
    field: tuple[str, ...] = option(
        ("title", "text"), help="What makes the text of a record with several fields; repeatable."
    )
    columns: str | None = option(
        None, help="Columns of the collection's TSV that hold id and text, counted from 1, or their"
        " names in its first line.", metavar="A,B,..."
    )  # fmt: skip
    top_k: int = option(
        1000, help="Passages kept for each query; those that score 0 are not.", within=COUNT
    )
    tag: str | None = option(
        None, help="Name of the system in the run's last column; bm25 or psq by default."
    )
    limit: int | None = limit("queries")
