"""Translating by a model of transformers: MarianMT, NLLB, M2M.

Texts go through in batches of alike length, so that little padding is computed, and come back in
their own order.
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from optical_cli.console import progress
from optical_cli.encoders.backbone import quiet_transformers
from optical_cli.encoders.devices import autocast, choose_device
from optical_cli.encoders.hub import find_model
from optical_cli.errors import InputError, UsageError
from optical_cli.settings import ComputeSettings
from optical_cli.translation.languages import code_for
from optical_cli.translation.settings import DecodingSettings

log = logging.getLogger(__name__)

# Where a tokenizer does not say how much its model reads; transformers then says 10 ** 30.
USUAL_LENGTH = 512


class Translator:
    """A sequence-to-sequence model that translates into one language.

    Args:
        name: A folder, or a name on the hub.
        settings: Languages, beam and lengths.
        compute: Device and precision.

    Raises:
        InputError: It is no translation model, or its weights are pickled and not allowed.
        UsageError: The model needs a language that was not given, or does not have one that was.
        EnvironmentFault: It has to be fetched and cannot be.
    """

    def __init__(self, name: str, settings: DecodingSettings, compute: ComputeSettings):
        self.settings = settings
        self.compute = compute
        self.device = choose_device(compute.device)
        self.folder = find_model(name, allow_pickle=settings.allow_pickle)
        self.tokenizer, model = _loaded(self.folder, settings.allow_pickle)
        self.model = model.to(self.device).eval()
        self.first_token = self._set_languages()
        self.length = _read_at_most(self.tokenizer, model.config)
        self.cut = 0

    def _set_languages(self) -> int | None:
        """Tell the tokenizer what it reads; give the token that a translation begins with."""
        known = _languages(self.tokenizer, self.folder)
        if not known:
            return None
        if self.settings.target_lang is None:
            raise UsageError("this model has many languages: give the queries' with --target-lang")
        self.tokenizer.src_lang = code_for(self.settings.target_lang, known, "--target-lang")
        into = code_for(self.settings.source_lang, known, "--source-lang")
        log.info("translating from %s into %s", self.tokenizer.src_lang, into)
        if hasattr(self.tokenizer, "get_lang_id"):
            return self.tokenizer.get_lang_id(into)
        return self.tokenizer.convert_tokens_to_ids(into)

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """The translations, in the order of `texts`; counts in `cut` what was read in part."""
        rows = [self.tokenizer(text)["input_ids"] for text in texts]
        self.cut = sum(len(row) > self.length for row in rows)
        order = sorted(range(len(texts)), key=lambda place: (len(rows[place]), place))
        translated: dict[int, str] = {}
        with progress("translating", len(texts)) as steps:
            for places in _chunks(order, self.settings.batch_size):
                batch = self._batch([texts[place] for place in places])
                translated.update(zip(places, batch, strict=True))
                steps.advance(len(places))
        return [translated[place] for place in range(len(texts))]

    @torch.inference_mode()
    def _batch(self, texts: list[str]) -> list[str]:
        inputs = self.tokenizer(
            texts, padding=True, truncation=True, max_length=self.length, return_tensors="pt"
        ).to(self.device)
        begin = {} if self.first_token is None else {"forced_bos_token_id": self.first_token}
        with autocast(self.device, self.compute.dtype), quiet_transformers():
            rows = self.model.generate(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"],
                num_beams=self.settings.beam, do_sample=False,
                max_new_tokens=self.settings.max_tokens, max_length=None, **begin,
            )  # fmt: skip
        texts = self.tokenizer.batch_decode(rows, skip_special_tokens=True)
        return [" ".join(text.split()) for text in texts]


def _loaded(folder: Path, allow_pickle: bool) -> tuple:
    _require_weights(folder, allow_pickle)
    try:
        with quiet_transformers():
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model, info = AutoModelForSeq2SeqLM.from_pretrained(
                folder, local_files_only=True, weights_only=True, output_loading_info=True,
                use_safetensors=None if allow_pickle else True, dtype=torch.float32,
            )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        reason = str(error).split("\n")[0]
        raise InputError(f"is no translation model: {reason}", where=folder) from None
    if info["missing_keys"]:  # They would be random numbers, and nobody would see it.
        missing = ", ".join(sorted(info["missing_keys"])[:3])
        raise InputError(f"has weights without {missing}", where=folder)
    return tokenizer, model


def _require_weights(folder: Path, allow_pickle: bool) -> None:
    """Refuse pickles that are not allowed; of a hub's model, they were not fetched either."""
    if any(folder.glob("*.safetensors")) or (allow_pickle and any(folder.glob("*.bin"))):
        return
    if allow_pickle:
        raise InputError("has no weights: no model.safetensors", where=folder)
    if any(folder.glob("*.bin")):
        raise InputError("has only pickled weights", where=folder, hint="--allow-pickle")
    raise InputError(
        "has no weights: no model.safetensors", where=folder,
        hint="--allow-pickle fetches and reads a pytorch_model.bin, if that is all there is",
    )  # fmt: skip


def _languages(tokenizer: object, folder: Path) -> list[str]:
    """The codes that a multilingual tokenizer knows; none for a model of one pair.

    Raises:
        InputError: It is NLLB's and has none: from sentencepiece.bpe.model alone, transformers
            makes one that reads every language as an unknown token.
    """
    if hasattr(tokenizer, "lang_code_to_id"):
        return list(tokenizer.lang_code_to_id)
    if not type(tokenizer).__name__.startswith("Nllb"):
        return []
    codes = [t for t in tokenizer.all_special_tokens if len(t) == 8 and t[3] == "_"]
    if not codes:
        raise InputError("has a tokenizer without languages", where=folder,
                         hint="NLLB is published with a tokenizer.json")  # fmt: skip
    return codes


def _read_at_most(tokenizer: object, config: object) -> int:
    limits = (tokenizer.model_max_length, getattr(config, "max_position_embeddings", None))
    return min([limit for limit in limits if limit and limit < 1 << 20], default=USUAL_LENGTH)


def _chunks(order: list[int], size: int) -> Iterator[list[int]]:
    if size < 1:
        raise UsageError(f"--batch-size {size}: expected at least 1")
    for start in range(0, len(order), size):
        yield order[start : start + size]
