"""Folders of derived data that runs and processes share: built once, whole or absent."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from optical_cli.encoders.signature import vocabulary_text
from optical_cli.encoders.tokens import Side
from optical_cli.errors import DiskFull, OutputError
from optical_cli.formats.outputs import output_directory

WAIT_SECONDS = 0.5


def key_of(facts: Mapping[str, Any]) -> str:
    """A short hash of all that the content of a folder depends on."""
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def side_facts(side: Side) -> dict[str, Any]:
    """What token rows depend on but for the text: vocabulary, words, marker and length."""
    vocabulary = vocabulary_text(side.tokenizer)
    if side.segmenter is not None:
        vocabulary += side.segmenter.state()
    return {
        "vocabulary": hashlib.blake2b(vocabulary.encode(), digest_size=8).hexdigest(),
        "template": [side.template.before, side.marker, side.template.after],
        "length": side.length,
    }


def built_once(
    root: Path,
    name: str,
    facts: Mapping[str, Any],
    build: Callable[[Path], None],
    accelerator: Accelerator,
) -> Path:
    """The folder ``NAME-KEY`` in `root`, which `build` fills if it is not there yet.

    The main process builds; the others wait for it. Another run that builds the same folder is
    waited for as well.

    Args:
        root: Where such folders lie; made by the main process if need be.
        name: What it holds.
        facts: What its content depends on; written into it as ``about.json``.
        build: Fills the empty folder that it is given.
        accelerator: Knows this run's processes.
    """
    folder = root / f"{name}-{key_of(facts)}"
    if accelerator.is_main_process:
        root.mkdir(parents=True, exist_ok=True)
        _build(folder, facts, build)
    accelerator.wait_for_everyone()
    return folder


def _build(folder: Path, facts: Mapping[str, Any], build: Callable[[Path], None]) -> None:
    while not folder.exists():
        try:
            with output_directory(folder) as partial:
                build(partial)
                text = json.dumps(facts, indent=2, sort_keys=True, default=str)
                (partial / "about.json").write_text(text + "\n", encoding="utf-8")
        except OutputError:  # another run is at it, or has just finished
            time.sleep(WAIT_SECONDS)
        except DiskFull as error:
            raise DiskFull(error.problem, where=folder.parent) from None
