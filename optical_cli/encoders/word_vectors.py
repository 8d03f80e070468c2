"""What words are in their sentences: the token vectors of their characters."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float

from optical_cli.encoders.backbone import token_limit
from optical_cli.encoders.bulk import encode_in_bulk
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.token_spans import overlap, token_spans, without_joiners
from optical_cli.errors import InputError
from optical_cli.text.terms import placed_terms

# Sentences whose vectors are held at once.
TEXTS_AT_ONCE = 1024
# Tokens of a sentence at most. Terms behind them are as near to all others as these are on average.
LENGTH = 256


def contextual_cosines(
    teacher: LateInteractionEncoder,
    student: LateInteractionEncoder,
    sources: Sequence[str],
    targets: Sequence[str],
    *,
    dtype: str = "auto",
) -> Iterator[Float[np.ndarray, "source_term target_term"]]:
    """How near the teacher's reading of each source term is to the student's of each target term.

    Args:
        teacher: Reads the sources.
        student: Reads the targets, into the teacher's space.
        sources: Sentences.
        targets: Their translations, in the same order.
        dtype: Precision of both.

    Raises:
        InputError: The two encoders' vectors are of different widths.
        UsageError: A tokenizer does not know the characters of its tokens.
    """
    if teacher.dim != student.dim:
        raise InputError(f"the student's vectors are {student.dim} wide, the teacher's"
                         f" {teacher.dim}")  # fmt: skip
    sides = ((teacher, sources), (student, targets))
    vectors = (term_vectors(encoder, texts, dtype=dtype) for encoder, texts in sides)
    for source, target in zip(*vectors, strict=True):
        cosines = source @ target.T
        read = np.ix_(source.any(axis=1), target.any(axis=1))
        if cosines[read].size < cosines.size:
            usual = cosines[read].mean() if cosines[read].size else 0.0
            cosines, known = np.full_like(cosines, usual), cosines
            cosines[read] = known[read]
        yield cosines


def term_vectors(
    encoder: LateInteractionEncoder, texts: Sequence[str], *, dtype: str = "auto"
) -> Iterator[Float[np.ndarray, "term dim"]]:
    """The unit vectors of the `terms` of each text, in their order.

    A term's is the mean of its tokens', by the characters that each shares with it; zero where
    the text was cut before.

    Args:
        encoder: Reads the texts as queries, without [MASK]s, words that it meets for the first
            time included.
        texts: Sentences.
        dtype: Precision of the encoder.

    Raises:
        UsageError: The tokenizer does not know the characters of its tokens.
    """
    length = min(LENGTH, token_limit(encoder.backbone))
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        placed = [placed_terms(text) for text in texts[start : start + TEXTS_AT_ONCE]]
        read = [text for text, _ in placed]
        reader = encoder.reading(read)
        side = reader.query_side(length=length, expand=False)
        packed = encode_in_bulk(reader, read, side, dtype=dtype, store=np.float32)
        vectors = (row for window in packed for row in window.split())
        for row, tokens, (text, terms) in zip(
            vectors, token_spans(side, read), placed, strict=True
        ):
            shared = overlap(without_joiners(text, terms), tokens)
            mean = torch.nn.functional.normalize(shared @ torch.from_numpy(row), dim=-1)
            yield mean.numpy()
