"""How well a vocabulary fits a language: unknown tokens, splintered words, lost marks."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from transformers import PreTrainedTokenizerBase

from optical_cli.encoders.tokens import Side

CHUNK = 1024


@dataclass(frozen=True)
class PieceReport:
    """What a vocabulary makes of some texts.

    Attributes:
        texts: How many there are.
        words: Their words, as white space parts them.
        pieces: Their tokens, before anything is cut off, without special tokens.
        unknown: Tokens that stand for something the vocabulary does not know.
        cut: Texts that are longer than fits.
        stripped: The first word that loses combining marks, with what remains; None if none does.
        stripped_words: How many words do.
    """

    texts: int
    words: int
    pieces: int
    unknown: int
    cut: int
    stripped: tuple[str, str] | None
    stripped_words: int = 0

    @property
    def unknown_share(self) -> float:
        """Unknown tokens among all."""
        return self.unknown / max(self.pieces, 1)

    @property
    def pieces_per_word(self) -> float:
        """Tokens per white-space word; no measure for scripts without spaces."""
        return self.pieces / max(self.words, 1)

    @property
    def stripped_share(self) -> float:
        """Words that lose combining marks among all."""
        return self.stripped_words / max(self.words, 1)

    @property
    def cut_share(self) -> float:
        """Texts that lose tokens."""
        return self.cut / max(self.texts, 1)


def count_pieces(side: Side, texts: Iterable[str]) -> PieceReport:
    """Count tokens, unknown tokens and cut texts, and look for stripped marks."""
    counts = dict.fromkeys(("texts", "words", "pieces", "unknown", "cut", "stripped_words"), 0)
    stripped = None
    for chunk in _chunks(texts):
        for text, (ids, _) in zip(chunk, side.pieces(chunk), strict=True):
            counts["texts"] += 1
            counts["words"] += len(text.split())
            counts["pieces"] += len(ids)
            counts["unknown"] += ids.count(side.tokenizer.unk_token_id)
            counts["cut"] += len(ids) > side.room
            lost = list(stripped_words(side.tokenizer, text))
            counts["stripped_words"] += len(lost)
            stripped = stripped or next(iter(lost), None)
    return PieceReport(**counts, stripped=stripped)


def stripped_words(tokenizer: PreTrainedTokenizerBase, text: str) -> Iterator[tuple[str, str]]:
    """Each word of `text` whose combining marks the tokenizer drops, and what remains of it.

    Lower-casing BERT vocabularies drop accents, and with them vowel signs of Indic scripts, which
    change the word. A word is dropped from only if it is then read as its spelling without marks
    is; a word that is a token of its own is not. Nothing where the tokenizer does not say what it
    normalises.
    """
    normalizer = tokenizer.backend_tokenizer.normalizer if tokenizer.is_fast else None
    if normalizer is None or text.isascii():
        return
    for word in text.split():
        remains = normalizer.normalize_str(word)
        if _marks(remains) < _marks(word) and any(
            normalizer.normalize_str(bare) == remains for bare in _bare(word)
        ):
            yield word, remains.strip()


def _bare(word: str) -> Iterator[str]:
    """`word` without the marks that take no room, which BERT drops, and without any marks."""
    decomposed = unicodedata.normalize("NFD", word)
    for dropped in ("Mn", "M"):
        kept = (c for c in decomposed if not unicodedata.category(c).startswith(dropped))
        yield unicodedata.normalize("NFC", "".join(kept))


def _marks(text: str) -> int:
    decomposed = unicodedata.normalize("NFD", text)
    return sum(unicodedata.category(char).startswith("M") for char in decomposed)


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(texts)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
