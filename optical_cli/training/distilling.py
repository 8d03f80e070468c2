"""`optical distill` from settings to a saved student."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from accelerate import Accelerator

from optical_cli.encoders.backbone import token_limit
from optical_cli.encoders.layout import load
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.tokens import Side
from optical_cli.errors import UsageError
from optical_cli.formats.bitext import read_bitext
from optical_cli.formats.manifest import describe_input
from optical_cli.settings import Invocation, ResumableOutputSettings
from optical_cli.training.agreement import TeacherAgreement
from optical_cli.training.data.batches import BatchPlan
from optical_cli.training.data.bitext import Bitext, parse_bitexts
from optical_cli.training.data.cache import built_once, side_facts
from optical_cli.training.data.mixture import Mixture
from optical_cli.training.data.pairs import PairStore, tokenize_pairs
from optical_cli.training.data.rows import percentile_length, share_over
from optical_cli.training.data.source import PairSource
from optical_cli.training.distillation import DistillationStep
from optical_cli.training.engine import begin_tracking, make_accelerator, tracking_folder
from optical_cli.training.fitting import Outcome, TrainingSettings, fit, run_identity, save_model
from optical_cli.training.objectives import make_objective
from optical_cli.training.runs import CACHE, training_run
from optical_cli.training.settings import DistillSettings
from optical_cli.training.students import TEACHER, for_retrieval, initial_student
from optical_cli.transport.settings import TransportSettings

log = logging.getLogger(__name__)

COVERED = 0.95
# Room for special tokens, a marker and a word, however short the sentences.
SHORTEST = 8


@dataclass(frozen=True)
class Distillation:
    """A run of `optical distill`.

    Attributes:
        what: Teacher, bitext and objective.
        transport: How tokens are aligned.
        training: What every training command is told.
        invocation: The command.
    """

    what: DistillSettings
    transport: TransportSettings
    training: TrainingSettings
    invocation: Invocation

    def run(self, out: ResumableOutputSettings) -> None:
        """Train the student and write it to ``out.output``."""
        track = self.training.keeping.track
        accelerator = make_accelerator(self.training.compute, track, tracking_folder(out.output))
        bitexts = parse_bitexts(self.what.bitext, self.what.columns, self.what.limit)
        teacher = self._teacher(accelerator)
        student = initial_student(self.what.init, teacher)
        with training_run(out, run_identity(self.invocation, self._inputs()), accelerator) as folder:
            begin_tracking(accelerator, self.invocation)
            source = self._source(bitexts, teacher, student, folder, accelerator)
            length = source.store.target.length
            for_retrieval(student, teacher, pair_length=length, expanded=self.what.expand)
            objective = make_objective(
                self.what.objective, self.transport, temperature=self.what.temperature
            )
            step = DistillationStep(student, teacher, objective)
            outcome = fit(
                step, student, source, self.training, folder, accelerator,
                score=self._score(student, teacher),
            )  # fmt: skip
            if accelerator.is_main_process:
                self._save(student, teacher, folder, outcome, length)

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
        files = [bitext.path for bitext in parse_bitexts(self.what.bitext)]
        files += [Path(self.what.teacher), Path(self.what.init), self.training.selecting.dev]
        return [path for path in files if path is not None and path.exists()]

    def _source(
        self,
        bitexts: Sequence[Bitext],
        teacher: LateInteractionEncoder,
        student: LateInteractionEncoder,
        folder: Path,
        accelerator: Accelerator,
    ) -> PairSource:
        whole = tuple(
            encoder.query_side(length=token_limit(encoder.backbone), expand=False)
            for encoder in (teacher, student)
        )
        root = self.what.cache_teacher or folder / CACHE
        root.mkdir(parents=True, exist_ok=True)
        folders = [_tokenised(bitext, *whole, root, accelerator) for bitext in bitexts]
        length = self.what.pair_length or _measured_length(PairStore(folders, *whole))
        sides = (e.query_side(length=length, expand=self.what.expand) for e in (teacher, student))
        store = PairStore(folders, *sides)
        _report_cuts(store, length)
        mixture = Mixture(
            store.sizes, temperature=self.what.language_temperature, seed=self.training.seed
        )
        batches = self.training.batches
        plan = BatchPlan(
            mixture, store.lengths, batch_size=batches.batch_size,
            tokens_per_batch=batches.tokens_per_batch, seed=self.training.seed,
        )  # fmt: skip
        return PairSource(plan, store, bitexts)

    def _score(
        self, student: LateInteractionEncoder, teacher: LateInteractionEncoder
    ) -> tuple[str, Callable[[], float]] | None:
        selecting = self.training.selecting
        if selecting.dev is None:
            log.warning("without --dev the last weights are kept, whether or not they are the best")
            return None
        pairs = list(islice(read_bitext(selecting.dev), selecting.dev_limit))
        agreement = TeacherAgreement(
            student, teacher, [pair.source for pair in pairs], [pair.target for pair in pairs],
            dtype=self.training.compute.dtype,
        )  # fmt: skip
        return "teacher_agreement", agreement

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
        )  # fmt: skip


def _tokenised(
    bitext: Bitext, source: Side, target: Side, root: Path, accelerator: Accelerator
) -> Path:
    facts = {
        "bitext": describe_input(bitext.path).get("sha256"),
        "columns": bitext.columns,
        "limit": bitext.limit,
        "source": side_facts(source),
        "target": side_facts(target),
    }

    def build(folder: Path) -> None:
        tokenize_pairs(folder, bitext, source, target)

    return built_once(root, "tokens", facts, build, accelerator)


def _measured_length(store: PairStore) -> int:
    histograms = [s.histogram() for s in (*store.sources, *store.targets)]
    return max(percentile_length(histograms, COVERED), SHORTEST)


def _report_cuts(store: PairStore, length: int) -> None:
    for name, stores in (("source", store.sources), ("target", store.targets)):
        counts = [share_over(s.histogram(), length) for s in stores]
        shares = ", ".join(f"{100 * share:.1f}%" for share in counts)
        log.info("%s sides cut at %d tokens: %s", name, length, shares)
