"""Which word of a lexicon each token belongs to."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.tokens import NO_WORD, Row
from optical_cli.encoders.word_tokens import unmarked
from optical_cli.text.terms import terms

UNKNOWN = -1


class WordTypes:
    """Numbers the words that tokens are pieces of, as a lexicon numbers them.

    A word that is a token is looked up; the text of others is put together again from their
    pieces, once for each distinct word.

    Args:
        encoder: Whose tokens.
        numbers: The number of each known term.
    """

    def __init__(self, encoder: LateInteractionEncoder, numbers: Mapping[str, int]):
        self.tokenizer = encoder.tokenizer
        self.known = encoder.known_words
        self.numbers = numbers
        self._found: dict[bytes, int] = {}

    def __call__(self, rows: Sequence[Row], width: int) -> Int[Tensor, "row {width}"]:
        """The type of each token's word; -1 where the lexicon does not know it."""
        types = np.full((len(rows), width), UNKNOWN, np.int64)
        for place, row in enumerate(rows):
            starts = np.flatnonzero(np.diff(row.words, prepend=NO_WORD - 1))
            for start, end in zip(starts, [*starts[1:], len(row.words)], strict=True):
                if row.words[start] != NO_WORD:
                    types[place, start:end] = self._type(row.ids[start:end])
        return torch.from_numpy(types)

    def _type(self, ids: np.ndarray) -> int:
        key = ids.tobytes()
        if key not in self._found:
            found = terms(self._text(ids.tolist()))
            # A piece of punctuation is no term, and what splits into several has no one type.
            self._found[key] = self.numbers.get(found[0], UNKNOWN) if len(found) == 1 else UNKNOWN
        return self._found[key]

    def _text(self, ids: list[int]) -> str:
        if self.known and len(ids) == 1 and (word := self.known[ids[0]]):
            return word
        return unmarked(self.tokenizer.decode(ids))
