"""Tokenizers on disk: loaded without running code, saved without traces of the occasion."""

import json
from pathlib import Path

from transformers import AddedToken, AutoTokenizer, PreTrainedTokenizerBase

from optical_cli.encoders.backbone import as_input_error, quiet_transformers
from optical_cli.errors import InputError

FILES = (
    "tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model",
    "tokenizer.model",
)  # fmt: skip
# What `save_pretrained` notes about this process's calls; it would make equal runs differ.
OCCASIONAL = {
    "is_local", "local_files_only", "name_or_path", "trust_remote_code", "max_length", "stride",
    "truncation_side", "truncation_strategy", "pad_to_multiple_of", "pad_token_type_id",
}  # fmt: skip
MASK = "[MASK]"


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load the tokenizer in `folder`.

    Raises:
        InputError: There is none, or it cannot be read.
    """
    if not any((folder / name).is_file() for name in FILES):
        raise InputError("has no tokenizer: no tokenizer.json", where=folder)
    with quiet_transformers(), as_input_error(folder, "tokenizer"):
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)


def save_tokenizer(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write tokenizer.json and tokenizer_config.json, the same bytes whatever it was used for."""
    without_limits(tokenizer)
    tokenizer.save_pretrained(folder)
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    kept = {name: value for name, value in settings.items() if name not in OCCASIONAL}
    if kept.get("tokenizer_class") == "TokenizersBackend":
        kept["tokenizer_class"] = "PreTrainedTokenizerFast"  # the name that all releases know
    path.write_text(json.dumps(kept, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def without_limits(tokenizer: PreTrainedTokenizerBase) -> None:
    """Turn off truncation and padding, which files and other callers leave in the backend."""
    if tokenizer.is_fast:
        tokenizer.backend_tokenizer.no_truncation()
        tokenizer.backend_tokenizer.no_padding()


def add_markers(tokenizer: PreTrainedTokenizerBase, markers: tuple[str, ...]) -> list[int]:
    """Add the marker tokens, and [MASK], that `tokenizer` lacks; return the ids of the new ones.

    They are matched before normalisation, so that a lower-casing tokenizer keeps them whole.
    """
    known = tokenizer.get_vocab()
    new = [marker for marker in markers if marker not in known]
    tokens = [AddedToken(marker, normalized=False, special=True) for marker in new]
    tokenizer.add_tokens(tokens, special_tokens=True)
    if tokenizer.mask_token is None:
        tokenizer.add_special_tokens({"mask_token": MASK})
        new += [] if MASK in known else [MASK]
    return tokenizer.convert_tokens_to_ids(new)
