"""Heads and settings as PyLate and sentence-transformers keep them beside a backbone."""

import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import save_file
from torch import nn

import optical_cli
from optical_cli.encoders.config import (
    PASSAGE_LENGTH,
    QUERY_LENGTH,
    EncoderConfig,
)
from optical_cli.encoders.json_files import read_json, write_json
from optical_cli.encoders.weights import linear, read_tensors
from optical_cli.errors import InputError
from optical_cli.weighing import BACKBONE_WEIGHTS, BackboneWeight

SETTINGS = "config_sentence_transformers.json"
TRANSFORMER_SETTINGS = "sentence_bert_config.json"
MODULES = "modules.json"
DENSE = "1_Dense"
# PyLate's own keys; its early releases did not write model_type.
PYLATE_KEYS = {"query_prefix", "document_prefix", "do_query_expansion"}
MODEL_TYPES = ("ColBERT", "MultiVectorEncoder")
# Modules of sentence-transformers that add nothing to what this package does anyway.
IMPLIED = ("Normalize", "MultiVectorMask")
IDENTITY = "torch.nn.modules.linear.Identity"
OWN_KEY = "optical"


def is_multivector(folder: Path) -> bool:
    """Whether `folder` holds a late-interaction encoder in this layout."""
    settings = read_json(folder / SETTINGS, default={})
    return settings.get("model_type") in MODEL_TYPES or bool(PYLATE_KEYS & settings.keys())


def transformer_folder(folder: Path) -> Path:
    """Where the backbone of a sentence-transformers model lies: `folder`, or one within."""
    for module in _modules(folder):
        if _kind(module) == "Transformer":
            return _within(folder, module)
    return folder


def averages_tokens(folder: Path) -> bool:
    """Whether a sentence-transformers model takes the mean of token vectors for a sentence's."""
    for module in _modules(folder):
        if _kind(module) == "Pooling":
            settings = read_json(_within(folder, module) / "config.json", default={})
            mode = settings.get("pooling_mode")
            return mode == "mean" or bool(settings.get("pooling_mode_mean_tokens"))
    return False


def read_head(folder: Path, *, allow_pickle: bool = False) -> nn.Linear | None:
    """The linear head, or None if there is none.

    Raises:
        InputError: There is more than one linear layer, or something else than a linear layer.
    """
    kinds = [_kind(module) for module in _modules(folder)]
    unknown = sorted(set(kinds) - {"Transformer", "Dense", *IMPLIED})
    if unknown or kinds.count("Dense") > 1:
        what = f"a {unknown[0]} module" if unknown else "a head of several layers"
        raise InputError(f"has {what}, which is not supported", where=folder / MODULES)
    dense = next((m for m in _modules(folder) if _kind(m) == "Dense"), None)
    return None if dense is None else _read_dense(_within(folder, dense), allow_pickle)


def _read_dense(folder: Path, allow_pickle: bool) -> nn.Linear:
    settings = read_json(folder / "config.json")
    if settings.get("activation_function", IDENTITY) != IDENTITY or settings.get("use_residual"):
        raise InputError("the head is not linear", where=folder / "config.json")
    names = ("linear.weight", "linear.bias")
    tensors = read_tensors(folder, names, allow_pickle=allow_pickle)
    if "linear.weight" not in tensors:
        raise InputError("the head has no linear.weight", where=folder)
    return linear(tensors["linear.weight"], tensors.get("linear.bias"))


def _modules(folder: Path) -> list[dict[str, Any]]:
    return read_json(folder / MODULES, list, default=[])


def _kind(module: dict[str, Any]) -> str:
    return str(module.get("type", "")).rpartition(".")[2]


def _within(folder: Path, module: dict[str, Any]) -> Path:
    path = str(module.get("path", ""))
    if ".." in Path(path).parts or Path(path).is_absolute():
        raise InputError(f"refers to {path}, outside the folder", where=folder / MODULES)
    return folder / path


def read_config(folder: Path, *, dim: int, has_head: bool, limit: int) -> EncoderConfig:
    """The config of a late-interaction encoder in this layout.

    Args:
        folder: Its folder.
        dim: Width of its token vectors.
        has_head: Whether it has a head.
        limit: How many tokens its backbone reads; lengths that are not given are this.
    """
    settings = read_json(folder / SETTINGS)
    if settings.get("model_type") == "MultiVectorEncoder":
        config = _native_config(folder, settings, limit)
    else:
        config = _pylate_config(settings)
    own = settings.get(OWN_KEY, {})
    return replace(
        EncoderConfig(dim=dim, has_head=has_head, **config),
        share_word_mass=bool(own.get("share_word_mass")),
        weigh_by=_backbone_weight(own, folder),
        family=own.get("family"),
    )


