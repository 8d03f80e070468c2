"""`optical train-teacher` from settings to a saved teacher."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from accelerate import Accelerator

from optical_cli.encoders.adapt import with_head
from optical_cli.encoders.hub import folders_among, hub_name
from optical_cli.encoders.layout import load
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.settings import Invocation, ResumableOutputSettings
from optical_cli.training.data.batches import BatchPlan, require_budget
from optical_cli.training.data.cache import built_once, side_facts
from optical_cli.training.data.example_batches import ExampleSource, ExampleStore
from optical_cli.training.data.example_rows import tokenize_examples
from optical_cli.training.data.examples import ExampleFiles
from optical_cli.training.data.exclusion import Exclusion
from optical_cli.training.data.mixture import Mixture
from optical_cli.training.loop.engine import (
    begin_tracking,
    make_accelerator,
    precision_of,
    tracking_folder,
)
from optical_cli.training.loop.fitting import (
    fit,
    require_files,
)
from optical_cli.training.loop.report import report_parts
from optical_cli.training.loop.runs import CACHE, plan_of_run, training_run
from optical_cli.training.loop.saving import save_model
from optical_cli.training.loop.selection import Score
from optical_cli.training.settings import ExamplesSettings, TeacherSettings, TrainingSettings
from optical_cli.training.teaching.ranking import RankingStep
from optical_cli.training.validation.judged import (
    NAME,
    JudgedPrecision,
    read_dev_queries,
    require_collection,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Teaching:
    """A run of `optical train-teacher`.

    Attributes:
        what: The encoder.
        examples: What it learns from.
        training: What every training command is told.
        invocation: The command.
    """

    what: TeacherSettings
    examples: ExamplesSettings
    training: TrainingSettings
    invocation: Invocation

    def run(self, out: ResumableOutputSettings) -> None:
        """Train the teacher and write it to ``out.output``."""
        require_files(self._inputs())
        require_collection(self.training.selecting, self.examples.collection)
        files = self._files()
        track = self.training.keeping.track
        accelerator = make_accelerator(self.training.compute, track, tracking_folder(out.output))
        encoder = self._encoder().to(accelerator.device)
        plan = plan_of_run(out, self.invocation, self._inputs())
        if plan is None:
            return
        with training_run(out, plan, accelerator) as folder:
            begin_tracking(accelerator, self.invocation)
            report_parts(self.training.batches.accumulate)
            source = self._source(files, encoder, folder, accelerator)
            step = RankingStep(encoder, self.what.temperature)
            score = self._score(encoder)
            outcome = fit(step, encoder, source, self.training, folder, accelerator, score=score)
            if accelerator.is_main_process:
                card = {
                    "title": "A late-interaction teacher",
                    "summary": "It ranks passages for queries of its own language, and is what"
                    " students of other languages are distilled from.",
                    "base_model": hub_name(self.what.model),
                }
                save_model(
                    encoder, folder, outcome, self.invocation, inputs=self._inputs(), card=card,
                    precision=precision_of(accelerator),
                )  # fmt: skip

    def _files(self) -> ExampleFiles:
        return ExampleFiles(self.examples, self.training.seed)

    def _inputs(self) -> list[Path | str]:
        chosen = self.training.selecting
        dev = (chosen.dev_queries, chosen.dev_qrels, chosen.dev_collection)
        given = [*self._files().paths, *self.examples.exclude_overlap]
        given += folders_among([self.what.model])
        return [*given, *(path for path in dev if path is not None)]

    def _score(self, encoder: LateInteractionEncoder) -> Score | None:
        given, seed = self.training.selecting, self.training.seed
        if given.dev_queries is None:
            log.warning(
                "without --dev-queries the last weights are kept, whether or not they are the best"
            )
            return None

        def judged() -> JudgedPrecision:
            dev = read_dev_queries(given, self.examples.collection, seed)
            return JudgedPrecision(encoder, dev, dtype=self.training.compute.dtype)

        return Score(NAME, judged)

    def _encoder(self) -> LateInteractionEncoder:
        encoder = load(self.what.model)
        lengths = {
            "query_length": self.what.query_length, "passage_length": self.what.passage_length,
        }  # fmt: skip
        if encoder.config.is_plain and not self.what.plain:
            encoder = with_head(encoder, dim=self.what.dim, seed=self.training.seed, **lengths)
        encoder.config = replace(encoder.config, **lengths, family=None)
        return encoder

    def _source(
        self,
        files: ExampleFiles,
        encoder: LateInteractionEncoder,
        folder: Path,
        accelerator: Accelerator,
    ) -> ExampleSource:
        query, passage = encoder.query_side(), encoder.passage_side()
        facts = {"query": side_facts(query), "passage": side_facts(passage)}
        exclude = self.examples.exclude_overlap

        def build(place: Path) -> None:
            tokenize_examples(place, files, query, passage, Exclusion(exclude))

        # The run's own folder: the run is known by its inputs, so this is too.
        cache = built_once(folder / CACHE, "examples", facts, build, accelerator)
        store = ExampleStore(cache, query, passage)
        _report(store)
        batches, seed = self.training.batches, self.training.seed
        require_budget(batches.tokens_per_batch, store.longest())
        plan = BatchPlan(
            Mixture([store.counts["kept"]], seed=seed), store.lengths,
            batch_size=batches.batch_size, tokens_per_batch=batches.tokens_per_batch, seed=seed,
        )  # fmt: skip
        return ExampleSource(plan, store, files.main)


def _report(store: ExampleStore) -> None:
    counts = store.counts
    log.info("%d examples of %d passages each", counts["kept"], counts["ways"])
    for name, side in (("queries", store.query), ("passages", store.passage)):
        share = 100 * counts[f"cut_{name}"] / counts[name]
        log.info("%s over %d tokens, which are cut: %.1f%%", name, side.length, share)
    if left_out := counts["read"] - counts["kept"]:
        log.info("%d examples left out, as they share text with what must stay unseen", left_out)
