"""`optical distill` from settings to a saved student."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from accelerate import Accelerator

from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.encoders.layout import load
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.errors import UsageError
from optical_cli.formats.bitext import read_bitext
from optical_cli.formats.collection import load_collection
from optical_cli.formats.lexicon import Lexicon, read_lexicon
from optical_cli.settings import Invocation, ResumableOutputSettings
from optical_cli.training.agreement import TeacherAgreement
from optical_cli.training.data.bitext import parse_bitexts
from optical_cli.training.distillation import DistillationStep
from optical_cli.training.engine import begin_tracking, make_accelerator, tracking_folder
from optical_cli.training.fitting import Outcome, TrainingSettings, fit, run_identity, save_model
from optical_cli.training.informed import informed
from optical_cli.training.objectives import make_objective
from optical_cli.training.pair_data import PairData
from optical_cli.training.passages_settings import PassagesSettings
from optical_cli.training.runs import CACHE, training_run
from optical_cli.training.scored_passages import wanted_passages
from optical_cli.training.settings import DistillSettings
from optical_cli.training.student_words import StudentWords
from optical_cli.training.students import TEACHER, for_retrieval, initial_student
from optical_cli.training.trust import Trust, Trusting
from optical_cli.training.vocabulary_settings import StudentVocabularySettings
from optical_cli.transport.settings import TransportSettings

log = logging.getLogger(__name__)

# Sentences of the training data that are ranked with those of the dev data.
DISTRACTORS = 1000


@dataclass(frozen=True)
class Distillation:
    """A run of `optical distill`.

    Attributes:
        what: Teacher, bitext and objective.
        vocabulary: The student's tokens.
        unknown: What answers for words that the lexicon lacks.
        passages: What scores are compared on.
        transport: How tokens are aligned.
        training: What every training command is told.
        invocation: The command.
    """

    what: DistillSettings
    vocabulary: StudentVocabularySettings
    unknown: BackOffSettings
    passages: PassagesSettings
    transport: TransportSettings
    training: TrainingSettings
    invocation: Invocation

    def run(self, out: ResumableOutputSettings) -> None:
        """Train the student and write it to ``out.output``."""
        trust = Trust.parse(self.what.trust) if self.what.trust else None
        scored = wanted_passages(self.passages, self.what.objective)
        track = self.training.keeping.track
        accelerator = make_accelerator(self.training.compute, track, tracking_folder(out.output))
        teacher = self._teacher(accelerator)
        student = self._words().given_to(initial_student(self.what.init, teacher))
        identity = run_identity(self.invocation, self._inputs())
        with training_run(out, identity, accelerator) as folder:
            begin_tracking(accelerator, self.invocation)
            data = PairData(self.what, teacher, student, folder / CACHE, accelerator, scored)
            source = data.source(
                self.training.batches, self.training.seed, self.training.compute.dtype
            )
            student, knowledge = informed(student, teacher, source, self.transport, self._lexicon())
            for_retrieval(
                student, teacher, pair_length=source.store.target.length,
                expanded=self.what.expand,
            )  # fmt: skip
            objective = make_objective(
                self.what.objective, self.transport, temperature=self.what.temperature
            )
            if trust is not None:
                objective = Trusting(objective, trust)
            step = DistillationStep(
                student, objective, None if source.store.vectors else teacher, knowledge
            )
            score = self._score(student, teacher)
            outcome = fit(
                step, student, source, self.training, folder, accelerator, score=score
            )
            if accelerator.is_main_process:
                self._save(student, teacher, folder, outcome, source.store.target.length)

    def _words(self) -> StudentWords:
        bitexts = parse_bitexts(self.what.bitext, self.what.columns, self.what.limit)
        return StudentWords(self.vocabulary, bitexts, self._lexicon(), self.unknown)

    def _lexicon(self) -> Lexicon:
        """All lexicons as one; the first that has a word is right."""
        merged: Lexicon = {}
        for path in self.what.lexicon:
            for target, sources in read_lexicon(path).items():
                merged.setdefault(target, sources)
        return merged

    def _teacher(self, accelerator: Accelerator) -> LateInteractionEncoder:
        teacher = load(self.what.teacher).to(accelerator.device)
        if self.what.expand and not teacher.config.query_expansion:
            raise UsageError(
                "the teacher was not trained with query expansion, so its [MASK]s mean nothing",
                where=self.what.teacher,
                hint="without --expand or --preset paper real tokens alone are aligned",
            )
        return teacher.requires_grad_(False)

    def _inputs(self) -> list[Path | str]:
        """Files and folders that are read; a hub name is known by the settings."""
        paths = [bitext.path for bitext in parse_bitexts(self.what.bitext)]
        selecting = self.training.selecting
        paths += [Path(self.what.teacher), selecting.dev, selecting.dev_collection]
        paths += [self.passages.passages, *self.what.lexicon, *self.vocabulary.vocab_text]
        paths += [] if self.what.init == TEACHER else [Path(self.what.init)]
        return [path for path in paths if path is not None and path.exists()]

    def _score(
        self, student: LateInteractionEncoder, teacher: LateInteractionEncoder
    ) -> tuple[str, Callable[[], float]] | None:
        selecting = self.training.selecting
        if selecting.dev is None:
            log.warning("without --dev the last weights are kept, whether or not they are the best")
            return None
        pairs = read_bitext(selecting.dev, columns=selecting.dev_columns)
        pairs = list(islice(pairs, selecting.dev_limit))
        sources = [pair.source for pair in pairs]
        agreement = TeacherAgreement(
            student, teacher, sources, [pair.target for pair in pairs],
            passages=self._ranked(sources), dtype=self.training.compute.dtype,
        )  # fmt: skip
        return "teacher_agreement", agreement

    def _ranked(self, sources: list[str]) -> list[str]:
        """What teacher and student rank to be compared."""
        if self.training.selecting.dev_collection is not None:
            return list(load_collection(self.training.selecting.dev_collection).values())
        bitexts = parse_bitexts(self.what.bitext, self.what.columns, self.what.limit)
        others = (pair.source for bitext in bitexts for pair in islice(bitext.pairs(), DISTRACTORS))
        return [*sources, *others]

    def _save(
        self,
        student: LateInteractionEncoder,
        teacher: LateInteractionEncoder,
        folder: Path,
        outcome: Outcome,
        length: int,
    ) -> None:
        card = {
            "title": "A query encoder by optimal-transport distillation",
            "summary": "Its query vectors are for passages that its teacher encoded.",
            "base_model": self.what.init if self.what.init != TEACHER else None,
            "languages": [b.language for b in parse_bitexts(self.what.bitext) if b.language],
        }
        save_model(
            student, folder, outcome, self.invocation, inputs=self._inputs(), card=card,
            teacher=teacher.signature(), pair_length=length,
            teacher_cached=self.what.cache_teacher is not None,
        )  # fmt: skip
