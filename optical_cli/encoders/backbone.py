"""Loading the transformer under an encoder, and its tokenizer, without trusting them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from pickle import UnpicklingError

import torch
import transformers
from safetensors import SafetensorError
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.utils import logging as transformers_logging

from optical_cli.errors import InputError

UNLIMITED = 1 << 30
MESSAGE_SHOWN = 300
# What libraries raise on files that are not what they should be.
BROKEN = (
    OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError,
    SafetensorError, UnpicklingError,
)  # fmt: skip


@contextlib.contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep transformers' progress bars and load reports off stderr; what matters is raised."""
    verbosity = transformers_logging.get_verbosity()
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if bars:
            transformers_logging.enable_progress_bar()


def load_backbone(folder: Path, *, allow_pickle: bool = False) -> PreTrainedModel:
    """Load the transformer in `folder`, in float32, without the pooler that nobody here uses.

    Raises:
        InputError: It is not an encoder, its weights are pickled without `allow_pickle`, do not
            fit its config, or it needs code of its own.
    """
    config = _load_config(folder)
    _require_weights(folder, allow_pickle)
    with quiet_transformers(), as_input_error(folder):
        model, info = _class_of(config).from_pretrained(
            folder, config=config, dtype=torch.float32, output_loading_info=True,
            use_safetensors=None if allow_pickle else True, weights_only=True,
            trust_remote_code=False, local_files_only=True, ignore_mismatched_sizes=True,
        )  # fmt: skip
    _require_all(info["missing_keys"], folder)
    _require_shapes(info["mismatched_keys"], folder)
    drop_pooler(model)
    if not isinstance(model.get_input_embeddings(), nn.Embedding):
        raise InputError(f"is a {config.model_type}, which does not read tokens", where=folder)
    return model.eval()


def _class_of(config: PretrainedConfig) -> type:
    """What loads it: for half of an encoder-decoder, such as T5EncoderModel, the class it names."""
    name = (config.architectures or [""])[0]
    return getattr(transformers, name, AutoModel) if name.endswith("EncoderModel") else AutoModel


def drop_pooler(model: PreTrainedModel) -> None:
    """Remove the sentence pooler: its weights would never get a gradient."""
    if getattr(model, "pooler", None) is not None:
        model.pooler = None


def _load_config(folder: Path) -> PretrainedConfig:
    if not (folder / "config.json").is_file():
        raise InputError(
            "is no model: it has no config.json", where=folder, hint=_what_it_is(folder)
        )
    with quiet_transformers(), as_input_error(folder):
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    if config.is_encoder_decoder:
        raise InputError(
            f"is a {config.model_type}, an encoder-decoder; an encoder is needed", where=folder
        )
    return config


def _what_it_is(folder: Path) -> str:
    if (folder / "manifest.json").is_file():
        return "`optical inspect` says what it is"
    return "a model is a folder with config.json, model.safetensors and tokenizer.json"


def _require_weights(folder: Path, allow_pickle: bool) -> None:
    if any(folder.glob("model*.safetensors")):
        return
    if not any(folder.glob("pytorch_model*.bin")):
        raise InputError("has no weights: no model.safetensors", where=folder)
    if not allow_pickle:
        raise InputError(
            "has only pickled weights (pytorch_model.bin), which can run code", where=folder,
            hint="optical export --to sentence-transformers --allow-pickle converts them",
        )  # fmt: skip


def _require_all(missing: set[str], folder: Path) -> None:
    """Refuse a checkpoint that would leave parameters at random values."""
    missing = sorted(name for name in missing if "pooler" not in name)
    if missing:
        raise InputError(
            f"a checkpoint of another architecture: {len(missing)} parameters of its config are"
            f" not in its weights, such as {missing[0]}",
            where=folder,
        )


def _require_shapes(mismatched: set[tuple], folder: Path) -> None:
    if mismatched:
        name, stored, configured = min(mismatched)
        raise InputError(
            f"a checkpoint of another architecture: {name} is {tuple(stored)} in its weights and"
            f" {tuple(configured)} by its config",
            where=folder,
        )


def require_rows(backbone: PreTrainedModel, tokens: int, folder: Path) -> None:
    """Refuse a vocabulary of more tokens than the backbone has embeddings for.

    Raises:
        InputError: It has.
    """
    rows = backbone.get_input_embeddings().num_embeddings
    if tokens > rows:
        raise InputError(
            f"the vocabulary has {tokens} tokens, the weights have {rows} embeddings", where=folder
        )


@contextlib.contextmanager
def as_input_error(folder: Path, what: str = "model") -> Iterator[None]:
    """What transformers raises on a broken folder, as one plain line."""
    try:
        yield
    except Exception as error:
        # The tokenizers library raises bare `Exception`s.
        known = isinstance(error, BROKEN) or type(error) is Exception
        if not known or isinstance(error, torch.OutOfMemoryError):
            raise
        raise InputError(_plainly(str(error), what), where=folder) from error


def _plainly(text: str, what: str) -> str:
    if "trust_remote_code" in text:
        return "needs code from its own repository, which is never run here"
    first = next((line.strip() for line in text.splitlines() if line.strip()), "it is damaged")
    return f"the {what} cannot be loaded: {first[:MESSAGE_SHOWN]}"


def token_limit(backbone: PreTrainedModel) -> int:
    """How many tokens the backbone can read at once."""
    limit = getattr(backbone.config, "max_position_embeddings", None) or UNLIMITED
    return limit - position_offset(backbone)


def position_offset(backbone: PreTrainedModel) -> int:
    """Positions that are never used: RoBERTa-like models count from the padding id plus one."""
    padding = positions_padding(backbone)
    return 0 if padding is None else padding + 1


def positions_padding(backbone: PreTrainedModel) -> int | None:
    """The token id from which RoBERTa-like models count positions; None for other models."""
    embeddings = getattr(backbone, "embeddings", None)
    table = getattr(embeddings, "position_embeddings", None)
    return getattr(table, "padding_idx", None)
