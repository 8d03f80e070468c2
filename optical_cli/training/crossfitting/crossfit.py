"""Students that have not seen what they score: one for each fold, trained on the others."""

import copy
import dataclasses
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
from jaxtyping import Int

from optical_cli.bitext.lexicon_settings import LexiconSettings
from optical_cli.encoders.layout import load
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.errors import OutputError, UsageError
from optical_cli.formats.bitext import SentencePair, write_bitext
from optical_cli.formats.manifest import manifest_of, require_format, sha256
from optical_cli.formats.outputs import output_file
from optical_cli.settings import (
    ComputeSettings,
    Invocation,
    ResumableOutputSettings,
    restored,
)
from optical_cli.training.distillation.request import DistillRequest
from optical_cli.training.distillation.run import Distillation
from optical_cli.training.settings import SelectionSettings, TrainingSettings
from optical_cli.training.students.lexicon import keep_lexicon, lexicon_of_pairs

log = logging.getLogger(__name__)

FROM = "cross-fitting"


@dataclass(frozen=True)
class CrossFit:
    """Trains the students of the folds as a given student was trained.

    Attributes:
        student: A folder of `optical distill`, whose manifest says how.
        teacher: Of all of them.
        compute: Device and precision.
        seed: Of the training.
        folder: Where the students are kept; those that stand there are taken.
    """

    student: Path
    teacher: str
    compute: ComputeSettings
    seed: int
    folder: Path

    def students(
        self, pairs: Sequence[SentencePair], folds: Int[np.ndarray, " pair"]
    ) -> Iterator[tuple[int, LateInteractionEncoder]]:
        """Each fold's number with the student that was trained on all others.

        A student that starts from a lexicon gets one of the other folds alone, too: a lexicon of
        all pairs would bring to it what it must not have seen.

        Raises:
            UsageError: The given student was not made by `optical distill`.
            OutputError: A student in the folder learned from other pairs.
        """
        settings = self._settings()
        count = int(folds.max()) + 1
        for fold in range(count):
            others = [p for p, own in zip(pairs, folds.tolist(), strict=True) if own != fold]
            name = f"{fold + 1}-of-{count}"
            bitext = self.folder / f"without-{name}.tsv"
            with output_file(bitext, overwrite=True) as stream:
                write_bitext(stream, others)
            target = self.folder / f"student-{name}"
            if not _learned_from(target, bitext):
                log.info("fold %s: a student learns from the other %d pairs", name, len(others))
                self._train(copy.deepcopy(settings), others, bitext, target)
            yield fold, load(target)

    def _settings(self) -> dict[str, dict[str, Any]]:
        manifest = require_format(self.student, "optical-model", 1)
        if manifest.what["command"] != "distill":
            raise UsageError(
                f"was made by {manifest.what['command']}, not by distill, so that no other can be"
                " trained like it", where=self.student,
                hint="--folds 1 scores with it as it is",
            )  # fmt: skip
        return manifest.what["settings"]

    def _train(
        self, settings: dict[str, Any], others: list[SentencePair], bitext: Path, target: Path
    ) -> None:
        changed = {"teacher": self.teacher, "bitext": [str(bitext)], "columns": "1,2"}
        if lexicons := settings["distill"]["lexicon"]["value"]:
            changed["lexicon"] = [str(_lexicon(others, bitext, lexicons[0]))]
        settings["distill"] |= {name: {"value": value} for name, value in changed.items()}
        settings["seed"] = {"seed": {"value": self.seed}}
        # Whatever --dev was, it may hold pairs of this fold.
        settings["selection"] = {}
        # What the given student's command line, teacher or lexicon settled is settled.
        settings = {
            section: {name: {"value": entry["value"], "from": FROM} for name, entry in told.items()}
            for section, told in settings.items()
        }
        training = _restored(
            TrainingSettings, settings, selecting=SelectionSettings(), compute=self.compute,
            seed=self.seed,
        )  # fmt: skip
        invocation = Invocation("distill", settings)
        request = _restored(DistillRequest, settings, training=training, invocation=invocation)
        Distillation(request).run(ResumableOutputSettings(output=target, resume=True))


def _restored(whole: type, settings: dict[str, dict[str, Any]], **given: Any) -> Any:
    """A `whole` whose parts are settings as they were recorded, but for what is `given`."""
    kinds = get_type_hints(whole)
    parts = {
        field.name: restored(kinds[field.name], settings)
        for field in dataclasses.fields(whole)
        if field.name not in given
    }
    return whole(**parts, **given)


def _learned_from(student: Path, bitext: Path) -> bool:
    """Whether a student is there, and raise if it is one of other pairs."""
    manifest = manifest_of(student)
    if manifest is None:
        return False
    if not any(entry.get("sha256") == sha256(bitext) for entry in manifest.lineage):
        raise OutputError(
            "learned from other pairs than these", where=student, hint="choose another --students"
        )
    return True


def _lexicon(pairs: list[SentencePair], bitext: Path, like: str) -> Path:
    """A lexicon of `pairs` beside their file, learned as another was.

    But without a student that read its pairs: it has seen those of the fold.
    """
    made = manifest_of(Path(like))
    known = made is not None and made.what["command"] == "lexicon"
    how = restored(LexiconSettings, made.what["settings"] if known else {})
    path = bitext.with_suffix(".lexicon.tsv")
    keep_lexicon(path, lexicon_of_pairs(pairs, how))
    return path
