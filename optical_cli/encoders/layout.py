"""Encoders on disk: the layout that is written, and the four that are read.

Written is what sentence-transformers (`MultiVectorEncoder`) and PyLate load as well::

    config.json  model.safetensors            the backbone, as transformers writes it
    tokenizer.json  tokenizer_config.json     with the marker tokens
    modules.json  1_Dense/                    the head, if there is one
    sentence_bert_config.json
    config_sentence_transformers.json         lengths, markers, [MASK]s, skip list
    token_weights.safetensors                 only with token weights; others ignore it
    known_words.json                          only if words are tokens; others ignore it
    README.md                                 the model card

Read are this, sentence-transformers' own newer one, Stanford ColBERT's, and a plain encoder.
"""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from optical_cli.encoders import multivector, stanford
from optical_cli.encoders.backbone import (
    load_backbone,
    quiet_transformers,
    require_rows,
    token_limit,
)
from optical_cli.encoders.config import plain_config
from optical_cli.encoders.devices import choose_device
from optical_cli.encoders.hub import find_model
from optical_cli.encoders.known_words import KnownWords, read_known_words, write_known_words
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.skiplist import punctuation_pieces
from optical_cli.encoders.vocabulary import load_tokenizer, save_tokenizer
from optical_cli.errors import InputError

TOKEN_WEIGHTS = "token_weights.safetensors"


def save(encoder: LateInteractionEncoder, folder: Path, *, card: str | None = None) -> None:
    """Write `encoder` into an existing empty folder; equal encoders give equal bytes.

    Args:
        encoder: What to write.
        folder: Where; making it whole or absent is the caller's part.
        card: Text of README.md, such as `model_card` gives.
    """
    with quiet_transformers():
        encoder.backbone.save_pretrained(folder)
    save_tokenizer(encoder.tokenizer, folder)
    multivector.write(encoder.config, encoder.head, folder)
    if encoder.piece_weights is not None:
        weights = {"weights": encoder.piece_weights.contiguous()}
        save_file(weights, folder / TOKEN_WEIGHTS, metadata={"format": "pt"})
    if encoder.known_words is not None:
        write_known_words(encoder.known_words, folder)
    if card is not None:
        (folder / "README.md").write_text(card, encoding="utf-8")


def load(
    name: Path | str, *, device: torch.device | str = "cpu", allow_pickle: bool = False
) -> LateInteractionEncoder:
    """Load an encoder for inference, in float32.

    Args:
        name: A folder in one of the layouts that this module knows, or a hub name.
        device: auto, cpu, cuda or cuda:N.
        allow_pickle: Accept pickled weights, with ``weights_only=True``.

    Raises:
        InputError: There is no such model, or it is none that can be loaded.
        EnvironmentFault: The hub or the device cannot be reached.
    """
    target = choose_device(str(device))
    folder = find_model(name, allow_pickle=allow_pickle)
    encoder = _read(folder, allow_pickle)
    require_rows(encoder.backbone, len(encoder.tokenizer), folder)
    return encoder.to(target).eval()


def _read(folder: Path, allow_pickle: bool) -> LateInteractionEncoder:
    if multivector.is_multivector(folder):
        return _read_multivector(folder, allow_pickle)
    if stanford.is_stanford(folder):
        return _read_stanford(folder, allow_pickle)
    return _read_plain(folder, allow_pickle)


def _read_multivector(folder: Path, allow_pickle: bool) -> LateInteractionEncoder:
    inner = multivector.transformer_folder(folder)
    backbone = load_backbone(inner, allow_pickle=allow_pickle)
    head = multivector.read_head(folder, allow_pickle=allow_pickle)
    dim = backbone.config.hidden_size if head is None else head.out_features
    tokenizer = load_tokenizer(inner)
    config = multivector.read_config(
        folder, dim=dim, has_head=head is not None, limit=_longest(backbone, tokenizer)
    )
    return LateInteractionEncoder(
        backbone, tokenizer, config, head=_fitting(head, backbone, folder),
        piece_weights=_token_weights(folder), known_words=_known_words(folder, tokenizer),
    )  # fmt: skip


def _read_stanford(folder: Path, allow_pickle: bool) -> LateInteractionEncoder:
    backbone = load_backbone(folder, allow_pickle=allow_pickle)
    head = stanford.read_head(folder, allow_pickle=allow_pickle)
    config = stanford.read_config(folder, dim=head.out_features)
    head = _fitting(head, backbone, folder)
    return LateInteractionEncoder(backbone, load_tokenizer(folder), config, head=head)


def _read_plain(folder: Path, allow_pickle: bool) -> LateInteractionEncoder:
    inner = multivector.transformer_folder(folder)
    backbone = load_backbone(inner, allow_pickle=allow_pickle)
    tokenizer = load_tokenizer(inner)
    skiplist = punctuation_pieces(tokenizer)
    limit = _longest(backbone, tokenizer)
    # In the mean that it was trained for, a token counts as much as its vector is long.
    weigh_by = "norm" if multivector.averages_tokens(folder) else None
    config = plain_config(backbone.config.hidden_size, skiplist, limit, weigh_by=weigh_by)
    return LateInteractionEncoder(backbone, tokenizer, config)


def _longest(backbone: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    """Tokens of a text at most, where a layout does not say."""
    return min(token_limit(backbone), tokenizer.model_max_length)


def _fitting(head: nn.Linear | None, backbone: PreTrainedModel, folder: Path) -> nn.Linear | None:
    if head is not None and head.in_features != backbone.config.hidden_size:
        raise InputError(
            f"the head takes vectors {head.in_features} wide, the backbone gives"
            f" {backbone.config.hidden_size}",
            where=folder,
        )
    return head


def _known_words(folder: Path, tokenizer: PreTrainedTokenizerBase) -> KnownWords | None:
    known = read_known_words(folder)
    if known and not 0 < known.first <= len(tokenizer) - len(known.words):
        raise InputError(
            f"knows {len(known.words)} words from id {known.first} of {len(tokenizer)} tokens",
            where=folder,
        )
    return known


def _token_weights(folder: Path) -> Tensor | None:
    path = folder / TOKEN_WEIGHTS
    if not path.is_file():
        return None
    try:
        weights = load_file(path).get("weights")
    except SafetensorError as error:
        raise InputError(f"damaged weights: {error}", where=path) from None
    if weights is None:
        raise InputError("holds no tensor called weights", where=path)
    return weights
