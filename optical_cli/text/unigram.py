"""SentencePiece's unigram models, the same for the same lines."""

import io
from collections.abc import Sequence
from typing import Any

import sentencepiece

from optical_cli.errors import UsageError

MAX_BYTES = 1 << 21
# Pieces that stand for no text: unknown, beginning and end.
SPECIAL = 3


def train_unigram(
    lines: Sequence[str], size: int, *, option: str, **settings: Any
) -> sentencepiece.SentencePieceProcessor:
    """A model of at most `size` pieces (Kudo 2018), every character of `lines` among them.

    Args:
        lines: What it is learned from, as it stands.
        size: Pieces at most.
        option: What the user calls `size`.
        settings: More of SentencePiece's own.

    Raises:
        UsageError: It cannot be learned, as when there are more characters than pieces.
    """
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=model, model_type="unigram",
            vocab_size=size, hard_vocab_limit=False, character_coverage=1.0,
            normalization_rule_name="identity", num_threads=1, input_sentence_size=0,
            shuffle_input_sentence=False, max_sentence_length=MAX_BYTES, minloglevel=2,
            **settings,
        )  # fmt: skip
    except RuntimeError as error:
        if size < len(set().union(*lines)) + SPECIAL:
            raise UsageError(f"{option} {size}: too few for the characters of the text") from None
        reason = str(error).rpartition("] ")[2] or str(error)
        raise UsageError(f"{option} {size}: {reason}") from None
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
