"""Which vocabulary entries are punctuation, in any script."""

import unicodedata

from transformers import PreTrainedTokenizerBase

# What vocabularies put before a piece: WordPiece's continuation, SentencePiece's word start.
PIECE_SIGNS = ("##", "▁")


def punctuation_pieces(tokenizer: PreTrainedTokenizerBase) -> tuple[str, ...]:
    """The entries whose characters are all of Unicode category P, in the order of their ids.

    Symbols (``$``, ``+``) carry content and are not among them. Nor are special tokens, so the
    unknown token is never skipped: with a small vocabulary most punctuation marks are unknown,
    and skipping them by text would silently drop every unknown word.
    """
    special = {*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()}
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    decode = _byte_level_decoder(tokenizer)
    return tuple(
        piece for piece, _ in vocabulary if piece not in special and _is_punctuation(decode(piece))
    )


def _is_punctuation(text: str) -> bool:
    return bool(text) and all(unicodedata.category(char).startswith("P") for char in text)


def _byte_level_decoder(tokenizer: PreTrainedTokenizerBase):
    """What turns a piece into the text that it stands for."""
    if "Ġ" in tokenizer.get_vocab():  # byte-level: pieces are bytes written as letters
        return lambda piece: tokenizer.convert_tokens_to_string([piece]).strip()
    return _without_sign


def _without_sign(piece: str) -> str:
    for sign in PIECE_SIGNS:
        # "##" itself is two marks, not a continuation of nothing.
        if piece.startswith(sign) and len(piece) > len(sign):
            return piece.removeprefix(sign)
    return piece


def skipped_ids(tokenizer: PreTrainedTokenizerBase, skiplist: tuple[str, ...]) -> list[int]:
    """The ids of `skiplist` that this vocabulary has; what it does not know is left out."""
    vocabulary = tokenizer.get_vocab()
    unknown = tokenizer.unk_token_id
    ids = {vocabulary[piece] for piece in skiplist if piece in vocabulary}
    return sorted(ids - {unknown})
