"""Reading words that a student meets for the first time.

A word of a query that is no token, but spelt like words that are, gets an embedding of its own:

    e(w) = sum over the tokens t most like w of  share(t) e(t)

(`KnownWords.neighbors` has the shares). It is made from what the tokens became in training, needs
no training itself, and does not depend on what else is read. Other words are split as before, and
so are those that the old vocabulary has as one piece: they are mostly English, or names.
"""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from optical_cli.encoders.known_words import Neighbor
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.word_tokens import Reader, with_more_words

_READERS: WeakKeyDictionary[PreTrainedTokenizerBase, Reader] = WeakKeyDictionary()


def reading(encoder: LateInteractionEncoder, texts: Iterable[str]) -> LateInteractionEncoder:
    """An encoder that also knows the words of `texts` that are spelt like `encoder`'s.

    Args:
        encoder: One that knows words; another is returned as it is.
        texts: What will be encoded.

    Returns:
        An encoder that shares all weights with the given one but for the table of embeddings, or
        the given one if it can learn nothing from `texts`.
    """
    if encoder.known_words is None:
        return encoder
    reader = _reader(encoder.tokenizer)
    if encoder.segmenter is not None:
        texts = map(encoder.segmenter.typed, texts)
    words = list(reader.count(texts))
    neighbors = encoder.known_words.neighbors(_splintered(encoder.tokenizer, words))
    if not neighbors:
        return encoder
    tokenizer, words = with_more_words(encoder.tokenizer, list(neighbors), reader)
    if not words:  # the old pre-tokenizer parts them all
        return encoder
    found = [neighbors[word] for word in words]
    made = LateInteractionEncoder(
        copy.deepcopy(encoder.backbone, _shared(encoder.backbone)), tokenizer,
        replace(encoder.config, family=encoder.family), head=encoder.head,
        piece_weights=_extended(encoder.piece_weights, found, len(encoder.tokenizer)),
        known_words=replace(encoder.known_words, min_similarity=None),
    )  # fmt: skip
    table = encoder.backbone.get_input_embeddings()
    rows = _extended(table.weight.detach(), found, len(encoder.tokenizer))
    layer = nn.Embedding.from_pretrained(rows, padding_idx=table.padding_idx)
    made.backbone.set_input_embeddings(layer)
    return made.train(encoder.training)


def _reader(tokenizer: PreTrainedTokenizerBase) -> Reader:
    """The tokenizer's reader of words, which is kept for later queries."""
    if tokenizer not in _READERS:
        _READERS[tokenizer] = Reader(tokenizer)
    return _READERS[tokenizer]


def _splintered(tokenizer: PreTrainedTokenizerBase, words: Sequence[str]) -> list[str]:
    """The words that are not read as one known piece."""
    read = tokenizer(words, add_special_tokens=False)["input_ids"] if words else []
    unknown = [tokenizer.unk_token_id]
    return [w for w, ids in zip(words, read, strict=True) if len(ids) != 1 or ids == unknown]


def _shared(module: nn.Module) -> dict[int, Tensor]:
    """What `copy.deepcopy` shall take for copied already."""
    return {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}


def _extended(
    values: Float[Tensor, "token ..."] | None, words: Sequence[Sequence[Neighbor]], size: int
) -> Float[Tensor, "more ..."] | None:
    """The first `size` of `values`, and for each word what its neighbours' come to."""
    if values is None:
        return None
    ids = [torch.tensor([n.id for n in found], device=values.device) for found in words]
    shares = [torch.tensor([n.share for n in found]).to(values) for found in words]
    means = [torch.tensordot(s, values[i], dims=1) for i, s in zip(ids, shares, strict=True)]
    return torch.cat([values[:size], torch.stack(means)])
