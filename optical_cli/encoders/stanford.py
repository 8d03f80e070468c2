"""Stanford ColBERT's layout: the head in the backbone's file, settings in artifact.metadata."""

import string
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import nn

from optical_cli.encoders.config import PASSAGE_LENGTH, QUERY_LENGTH, EncoderConfig
from optical_cli.encoders.json_files import read_json, write_json
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.vocabulary import save_tokenizer
from optical_cli.encoders.weights import linear, read_tensors
from optical_cli.errors import InputError

METADATA = "artifact.metadata"
ARCHITECTURE = "HF_ColBERT"
HEAD = "linear.weight"


def is_stanford(folder: Path) -> bool:
    """Whether `folder` holds a checkpoint in this layout."""
    settings = read_json(folder / "config.json", default={})
    return ARCHITECTURE in (settings.get("architectures") or [])


def read_head(folder: Path, *, allow_pickle: bool = False) -> nn.Linear:
    """The linear head.

    Raises:
        InputError: The weights hold none.
    """
    tensors = read_tensors(folder, [HEAD], allow_pickle=allow_pickle)
    if HEAD not in tensors:
        raise InputError(f"is a ColBERT checkpoint without {HEAD}", where=folder)
    return linear(tensors[HEAD])


def read_config(folder: Path, *, dim: int) -> EncoderConfig:
    """The config; what artifact.metadata does not say is as ColBERT has it."""
    metadata = read_json(folder / METADATA, default={})
    return EncoderConfig(
        dim=dim,
        query_length=metadata.get("query_maxlen") or QUERY_LENGTH,
        passage_length=metadata.get("doc_maxlen") or PASSAGE_LENGTH,
        attend_to_expansion=bool(metadata.get("attend_to_mask_tokens")),
        query_prefix=metadata.get("query_token_id") or "[unused0]",
        passage_prefix=metadata.get("doc_token_id") or "[unused1]",
        skiplist=tuple(string.punctuation) if metadata.get("mask_punctuation", True) else (),
    )


def write(encoder: LateInteractionEncoder, folder: Path, *, card: str | None = None) -> None:
    """Write `encoder` into an existing empty folder in this layout.

    ColBERT skips ASCII punctuation in passages, where this package skips that of all scripts.

    Raises:
        InputError: It has no head, or does not extend its queries, as this layout implies.
    """
    _require_expressible(encoder)
    config = encoder.backbone.config.to_dict() | {"architectures": [ARCHITECTURE]}
    write_json(folder / "config.json", config)
    save_file(_tensors(encoder), folder / "model.safetensors", metadata={"format": "pt"})
    save_tokenizer(encoder.tokenizer, folder)
    write_json(folder / METADATA, _metadata(encoder.config))
    if card is not None:
        (folder / "README.md").write_text(card, encoding="utf-8")


def _tensors(encoder: LateInteractionEncoder) -> dict:
    prefix = encoder.backbone.base_model_prefix
    backbone = encoder.backbone.state_dict()
    tensors = {f"{prefix}.{name}": value.contiguous() for name, value in backbone.items()}
    return tensors | {HEAD: encoder.head.weight.detach().contiguous()}


def _metadata(config: EncoderConfig) -> dict[str, Any]:
    return {
        "query_token": config.query_prefix.strip(),
        "doc_token": config.passage_prefix.strip(),
        "query_token_id": config.query_prefix,
        "doc_token_id": config.passage_prefix,
        "dim": config.dim,
        "similarity": "cosine",
        "query_maxlen": config.query_length,
        "doc_maxlen": config.passage_length,
        "mask_punctuation": bool(config.skiplist),
        "attend_to_mask_tokens": config.attend_to_expansion,
    }


def _require_expressible(encoder: LateInteractionEncoder) -> None:
    hint = "--to sentence-transformers can say so"
    if encoder.head is None or encoder.head.bias is not None:
        raise InputError("Stanford's layout needs a linear head without bias", hint=hint)
    if not encoder.config.query_expansion:
        raise InputError(
            "Stanford's ColBERT always extends queries with [MASK]s; this encoder does not",
            hint=hint,
        )
