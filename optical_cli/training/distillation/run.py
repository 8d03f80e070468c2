"""`optical distill` from settings to a saved student."""

from pathlib import Path
from typing import Any

from accelerate import Accelerator

from optical_cli.encoders.hub import hub_name
from optical_cli.encoders.layout import load
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.texts import reservoir
from optical_cli.errors import UsageError
from optical_cli.formats.lexicon import Lexicon
from optical_cli.seeds import generator
from optical_cli.settings import ResumableOutputSettings
from optical_cli.training.data.bitext import all_pairs
from optical_cli.training.distillation.pair_data import PairData
from optical_cli.training.distillation.passages_settings import PassagesSettings
from optical_cli.training.distillation.request import DistillRequest
from optical_cli.training.distillation.scored_passages import wanted_passages
from optical_cli.training.distillation.step import DistillationStep
from optical_cli.training.loop.engine import (
    begin_tracking,
    from_main,
    make_accelerator,
    precision_of,
    tracking_folder,
)
from optical_cli.training.loop.fitting import Outcome, fit, require_files
from optical_cli.training.loop.report import report_parts
from optical_cli.training.loop.runs import CACHE, plan_of_run, training_run
from optical_cli.training.loop.saving import save_model
from optical_cli.training.loop.selection import Score
from optical_cli.training.loop.unfreezing import GradualUnfreezing
from optical_cli.training.objectives import make_objective
from optical_cli.training.objectives.small_loss import SmallLossSelection, TrustSchedule
from optical_cli.training.students.informed import informed
from optical_cli.training.students.lexicon import NAME as LEXICON
from optical_cli.training.students.lexicon import keep_lexicon
from optical_cli.training.students.start import TEACHER, Start, for_retrieval, require_layers
from optical_cli.training.students.words import StudentWords
from optical_cli.training.validation.agreement_score import AgreementScore
from optical_cli.training.validation.judged import NAME, JudgedPrecision, read_dev_queries

# Source sides that a head is learned on.
HEAD_TEXTS = 2000
SUMMARIES = {
    "query": "Its query vectors are for passages that its teacher encoded.",
    "passage": "Its passage vectors are for queries that its teacher encoded.",
    "both": "Its query and passage vectors go with those that its teacher encoded.",
}


class Distillation:
    """A run of `optical distill`.

    Args:
        request: What it was told.
    """

    def __init__(self, request: DistillRequest):
        self.asked = request

    def run(self, out: ResumableOutputSettings) -> None:
        """Train the student and write it to ``out.output``."""
        require_files(self.asked.files())
        trust = TrustSchedule.parse(self.asked.what.trust) if self.asked.what.trust else None
        self.asked.require_sense()
        scored = wanted_passages(self.asked.passages, self.asked.what.objective)
        track = self.asked.training.keeping.track
        accelerator = make_accelerator(
            self.asked.training.compute, track, tracking_folder(out.output)
        )
        teacher = self._teacher(accelerator)
        started = self._start().student(teacher)
        words = self._words()
        translate = "lexicon" in self.asked.priors()
        found = from_main(accelerator, lambda: words.found(started, translate=translate))
        student = words.given_to(started, found)
        require_layers(self.asked.how.layers, student, teacher)
        settled = Distillation(self.asked.settled(teacher, started, student, found.lexicon))
        settled._train(student, teacher, found.lexicon, scored, trust, out, accelerator)

    def _train(
        self,
        student: LateInteractionEncoder,
        teacher: LateInteractionEncoder,
        lexicon: Lexicon,
        scored: PassagesSettings | None,
        trust: TrustSchedule | None,
        out: ResumableOutputSettings,
        accelerator: Accelerator,
    ) -> None:
        training = self.asked.training
        plan = plan_of_run(out, self.asked.invocation, self.asked.inputs())
        if plan is None:
            return
        with training_run(out, plan, accelerator) as folder:
            begin_tracking(accelerator, self.asked.invocation)
            if self.asked.compares():
                report_parts(training.batches.accumulate)
            data = PairData(
                self.asked.what, teacher, student, folder / CACHE, accelerator, self.asked.how,
                scored,
            )  # fmt: skip
            source = data.source(training.batches, training.seed, training.compute.dtype)
            student, tables = informed(
                student, teacher, source, self.asked.transport.weighing, self.asked.priors(),
                lexicon, for_queries="query" in self.asked.how.sides,
            )  # fmt: skip
            for_retrieval(
                student, teacher, pair_length=source.store.target.length,
                expanded=self.asked.what.expand,
            )  # fmt: skip
            objective = make_objective(
                self.asked.what.objective, self.asked.transport, self.asked.annealing,
                temperature=self.asked.what.temperature,
            )  # fmt: skip
            if trust is not None:
                objective = SmallLossSelection(objective, trust)
            step = DistillationStep(
                student, objective, None if source.store.vectors else teacher, tables,
                self.asked.how.layers,
            )  # fmt: skip
            score = self._score(student, teacher)
            outcome = fit(
                step, student, source, training, folder, accelerator, score=score,
                unfreezing=GradualUnfreezing.parse(self.asked.how.train), beside=[teacher],
            )  # fmt: skip
            if accelerator.is_main_process:
                if lexicon and not self.asked.what.lexicon:
                    keep_lexicon(folder / LEXICON, lexicon)
                self._save(
                    student, teacher, folder, outcome, pair_length=source.store.target.length,
                    precision=precision_of(accelerator),
                )  # fmt: skip

    def _start(self) -> Start:
        def texts() -> list[str]:
            chance = generator(self.asked.training.seed, "head")
            sources = (pair.source for pair in all_pairs(self.asked.bitexts))
            return reservoir(sources, HEAD_TEXTS, chance)

        return Start(
            self.asked.how.init, self.asked.how.head, texts, seed=self.asked.training.seed,
            dtype=self.asked.training.compute.dtype,
        )  # fmt: skip

    def _words(self) -> StudentWords:
        return StudentWords(
            self.asked.vocabulary,
            self.asked.bitexts,
            self.asked.what.lexicon,
            self.asked.unknown,
        )

    def _teacher(self, accelerator: Accelerator) -> LateInteractionEncoder:
        teacher = load(self.asked.what.teacher).to(accelerator.device)
        if self.asked.what.expand and not teacher.config.query_expansion:
            raise UsageError(
                "the teacher was not trained with query expansion, so its [MASK]s mean nothing",
                where=self.asked.what.teacher,
                hint="without --expand or --preset paper real tokens alone are aligned",
            )
        return teacher.requires_grad_(False)

    def _score(
        self, student: LateInteractionEncoder, teacher: LateInteractionEncoder
    ) -> Score | None:
        given, dtype = self.asked.training.selecting, self.asked.training.compute.dtype
        if given.dev_queries is None:
            return AgreementScore(given, self.asked.how.sides, self.asked.bitexts, dtype).of(
                student, teacher
            )

        def judged() -> JudgedPrecision:
            dev = read_dev_queries(given, None, self.asked.training.seed)
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
        what = " and ".join(self.asked.how.sides)
        card = {
            "title": f"A {what} encoder by optimal-transport distillation",
            "summary": SUMMARIES[self.asked.how.encode_side],
            "base_model": hub_name(self.asked.how.init) if self.asked.how.init != TEACHER else None,
            "languages": [b.language for b in self.asked.bitexts if b.language],
        }
        save_model(
            student, folder, outcome, self.asked.invocation, inputs=self.asked.inputs(), card=card,
            teacher=teacher.signature(), teacher_cached=self.asked.what.cache_teacher is not None,
            **facts,
        )  # fmt: skip
