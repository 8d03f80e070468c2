"""Encoders made from encoders: a head and markers, another vocabulary, token weights.

Each function returns a new encoder that shares nothing with the one given, but for
`reweighed` and `weighing_by`, which return one that weighs as asked.
"""

import copy
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from optical_cli.encoders.backbone import positions_padding, token_limit
from optical_cli.encoders.config import (
    HEAD_DIM,
    PASSAGE_LENGTH,
    PASSAGE_MARKER,
    QUERY_LENGTH,
    QUERY_MARKER,
)
from optical_cli.encoders.known_words import KnownWords
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.received import require_heard
from optical_cli.encoders.skiplist import punctuation_pieces
from optical_cli.encoders.vocabulary import add_markers
from optical_cli.encoders.weights import linear
from optical_cli.errors import InputError, UsageError
from optical_cli.seeds import derive
from optical_cli.weighing import BackboneWeight, Weighing


def with_head(
    encoder: LateInteractionEncoder,
    *,
    dim: int = HEAD_DIM,
    seed: int = 13,
    weight: Float[Tensor, "dim hidden"] | None = None,
    query_length: int | None = None,
    passage_length: int | None = None,
    query_expansion: bool = True,
    markers: tuple[str, str] = (QUERY_MARKER, PASSAGE_MARKER),
) -> LateInteractionEncoder:
    """A late-interaction encoder on another one's backbone: markers, [MASK] and a new head.

    Args:
        encoder: What it starts from, usually a plain encoder.
        dim: Width of the token vectors.
        seed: Where a random head comes from: orthonormal rows, which keep angles best.
        weight: The head's matrix instead of a random one; `dim` is then its height.
        query_length: Tokens of a query at most; 32, or what the backbone can read, if None.
        passage_length: Tokens of a passage at most; 180, or what it can read, if None.
        query_expansion: Whether queries are extended with [MASK]s.
        markers: What queries and passages begin with; empty for nothing.
    """
    tokenizer, backbone = copy.deepcopy((encoder.tokenizer, encoder.backbone))
    new = add_markers(tokenizer, markers) if any(markers) or query_expansion else []
    _extend(backbone, len(tokenizer), new, _start(backbone, tokenizer))
    if weight is None:
        weight = _random_head(dim, backbone.config.hidden_size, seed)
    limit = token_limit(backbone)
    config = replace(
        encoder.config, dim=len(weight), has_head=True, query_expansion=query_expansion,
        query_length=query_length or min(QUERY_LENGTH, limit),
        passage_length=passage_length or min(PASSAGE_LENGTH, limit),
        query_prefix=markers[0], passage_prefix=markers[1], weigh_by=None, family=None,
    )  # fmt: skip
    made = LateInteractionEncoder(
        backbone, tokenizer, config, head=linear(weight), known_words=encoder.known_words
    )
    return made.to(encoder.device).train(encoder.training)


def with_vocabulary(
    encoder: LateInteractionEncoder,
    tokenizer: PreTrainedTokenizerBase,
    embeddings: Float[Tensor, "vocabulary width"],
    *,
    known_words: KnownWords | None = None,
) -> LateInteractionEncoder:
    """The same encoder over another vocabulary.

    Markers and [MASK] that `tokenizer` lacks are added, with the rows that they have in
    `encoder`. Token weights belong to the old vocabulary and are dropped.

    Args:
        encoder: Whose backbone and head are taken.
        tokenizer: The new vocabulary, as transformers has it.
        embeddings: A row for each of its ids, as wide as the old embeddings.
        known_words: Those of the new vocabulary.

    Raises:
        InputError: The rows do not fit, or the padding id differs in a model that counts
            positions from it.
    """
    _require_fit(encoder.backbone, tokenizer, embeddings)
    tokenizer, backbone, head = copy.deepcopy((tokenizer, encoder.backbone, encoder.head))
    config = encoder.config
    known = encoder.tokenizer.get_vocab()
    markers = tuple(m for m in (config.query_prefix, config.passage_prefix) if m in known)
    table = backbone.get_input_embeddings().weight.detach()
    new = add_markers(tokenizer, markers) if markers or config.query_expansion else []
    rows = torch.cat([embeddings.detach().to(table), table[_same_tokens(new, tokenizer, encoder)]])
    _set_embeddings(backbone, rows, tokenizer.pad_token_id)
    config = replace(config, skiplist=punctuation_pieces(tokenizer), family=encoder.family)
    made = LateInteractionEncoder(backbone, tokenizer, config, head=head, known_words=known_words)
    return made.train(encoder.training)


