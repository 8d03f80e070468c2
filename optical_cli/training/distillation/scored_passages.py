"""From a collection or its token vectors to the passages that each pair is scored on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.tokens import Side
from optical_cli.errors import InputError, UsageError
from optical_cli.formats.manifest import describe_input
from optical_cli.training.data.cache import side_facts
from optical_cli.training.data.candidates import BestPassages, Candidates, write_best
from optical_cli.training.data.passages import (
    FrozenPassages,
    encoded_passages,
    write_passages,
    written_passages,
)
from optical_cli.training.data.rows import RowStore
from optical_cli.training.distillation.passages_settings import PassagesSettings
from optical_cli.training.objectives.expression import parse_objective

SCORED = "score-kl"
# Name, facts and what fills the folder -> the folder, built once for all runs and processes
Built = Callable[[str, Mapping[str, Any], Callable[[Path], None]], Path]


def wanted_passages(settings: PassagesSettings, objective: str) -> PassagesSettings | None:
    """The settings, or None where no objective scores passages.

    Raises:
        UsageError: One does and there are none.
    """
    if SCORED in parse_objective(objective).names:
        if settings.passages is None:
            raise UsageError(f"--objective {objective}: {SCORED} needs --passages")
        return settings
    return None


@dataclass(frozen=True)
class ScoredPassages:
    """Encodes passages where that is still to be done, and ranks them for every source side.

    Attributes:
        settings: Which passages, and how many of them for a pair.
        teacher: Encodes and ranks.
        built: Keeps what is derived.
        dtype: Precision of both.
    """

    settings: PassagesSettings
    teacher: LateInteractionEncoder
    built: Built
    dtype: str

    def candidates(
        self, side: Side, sources: Sequence[tuple[Mapping[str, Any], RowStore]], seed: int
    ) -> Candidates:
        """The passages of each pair.

        Args:
            side: How the teacher reads sources.
            sources: Each language's facts and token rows.
            seed: Of the random passages.

        Raises:
            InputError: There is no passage, or it is another encoder's.
        """
        passages = self._passages()
        if len(passages.usable) < 2:
            raise InputError(
                "has fewer than two passages with a token, whose scores say nothing",
                where=self.settings.passages,
            )
        count = min(self.settings.top_passages, len(passages.usable))
        best = [self._best(side, facts, rows, passages, count) for facts, rows in sources]
        return Candidates(passages, best, self.settings.random_passages, seed)

    def _passages(self) -> FrozenPassages:
        path = self.settings.passages
        if path.is_dir() and not any(path.glob("corpus.jsonl*")):
            return encoded_passages(path, self.teacher)
        facts = self._facts() | {"passage": side_facts(self.teacher.passage_side())}
        return written_passages(
            self.built(
                "passages", facts, lambda f: write_passages(f, path, self.teacher, self.dtype)
            )
        )

    def _facts(self) -> dict[str, Any]:
        return {
            "passages": describe_input(self.settings.passages) | {"path": None},
            "teacher": self.teacher.signature(), "dtype": self.dtype,
            "device": self.teacher.device.type,
        }  # fmt: skip

    def _best(
        self,
        side: Side,
        facts: Mapping[str, Any],
        rows: RowStore,
        passages: FrozenPassages,
        count: int,
    ) -> BestPassages:
        own = {"source": side_facts(side), "expanded": side.mask_id is not None, "count": count}
        folder = self.built(
            "best", {**facts, **self._facts(), **own},
            lambda folder: write_best(
                folder, self.teacher, side, rows, passages, count, self.dtype
            ),
        )  # fmt: skip
        return BestPassages(folder, count)
