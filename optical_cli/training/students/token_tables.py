"""What is known of tokens beyond their vectors: how much they weigh, and who may translate whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from optical_cli.formats.lexicon import Lexicon
from optical_cli.training.data.rows import RowStore
from optical_cli.transport import PairAffinity, idf_weights
from optical_cli.weighing import BackboneWeight

CHUNK = 1 << 14


@dataclass(frozen=True)
class TokenTables:
    """Tables by token id of the teacher (first) and the student (second), None where not needed.

    Attributes:
        weights: What each token weighs.
        weigh_by: What the encoders themselves say of a token's weight, as in `EncoderConfig`.
        types: Pieces numbered alike on both sides; -1 for those that only one side has.
        lexicon: Affinity of word types.
    """

    weights: tuple[Float[Tensor, " vocabulary"], Float[Tensor, " vocabulary"]] | None = None
    weigh_by: BackboneWeight | None = None
    types: tuple[Int[Tensor, " vocabulary"], Int[Tensor, " vocabulary"]] | None = None
    lexicon: PairAffinity | None = None

    def to(self, device: torch.device) -> "TokenTables":
        """The same tables on another device."""
        lexicon = self.lexicon and PairAffinity(
            self.lexicon.keys.to(device), self.lexicon.values.to(device), self.lexicon.width
        )
        weights, types = (
            pair and tuple(table.to(device) for table in pair)
            for pair in (self.weights, self.types)
        )
        return replace(self, weights=weights, types=types, lexicon=lexicon)


def inverse_frequencies(
    stores: Sequence[RowStore], vocabulary: int
) -> Float[Tensor, " vocabulary"]:
    """BM25's inverse document frequency of each token, a text being a document."""
    counts = np.zeros(vocabulary, np.int64)
    for store in stores:
        for ids in store.distinct_ids(CHUNK):
            counts += np.bincount(ids, minlength=vocabulary)
    return idf_weights(torch.from_numpy(counts), sum(map(len, stores)))


def shared_types(
    teacher: PreTrainedTokenizerBase, student: PreTrainedTokenizerBase
) -> tuple[Int[Tensor, " vocabulary"], Int[Tensor, " vocabulary"]]:
    """Numbers of the pieces that both vocabularies have, by either's token id."""
    pieces = teacher.get_vocab().keys() & student.get_vocab().keys()
    numbers = {piece: number for number, piece in enumerate(sorted(pieces))}
    return _numbered(teacher, numbers), _numbered(student, numbers)


def _numbered(
    tokenizer: PreTrainedTokenizerBase, numbers: dict[str, int]
) -> Int[Tensor, " vocabulary"]:
    table = torch.full((len(tokenizer),), -1)
    for piece, token in tokenizer.get_vocab().items():
        table[token] = numbers.get(piece, -1)
    return table


def word_numbers(words: Iterable[str]) -> dict[str, int]:
    """A number for each distinct word, in the order given."""
    return {word: number for number, word in enumerate(dict.fromkeys(words))}


def lexicon_affinity(
    lexicon: Lexicon, sources: dict[str, int], targets: dict[str, int]
) -> PairAffinity:
    """The probabilities of a lexicon as affinities of numbered words."""
    pairs = [(sources[s], targets[t], p) for t, entry in lexicon.items() for s, p in entry.items()]
    rows, cols, values = zip(*pairs, strict=True)
    return PairAffinity.of_pairs(torch.tensor(rows), torch.tensor(cols), torch.tensor(values))