def with_token_weights(
    encoder: LateInteractionEncoder,
    piece_weights: Float[Tensor, " vocabulary"] | None = None,
    *,
    share_word_mass: bool = False,
    weigh_by: BackboneWeight | None = None,
) -> LateInteractionEncoder:
    """The same encoder, whose query vectors are as long as their tokens weigh.

    Args:
        encoder: What it is made from.
        piece_weights: A weight, at least 0, per token id, such as its IDF; None weighs all alike.
        share_word_mass: The pieces of one word share its weight.
        weigh_by: A token weighs the norm of its vector, or the attention that it receives.

    Raises:
        InputError: The backbone does not say what attention its tokens receive.
    """
    if weigh_by == "attention":
        require_heard(encoder.backbone)
    made = copy.deepcopy(encoder)
    made.config = replace(
        made.config, share_word_mass=share_word_mass, weigh_by=weigh_by, family=encoder.family
    )
    made.register_buffer("piece_weights", _checked(encoder, piece_weights))
    return made


def weighing_by(encoder: LateInteractionEncoder, weighing: Weighing) -> LateInteractionEncoder:
    """An encoder whose query vectors are as long as tokens weigh by this, and by nothing else.

    Args:
        encoder: What it is made from; returned as it is where it weighs so by itself and, its own
            weights included, where tokens are to weigh all alike.
        weighing: What tokens weigh; IDF is the weights that `encoder` was saved with.

    Raises:
        UsageError: It was saved without such.
        InputError: It does not say what attention its tokens receive.
    """
    if not weighing:
        return encoder
    pieces = encoder.piece_weights if weighing.by == "idf" else None
    if weighing.by == "idf" and pieces is None:
        raise UsageError(
            "--marginals idf: an encoder was saved without token weights, and pairs by themselves"
            " have no document frequencies",
            hint="--marginals words, norm and attention need nothing else",
        )
    return reweighed(encoder, pieces, weighing)


def reweighed(
    encoder: LateInteractionEncoder,
    piece_weights: Float[Tensor, " vocabulary"] | None,
    weighing: Weighing,
) -> LateInteractionEncoder:
    """`with_token_weights`, but for an encoder that weighs so already: that is returned itself."""
    own = encoder.config.share_word_mass, encoder.config.weigh_by
    wanted = weighing.words, weighing.of_backbone
    if own == wanted and piece_weights is encoder.piece_weights:
        return encoder
    return with_token_weights(
        encoder, piece_weights, share_word_mass=weighing.words, weigh_by=weighing.of_backbone
    )


def _same_tokens(
    ids: list[int], tokenizer: PreTrainedTokenizerBase, encoder: LateInteractionEncoder
) -> list[int]:
    """The ids that markers and [MASK] of `tokenizer` have in `encoder`."""
    old = encoder.tokenizer
    tokens = tokenizer.convert_ids_to_tokens(ids)
    return [
        old.mask_token_id if token == tokenizer.mask_token else old.convert_tokens_to_ids(token)
        for token in tokens
    ]


def _checked(encoder: LateInteractionEncoder, weights: Tensor | None) -> Tensor | None:
    if weights is None:
        return None
    if len(weights) < len(encoder.tokenizer):
        raise ValueError(f"{len(weights)} weights for {len(encoder.tokenizer)} tokens")
    if not (torch.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("token weights must be finite and at least 0")
    return weights.detach().clone().float().to(encoder.device)


def _random_head(dim: int, hidden: int, seed: int) -> Float[Tensor, "dim hidden"]:
    generator = torch.Generator().manual_seed(derive(seed, "head"))
    return nn.init.orthogonal_(torch.empty(dim, hidden), generator=generator)


def _start(
    backbone: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> Float[Tensor, " width"]:
    """Where new markers start: at [CLS], else at the mean; from noise they cost retrieval dear.

    Source: the reports in ColBERT's issue 12 (XLM-R: MRR .07 from noise, .22 otherwise).
    """
    table = backbone.get_input_embeddings().weight.detach()
    if tokenizer.cls_token_id is None:
        return table.mean(0)
    return table[tokenizer.cls_token_id]


def _extend(backbone: PreTrainedModel, size: int, new: list[int], row: Tensor) -> None:
    """Give the ids `new` the embedding `row`, in a table of at least `size` rows."""
    table = backbone.get_input_embeddings().weight.detach()
    missing = max(size - len(table), 0)
    table = torch.cat([table, table.mean(0).expand(missing, -1)])
    table[new] = row
    _set_embeddings(backbone, table, backbone.config.pad_token_id)


def _set_embeddings(backbone: PreTrainedModel, table: Tensor, padding: int | None) -> None:
    layer = nn.Embedding.from_pretrained(table.clone(), freeze=False, padding_idx=padding)
    backbone.set_input_embeddings(layer)
    backbone.config.vocab_size = len(table)
    backbone.config.pad_token_id = padding


def _require_fit(
    backbone: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, embeddings: Tensor
) -> None:
    width = backbone.get_input_embeddings().weight.shape[1]
    if embeddings.shape != (len(tokenizer), width):
        raise InputError(
            f"embeddings of shape {tuple(embeddings.shape)} for {len(tokenizer)} tokens"
            f" of a backbone {width} wide"
        )
    counted = positions_padding(backbone)
    if counted is not None and tokenizer.pad_token_id != counted:
        raise InputError(
            f"the vocabulary's padding id is {tokenizer.pad_token_id}; this backbone counts"
            f" positions from {counted}"
        )