def _backbone_weight(own: dict[str, Any], folder: Path) -> BackboneWeight | None:
    name = own.get("weigh_by")
    if name is not None and name not in BACKBONE_WEIGHTS:
        raise InputError(
            f"weighs tokens by {name}, which is not supported", where=folder / SETTINGS
        )
    return name


def _pylate_config(settings: dict[str, Any]) -> dict[str, Any]:
    prompts = settings.get("prompts") or {}
    skiplist = settings.get("skiplist_words")
    return {
        "query_length": settings.get("query_length") or QUERY_LENGTH,
        "passage_length": settings.get("document_length") or PASSAGE_LENGTH,
        "query_expansion": settings.get("do_query_expansion", True),
        "attend_to_expansion": bool(settings.get("attend_to_expansion_tokens")),
        "query_prefix": (settings.get("query_prefix") or "") + (prompts.get("query") or ""),
        "passage_prefix": (settings.get("document_prefix") or "") + (prompts.get("document") or ""),
        "skiplist": tuple(string.punctuation if skiplist is None else skiplist),
    }


def _native_config(folder: Path, settings: dict[str, Any], limit: int) -> dict[str, Any]:
    transformer = read_json(transformer_folder(folder) / TRANSFORMER_SETTINGS, default={})
    expansion = transformer.get("query_expansion")
    if expansion and expansion.get("strategy") != "fixed":
        raise InputError(
            f"extends queries by strategy {expansion.get('strategy')}; only fixed is supported",
            where=folder / TRANSFORMER_SETTINGS,
        )
    prompts = settings.get("prompts") or {}
    longest = transformer.get("max_seq_length") or limit
    expanded = expansion or {}
    return {
        "query_length": expanded.get("length") or transformer.get("query_length") or longest,
        "passage_length": transformer.get("document_length") or longest,
        "query_expansion": bool(expansion),
        "attend_to_expansion": bool(expanded.get("attend")),
        "query_prefix": prompts.get("query") or "",
        "passage_prefix": prompts.get("document") or "",
        "skiplist": _native_skiplist(folder),
    }


def _native_skiplist(folder: Path) -> tuple[str, ...]:
    mask = next((m for m in _modules(folder) if _kind(m) == "MultiVectorMask"), None)
    if mask is None:
        return ()
    place = _within(folder, mask) / "config.json"
    settings = read_json(place)
    if settings.get("skiplist_tasks", ["document"]) != ["document"]:
        raise InputError("skips words in queries, which is not supported", where=place)
    if settings.get("keep_only_token_ids"):
        raise InputError("scores chosen tokens only, which is not supported", where=place)
    return tuple(settings.get("skiplist_words") or ())


def write(config: EncoderConfig, head: nn.Linear | None, folder: Path) -> None:
    """Write head and settings into `folder`."""
    write_json(folder / SETTINGS, _settings(config))
    length = max(config.query_length, config.passage_length)
    write_json(folder / TRANSFORMER_SETTINGS, {"max_seq_length": length, "do_lower_case": False})
    modules = [_module(0, "", "Transformer")]
    if head is not None:
        modules.append(_module(1, DENSE, "Dense"))
        _write_dense(head, folder / DENSE)
    write_json(folder / MODULES, modules)


def _module(place: int, path: str, kind: str) -> dict[str, Any]:
    kind = f"sentence_transformers.models.{kind}"
    return {"idx": place, "name": str(place), "path": path, "type": kind}


def _settings(config: EncoderConfig) -> dict[str, Any]:
    settings = {
        "model_type": "ColBERT",
        "__version__": {
            "optical": optical_cli.__version__,
            "transformers": transformers.__version__,
            "pytorch": torch.__version__,
        },
        "prompts": {"query": "", "document": ""},
        "default_prompt_name": None,
        "similarity_fn_name": "MaxSim",
        "query_prefix": config.query_prefix,
        "document_prefix": config.passage_prefix,
        "query_length": config.query_length,
        "document_length": config.passage_length,
        "attend_to_expansion_tokens": config.attend_to_expansion,
        "skiplist_words": list(config.skiplist),
        "do_query_expansion": config.query_expansion,
    }
    names = ("share_word_mass", "weigh_by", "family")
    own = {name: getattr(config, name) for name in names}
    own = {name: value for name, value in own.items() if value}
    return settings | ({OWN_KEY: own} if own else {})


def _write_dense(head: nn.Linear, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    dense = {
        "in_features": head.in_features,
        "out_features": head.out_features,
        "bias": head.bias is not None,
        "activation_function": IDENTITY,
    }
    write_json(folder / "config.json", dense)
    tensors = {f"linear.{name}": value.contiguous() for name, value in head.state_dict().items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
