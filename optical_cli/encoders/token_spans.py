"""Which characters tokens are made of, so that those of two vocabularies can be joined."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.encoders.tokens import Side
from optical_cli.errors import UsageError
from optical_cli.text.segment import JOINER

Span = tuple[int, int]


def token_spans(side: Side, texts: Sequence[str]) -> Iterator[list[Span]]:
    """The characters of each token of each text as `side` reads it; none of special tokens.

    Joiners, with which one side may tell words and the other not, are not counted.

    Raises:
        UsageError: The tokenizer does not say.
    """
    if not side.tokenizer.is_fast:
        raise UsageError(
            "the tokenizer does not know the characters of its tokens, by which words are joined",
            hint="--head ridge and the readers of a lexicon need a fast tokenizer",
        )
    before = [(0, 0)] * (len(side.template.before) + len(side.marker))
    after = [(0, 0)] * len(side.template.after)
    told = [side.told(text) for text in texts]
    backend = side.tokenizer.backend_tokenizer
    for text, encoding in zip(
        told, backend.encode_batch(told, add_special_tokens=False), strict=True
    ):
        yield [*before, *without_joiners(text, encoding.offsets[: side.room]), *after]


def without_joiners(text: str, spans: Sequence[Span]) -> list[Span]:
    """The same `spans` of `text` once its joiners are gone."""
    joiners = [0, *accumulate(character == JOINER for character in text)]
    return [(start - joiners[start], stop - joiners[stop]) for start, stop in spans]


def overlap(rows: Sequence[Span], cols: Sequence[Span]) -> Float[Tensor, "row col"]:
    """How many characters each span of `rows` shares with each of `cols`."""
    row, col = (torch.tensor(spans, dtype=torch.long).reshape(-1, 2).T for spans in (rows, cols))
    first = torch.maximum(row[0][:, None], col[0][None])
    last = torch.minimum(row[1][:, None], col[1][None])
    return (last - first).clamp_min(0).float()
