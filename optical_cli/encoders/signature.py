"""A short stable hash of everything that makes an encoder's vectors."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping

import torch
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedTokenizerBase

from optical_cli.encoders.config import EncoderConfig
from optical_cli.encoders.known_words import KnownWords

DIGEST_BYTES = 10
# Where a model lay, who wrote it and how it was stored: none of it changes a vector.
INCIDENTAL = {"_name_or_path", "architectures", "transformers_version", "dtype", "torch_dtype"}


def signature_of(
    weights: Mapping[str, Tensor],
    config: EncoderConfig,
    backbone_config: PretrainedConfig,
    tokenizer: PreTrainedTokenizerBase,
    known_words: KnownWords | None,
) -> str:
    """BLAKE2b over weights by name, both configs and the vocabulary, as 20 hex digits."""
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for part in (_settings(config), architecture_of(backbone_config)):
        digest.update(json.dumps(part, sort_keys=True, default=str).encode())
    digest.update(vocabulary_text(tokenizer).encode())
    if known_words is not None:
        digest.update(json.dumps(dataclasses.asdict(known_words)).encode())
    for name in sorted(weights):
        digest.update(f"{name} {weights[name].dtype} {tuple(weights[name].shape)}".encode())
        digest.update(_bytes(weights[name]))
    return digest.hexdigest()


def _settings(config: EncoderConfig) -> dict:
    """The fields that differ from their defaults, so that a later field changes no signature."""
    fields = dataclasses.fields(config)
    values = {field.name: getattr(config, field.name) for field in fields}
    return {f.name: values[f.name] for f in fields if values[f.name] != f.default}


def architecture_of(config: PretrainedConfig) -> dict:
    """What a backbone's config says of its vectors."""
    return {name: value for name, value in config.to_diff_dict().items() if name not in INCIDENTAL}


def vocabulary_text(tokenizer: PreTrainedTokenizerBase) -> str:
    """All that decides how a text is split, as JSON."""
    if not tokenizer.is_fast:
        return json.dumps(tokenizer.get_vocab(), sort_keys=True)
    parts = json.loads(tokenizer.backend_tokenizer.to_str())
    # Where the last caller truncated and padded is no part of the vocabulary.
    return json.dumps(parts | {"truncation": None, "padding": None}, sort_keys=True)


def _bytes(tensor: Tensor) -> memoryview:
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().data if flat.numel() else memoryview(b"")
