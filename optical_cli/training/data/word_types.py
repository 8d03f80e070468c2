"""Which word of a lexicon each token belongs to."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from optical_cli.encoders.tokens import NO_WORD, Row
from optical_cli.text.terms import terms
from optical_cli.training.word_tokens import MARKERS, SIGN

UNKNOWN = -1
SIGNS = {*MARKERS, SIGN}


class WordTypes:
    """Numbers the words that tokens are pieces of, as a lexicon numbers them.

    The text is put together again from the pieces of each word, once for each distinct word.

    Args:
        tokenizer: Whose tokens.
        numbers: The number of each known term.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, numbers: Mapping[str, int]):
        self.tokenizer = tokenizer
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
            text = self.tokenizer.decode(ids.tolist())
            found = terms("".join(char for char in text if char not in SIGNS))
            # A piece of punctuation is no term, and what splits into several has no one type.
            self._found[key] = self.numbers.get(found[0], UNKNOWN) if len(found) == 1 else UNKNOWN
        return self._found[key]
