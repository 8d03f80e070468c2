"""`optical distill` from settings to a saved student."""

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from optical_cli.bitext.backoff import scripts_of
from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.encoders.hub import folders_among, hub_name
from optical_cli.encoders.layout import load
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.received import require_heard
from optical_cli.encoders.texts import reservoir
from optical_cli.errors import UsageError
from optical_cli.formats.lexicon import Lexicon, read_lexicons
from optical_cli.seeds import generator
from optical_cli.settings import Invocation, ResumableOutputSettings
from optical_cli.training.data.bitext import all_pairs, bitexts_of
from optical_cli.training.distillation import DistillationStep
from optical_cli.training.engine import (
    begin_tracking,
    make_accelerator,
    precision_of,
    tracking_folder,
)
from optical_cli.training.fitting import (
    Outcome,
    fit,
    require_files,
)
from optical_cli.training.informed import informed
from optical_cli.training.judged import NAME, JudgedPrecision, read_dev_queries, require_collection
from optical_cli.training.objectives import make_objective
from optical_cli.training.objectives.expression import COMPARING, parse_objective
from optical_cli.training.pair_data import PairData
from optical_cli.training.passages_settings import PassagesSettings
from optical_cli.training.presets import (
    ROWS_TO_READ,
    with_started_words,
    with_teachers_weights,
)
from optical_cli.training.report import report_parts
from optical_cli.training.runs import CACHE, plan_of_run, training_run
from optical_cli.training.saving import save_model
from optical_cli.training.scored_passages import wanted_passages
from optical_cli.training.selecting import AgreementScore
from optical_cli.training.selection import Score
from optical_cli.training.settings import DistillSettings, TrainingSettings
from optical_cli.training.student_settings import StudentSettings
from optical_cli.training.student_words import StudentWords
from optical_cli.training.students import TEACHER, Start, for_retrieval, require_layers
from optical_cli.training.thawing import Thawing
from optical_cli.training.trust import Trust, Trusting
from optical_cli.training.unread import unread
from optical_cli.training.vocabulary_settings import StudentVocabularySettings
from optical_cli.transport.annealing import AnnealingSettings
from optical_cli.transport.settings import TransportSettings

# Source sides that a head is learned on.
HEAD_TEXTS = 2000
SUMMARIES = {
    "query": "Its query vectors are for passages that its teacher encoded.",
    "passage": "Its passage vectors are for queries that its teacher encoded.",
    "both": "Its query and passage vectors go with those that its teacher encoded.",
}


