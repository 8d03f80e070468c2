"""What `optical distill` is asked for: its settings together, and what they say of each other."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from optical_cli.bitext.backoff import scripts_of
from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.encoders.hub import folders_among
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.received import require_heard
from optical_cli.errors import UsageError
from optical_cli.formats.lexicon import Lexicon
from optical_cli.settings import Invocation
from optical_cli.training.data.bitext import Bitext, all_pairs, bitexts_of
from optical_cli.training.distillation.passages_settings import PassagesSettings
from optical_cli.training.distillation.presets import (
    ROWS_TO_READ,
    with_started_words,
    with_teachers_weights,
)
from optical_cli.training.distillation.unread import unread
from optical_cli.training.objectives.expression import COMPARING, parse_objective
from optical_cli.training.settings import DistillSettings, TrainingSettings
from optical_cli.training.students.settings import StudentSettings
from optical_cli.training.students.start import TEACHER
from optical_cli.training.students.vocabulary_settings import StudentVocabularySettings
from optical_cli.training.validation.judged import require_collection
from optical_cli.transport.annealing import AnnealingSettings
from optical_cli.transport.settings import TransportSettings


@dataclass(frozen=True)
class DistillRequest:
    """All that `optical distill` was told, which models and lexicon settle further.

    Attributes:
        what: Teacher, bitext and objective.
        how: What the student reads, and what of it is trained.
        vocabulary: The student's tokens.
        unknown: What answers for words that the lexicon lacks.
        passages: What scores are compared on.
        transport: How tokens are aligned.
        annealing: How that changes over the training.
        training: What every training command is told.
        invocation: The command.
    """

    what: DistillSettings
    how: StudentSettings
    vocabulary: StudentVocabularySettings
    unknown: BackOffSettings
    passages: PassagesSettings
    transport: TransportSettings
    annealing: AnnealingSettings
    training: TrainingSettings
    invocation: Invocation

    @cached_property
    def bitexts(self) -> list[Bitext]:
        """The pairs to learn from."""
        return bitexts_of(self.what)

    def settled(
        self,
        teacher: LateInteractionEncoder,
        started: LateInteractionEncoder,
        student: LateInteractionEncoder,
        lexicon: Lexicon,
    ) -> "DistillRequest":
        """With what was not asked for and the models decide, once they are known.

        Args:
            teacher: What it weighs query tokens by, transport does.
            started: The student with its old vocabulary.
            student: The same, where it got new tokens another.
            lexicon: What these start from.

        Raises:
            UsageError: What is then wanted makes no sense.
            InputError: Tokens weigh by attention, of which a backbone does not tell.
        """
        found = self._weighing_as(teacher, started)
        if student is not started:
            found = found._for_started_words(lexicon)
        found.require_sense()  # of the teacher's weights, too
        found._warn_of_unread(vocabulary=student is not started)
        found._require_heard(teacher, student)
        return found

    def compares(self) -> bool:
        """Whether an objective compares the texts of a batch with each other."""
        return not set(COMPARING).isdisjoint(parse_objective(self.what.objective).names)

    def priors(self) -> tuple[str, ...]:
        """The priors of the plan's cost, where an objective has one."""
        return self.annealing.prior if "ot" in parse_objective(self.what.objective).names else ()

    def require_sense(self) -> None:
        """Refuse options that say nothing of each other.

        Raises:
            UsageError: Such are given.
        """
        self.annealing.require_for(self.transport)
        selecting = self.training.selecting
        require_collection(selecting, None)
        if selecting.dev_queries and "query" not in self.how.sides:
            raise UsageError("--dev-queries are for a student that encodes queries")
        if selecting.dev and selecting.dev_collection and "passage" in self.how.sides:
            raise UsageError(
                "--dev-collection has no translation that a student could encode as a passage",
                hint="without it the targets of --dev and of the bitext are ranked",
            )
        if self.training.batches.batch_size == 1 and self.compares():
            raise UsageError(f"--batch-size 1: --objective {self.what.objective} compares texts")
        if self.how.layers and (self.what.cache_teacher or self.passages.passages):
            raise UsageError("--layers: neither cached vectors nor --passages are of other layers")
        if self.transport.weighing.by == "attention" and self.what.cache_teacher:
            raise UsageError(
                "--marginals attention: cached vectors do not say what attention tokens received",
                hint="leave --cache-teacher out, or choose other --marginals",
            )
        if "query" in self.how.sides:
            return
        where = "--encode-side passage"
        if self.what.expand:
            raise UsageError(f"{where}: passages are not extended with [MASK]s; leave --expand out")
        if self.passages.passages is not None:
            raise UsageError(f"{where}: score-kl compares scores of queries; leave --passages out")

    def inputs(self) -> list[Path | str]:
        """Files and folders that are read; a hub name is known by the settings."""
        models = [self.what.teacher, *([] if self.how.init == TEACHER else [self.how.init])]
        return [*self.files(), *folders_among(models)]

    def files(self) -> list[Path]:
        """What the command line names as inputs beside models."""
        selecting = self.training.selecting
        paths = [bitext.path for bitext in self.bitexts]
        paths += [selecting.dev, selecting.dev_collection, selecting.dev_queries]
        paths += [selecting.dev_qrels, self.passages.passages]
        paths += [*self.what.lexicon, *self.vocabulary.vocab_text]
        return [path for path in paths if path is not None]

    def _weighing_as(
        self, teacher: LateInteractionEncoder, started: LateInteractionEncoder
    ) -> "DistillRequest":
        if "query" not in self.how.sides:
            return self
        weighing = teacher.weighing
        # Transport does not teach norms: a student has to bring along ones that mean something.
        if weighing.by == "norm" and started.weighing.by != "norm":
            weighing = replace(weighing, by=None)
        transport, invocation = with_teachers_weights(self.transport, self.invocation, weighing)
        return replace(self, transport=transport, invocation=invocation)

    def _for_started_words(self, lexicon: Lexicon) -> "DistillRequest":
        target, source = scripts_of(lexicon)
        what, transport, schedule, invocation = with_started_words(
            self.what, self.transport, self.training.schedule, self.invocation,
            rows=sum(1 for _ in islice(all_pairs(self.bitexts), ROWS_TO_READ)),
            across_scripts=target != source and "query" in self.how.sides,
        )  # fmt: skip
        training = replace(self.training, schedule=schedule)
        return replace(
            self, what=what, transport=transport, training=training, invocation=invocation
        )

    def _warn_of_unread(self, *, vocabulary: bool) -> None:
        """Say which options nothing reads; `vocabulary`: the student has got new tokens."""
        found = unread(
            self.what, self.transport, self.annealing, self.training.selecting,
            vocabulary=vocabulary,
        )  # fmt: skip
        self.invocation.warn_of_unread(found)

    def _require_heard(self, *encoders: LateInteractionEncoder) -> None:
        """Refuse to weigh by attention where nobody says what attention tokens receive."""
        if self.transport.weighing.by != "attention":
            return
        for encoder in encoders:
            require_heard(encoder.backbone)
