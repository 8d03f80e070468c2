"""What a student is selected by: teacher agreement on dev pairs."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.formats.bitext import SentencePair, read_bitext
from optical_cli.formats.collection import load_collection
from optical_cli.training.data.bitext import Bitext
from optical_cli.training.loop.selection import Score
from optical_cli.training.settings import SelectionSettings
from optical_cli.training.students.settings import SideName
from optical_cli.training.validation.agreement import PassageAgreement, TeacherAgreement

log = logging.getLogger(__name__)

# Pairs of each training bitext that are ranked with those of the dev data.
DISTRACTORS = 1000
NAME = "teacher_agreement"


@dataclass(frozen=True)
class AgreementScore:
    """Makes the score that picks a student's checkpoints.

    Attributes:
        settings: Dev pairs, and what is ranked for them.
        sides: What the student encodes.
        bitexts: The training data.
        dtype: Precision of the encoders.
    """

    settings: SelectionSettings
    sides: Sequence[SideName]
    bitexts: Sequence[Bitext]
    dtype: str

    def of(self, student: LateInteractionEncoder, teacher: LateInteractionEncoder) -> Score | None:
        """The mean over what the student encodes; None without dev."""
        if self.settings.dev is None:
            log.warning(
                "without --dev or --dev-queries the last weights are kept, whether or not they are"
                " the best"
            )
            return None
        return Score(NAME, lambda: self._made(student, teacher))

    def _made(
        self, student: LateInteractionEncoder, teacher: LateInteractionEncoder
    ) -> Callable[[], float]:
        scores = [
            self._queries(student, teacher) if side == "query" else self._passages(student, teacher)
            for side in self.sides
        ]
        return lambda: sum(score() for score in scores) / len(scores)

    def _queries(
        self, student: LateInteractionEncoder, teacher: LateInteractionEncoder
    ) -> TeacherAgreement:
        dev = self._dev()
        sources = [pair.source for pair in dev]
        if self.settings.dev_collection is not None:
            ranked = list(load_collection(self.settings.dev_collection).values())
        else:
            ranked = [*sources, *(pair.source for pair in self._others())]
        return TeacherAgreement(
            student, teacher, sources, [pair.target for pair in dev], passages=ranked,
            dtype=self.dtype,
        )  # fmt: skip

    def _passages(
        self, student: LateInteractionEncoder, teacher: LateInteractionEncoder
    ) -> PassageAgreement:
        dev = self._dev()
        pairs = {pair.source: pair.target for pair in [*dev, *self._others()]}
        return PassageAgreement(
            student, teacher, [pair.source for pair in dev], pairs, dtype=self.dtype
        )

    def _dev(self) -> list[SentencePair]:
        pairs = read_bitext(self.settings.dev, columns=self.settings.dev_columns)
        return list(islice(pairs, self.settings.dev_limit))

    def _others(self) -> list[SentencePair]:
        return [pair for bitext in self.bitexts for pair in islice(bitext.pairs(), DISTRACTORS)]