@dataclass(frozen=True)
class Distillation:
    """A run of `optical distill`.

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

    def run(self, out: ResumableOutputSettings) -> None:
        """Train the student and write it to ``out.output``."""
        require_files(self._files())
        trust = Trust.parse(self.what.trust) if self.what.trust else None
        self._require_sense()
        scored = wanted_passages(self.passages, self.what.objective)
        track = self.training.keeping.track
        accelerator = make_accelerator(self.training.compute, track, tracking_folder(out.output))
        teacher = self._teacher(accelerator)
        started = self._start().student(teacher)
        words = self._words()
        student = words.given_to(started)
        require_layers(self.how.layers, student, teacher)
        settled = self._weighing_as(teacher, started)
        if student is not started:
            settled = settled._for_started_words(words.lexicon)
        settled._require_sense()  # of the teacher's weights, too
        settled._warn_of_unread(vocabulary=student is not started)
        settled._require_heard(teacher, student)
        settled._train(student, teacher, words.lexicon, scored, trust, out, accelerator)

    def _train(
        self,
        student: LateInteractionEncoder,
        teacher: LateInteractionEncoder,
        lexicon: Lexicon,
        scored: PassagesSettings | None,
        trust: Trust | None,
        out: ResumableOutputSettings,
        accelerator: Accelerator,
    ) -> None:
        training = self.training
        plan = plan_of_run(out, self.invocation, self._inputs())
        if plan is None:
            return
        with training_run(out, plan, accelerator) as folder:
            begin_tracking(accelerator, self.invocation)
            if self._compares():
                report_parts(training.batches.accumulate)
            data = PairData(
                self.what, teacher, student, folder / CACHE, accelerator, self.how, scored
            )
            source = data.source(training.batches, training.seed, training.compute.dtype)
            student, knowledge = informed(
                student, teacher, source, self.transport.weighing, self._priors(),
                lexicon, for_queries="query" in self.how.sides,
            )  # fmt: skip
            for_retrieval(
                student, teacher, pair_length=source.store.target.length,
                expanded=self.what.expand,
            )  # fmt: skip
            objective = make_objective(
                self.what.objective, self.transport, self.annealing,
                temperature=self.what.temperature,
            )  # fmt: skip
            if trust is not None:
                objective = Trusting(objective, trust)
            step = DistillationStep(
                student, objective, None if source.store.vectors else teacher, knowledge,
                self.how.layers,
            )  # fmt: skip
            score = self._score(student, teacher)
            outcome = fit(
                step, student, source, training, folder, accelerator, score=score,
                thawing=Thawing.parse(self.how.train), beside=[teacher],
            )  # fmt: skip
            if accelerator.is_main_process:
                self._save(
                    student, teacher, folder, outcome, pair_length=source.store.target.length,
                    precision=precision_of(accelerator),
                )  # fmt: skip

    def _compares(self) -> bool:
        """Whether an objective compares the texts of a batch with each other."""
        return not set(COMPARING).isdisjoint(parse_objective(self.what.objective).names)

    def _priors(self) -> tuple[str, ...]:
        """The priors of the plan's cost, where an objective has one."""
        return self.annealing.prior if "ot" in parse_objective(self.what.objective).names else ()

    def _weighing_as(
        self, teacher: LateInteractionEncoder, started: LateInteractionEncoder
    ) -> "Distillation":
        if "query" not in self.how.sides:
            return self
        weighing = teacher.weighing
        # Transport does not teach norms: a student has to bring along ones that mean something.
        if weighing.by == "norm" and started.weighing.by != "norm":
            weighing = replace(weighing, by=None)
        transport, invocation = with_teachers_weights(self.transport, self.invocation, weighing)
        return replace(self, transport=transport, invocation=invocation)

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

    def _for_started_words(self, lexicon: Lexicon) -> "Distillation":
        target, source = scripts_of(lexicon)
        what, transport, schedule, invocation = with_started_words(
            self.what, self.transport, self.training.schedule, self.invocation,
            rows=sum(1 for _ in islice(all_pairs(bitexts_of(self.what)), ROWS_TO_READ)),
            across_scripts=target != source and "query" in self.how.sides,
        )  # fmt: skip
        training = replace(self.training, schedule=schedule)
        return replace(
            self, what=what, transport=transport, training=training, invocation=invocation
        )

    def _start(self) -> Start:
        def texts() -> list[str]:
            chance = generator(self.training.seed, "head")
            sources = (pair.source for pair in all_pairs(bitexts_of(self.what)))
            return reservoir(sources, HEAD_TEXTS, chance)

        return Start(
            self.how.init, self.how.head, texts, seed=self.training.seed,
            dtype=self.training.compute.dtype,
        )  # fmt: skip

    def _words(self) -> StudentWords:
        return StudentWords(
            self.vocabulary, bitexts_of(self.what), read_lexicons(self.what.lexicon), self.unknown
        )

    def _require_sense(self) -> None:
        """Refuse options that say nothing of each other.

        Raises:
            UsageError: Such are given.
        """
        self.annealing.require_for(self.transport)
        if "lexicon" in self._priors() and not self.what.lexicon:
            raise UsageError("--prior lexicon needs --lexicon")
        selecting = self.training.selecting
        require_collection(selecting, None)
        if selecting.dev_queries and "query" not in self.how.sides:
            raise UsageError("--dev-queries are for a student that encodes queries")
        if selecting.dev and selecting.dev_collection and "passage" in self.how.sides:
            raise UsageError(
                "--dev-collection has no translation that a student could encode as a passage",
                hint="without it the targets of --dev and of the bitext are ranked",
            )
        if self.training.batches.batch_size == 1 and self._compares():
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
        models = [self.what.teacher, *([] if self.how.init == TEACHER else [self.how.init])]
        return [*self._files(), *folders_among(models)]

    def _files(self) -> list[Path]:
        """What the command line names as inputs beside models."""
        selecting = self.training.selecting
        paths = [bitext.path for bitext in bitexts_of(self.what)]
        paths += [selecting.dev, selecting.dev_collection, selecting.dev_queries]
        paths += [selecting.dev_qrels, self.passages.passages]
        paths += [*self.what.lexicon, *self.vocabulary.vocab_text]
        return [path for path in paths if path is not None]

    def _score(
        self, student: LateInteractionEncoder, teacher: LateInteractionEncoder
    ) -> Score | None:
        given, dtype = self.training.selecting, self.training.compute.dtype
        if given.dev_queries is None:
            return AgreementScore(given, self.how.sides, bitexts_of(self.what), dtype).of(
                student, teacher
            )

        def judged() -> JudgedPrecision:
            dev = read_dev_queries(given, None, self.training.seed)
            return JudgedPrecision(student, dev, teacher=teacher, dtype=dtype)

        return Score(NAME, judged)

    def _save(
        self,
        student: LateInteractionEncoder,
        teacher: LateInteractionEncoder,
        folder: Path,
        outcome: Outcome,
        **facts: Any,
    ) -> None:
        what = " and ".join(self.how.sides)
        card = {
            "title": f"A {what} encoder by optimal-transport distillation",
            "summary": SUMMARIES[self.how.encode_side],
            "base_model": hub_name(self.how.init) if self.how.init != TEACHER else None,
            "languages": [b.language for b in bitexts_of(self.what) if b.language],
        }
        save_model(
            student, folder, outcome, self.invocation, inputs=self._inputs(), card=card,
            teacher=teacher.signature(), teacher_cached=self.what.cache_teacher is not None,
            **facts,
        )  # fmt: skip
