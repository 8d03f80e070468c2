"""From bitext files to the source of batches that a student is trained on."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from optical_cli.encoders.backbone import token_limit
from optical_cli.encoders.diagnostics import count_pieces
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.tokens import Side
from optical_cli.formats.manifest import sha256
from optical_cli.training.data.batches import BatchPlan, require_budget
from optical_cli.training.data.bitext import Bitext, bitexts_of
from optical_cli.training.data.cache import built_once, side_facts
from optical_cli.training.data.candidates import Candidates
from optical_cli.training.data.mixture import Mixture
from optical_cli.training.data.pairs import PairStore, tokenize_pairs
from optical_cli.training.data.readings import Readings
from optical_cli.training.data.rows import RowStore, percentile_length, share_over
from optical_cli.training.data.source import PairSource
from optical_cli.training.data.vectors import VectorStore, write_vectors
from optical_cli.training.distillation.passages_settings import PassagesSettings
from optical_cli.training.distillation.scored_passages import ScoredPassages
from optical_cli.training.loop.report import report_pieces
from optical_cli.training.settings import BatchSettings, DistillSettings
from optical_cli.training.students.settings import SideName, StudentSettings

log = logging.getLogger(__name__)

COVERED = 0.95
# Room for special tokens, a marker and a word, however short the sentences.
SHORTEST = 8
SAMPLED = 2000


@dataclass(frozen=True)
class PairData:
    """Makes the source of a distillation run.

    Attributes:
        what: Which bitext, and how long its sides may be.
        teacher: Reads the sources.
        student: Reads the targets.
        work: The run's own folder for derived data.
        accelerator: Knows this run's processes.
        reading: What the student reads.
        passages: What an objective scores; None where none does.
    """

    what: DistillSettings
    teacher: LateInteractionEncoder
    student: LateInteractionEncoder
    work: Path
    accelerator: Accelerator
    reading: StudentSettings = StudentSettings()
    passages: PassagesSettings | None = None

    def source(self, batches: BatchSettings, seed: int, dtype: str) -> PairSource:
        """Tokenise the bitext, and encode its source side if the teacher is to be cached.

        Args:
            batches: How large batches are.
            seed: Of their order.
            dtype: Precision of the teacher, where it is cached.
        """
        bitexts = bitexts_of(self.what)
        stores = [self._store(bitexts, kind, dtype) for kind in self.reading.sides]
        store = stores[0]
        if self.accelerator.is_main_process:
            _report_texts(bitexts, [store.source, store.target])
            _report_cuts(store, store.target.length)
        if self.passages:  # which are for queries, the first side
            stores[0] = replace(store, candidates=self._candidates(store, seed, dtype))
        require_budget(batches.tokens_per_batch, store.longest())
        mixture = Mixture(store.sizes, temperature=self.what.language_temperature, seed=seed)
        plan = BatchPlan(
            mixture, store.lengths, batch_size=batches.batch_size,
            tokens_per_batch=batches.tokens_per_batch, seed=seed,
        )  # fmt: skip
        readings = Readings(sum(store.sizes), len(stores), self.reading.also_source, seed)
        return PairSource(plan, stores, bitexts, readings)

    def _store(self, bitexts: list[Bitext], kind: SideName, dtype: str) -> PairStore:
        """The pairs as queries or as passages, on both sides."""
        folders = [self._tokens(bitext, kind) for bitext in bitexts]
        length = self.what.pair_length or self._measured(folders)
        encoders = self.teacher, self.student
        sides = [_side(encoder, kind, length, expand=self.what.expand) for encoder in encoders]
        store = PairStore(folders, *sides, as_passages=kind == "passage")
        if not self.what.cache_teacher:
            return store
        return replace(store, vectors=[self._vectors(sides[0], r, dtype) for r in store.sources])

    def _tokens(self, bitext: Bitext, kind: SideName) -> Path:
        """Token rows as long as the encoders can read, so that lengths can be measured on them."""
        source, target = (
            _side(encoder, kind, token_limit(encoder.backbone), expand=False)
            for encoder in (self.teacher, self.student)
        )
        own = self.reading.also_source > 0
        facts = {
            **_facts(bitext), "source": side_facts(source), "target": side_facts(target),
            **({"own": True} if own else {}),
        }  # fmt: skip
        return self._built(
            "tokens", facts, lambda folder: tokenize_pairs(folder, bitext, source, target, own=own)
        )

    def _vectors(self, side: Side, rows: RowStore, dtype: str) -> VectorStore:
        # By the texts and not by the file: bitext that differs on its target side alone, such as
        # levels of noise, shares the teacher's work.
        facts = {
            "rows": rows.digest, "source": side_facts(side), "dtype": dtype,
            "teacher": self.teacher.signature(), "expanded": side.mask_id is not None,
            "device": self.accelerator.device.type,
        }  # fmt: skip
        folder = self._built(
            "vectors", facts,
            lambda folder: write_vectors(folder, self.teacher, side, rows, dtype),
        )  # fmt: skip
        return VectorStore(folder, self.teacher.dim)

    def _candidates(self, store: PairStore, seed: int, dtype: str) -> Candidates:
        sources = [({"rows": rows.digest}, rows) for rows in store.sources]
        scored = ScoredPassages(self.passages, self.teacher, self._built, dtype)
        return scored.candidates(store.source, sources, seed)

    def _built(self, name: str, facts: Mapping[str, Any], build: Callable[[Path], None]) -> Path:
        root = self.what.cache_teacher or self.work
        return built_once(root, name, facts, build, self.accelerator)

    def _measured(self, folders: list[Path]) -> int:
        stores = [RowStore(folder, side) for folder in folders for side in ("source", "target")]
        return max(percentile_length([s.histogram() for s in stores], COVERED), SHORTEST)


def _side(encoder: LateInteractionEncoder, kind: SideName, length: int, *, expand: bool) -> Side:
    if kind == "passage":
        return encoder.passage_side(length=length)
    return encoder.query_side(length=length, expand=expand)


def _facts(bitext: Bitext) -> dict[str, Any]:
    return {"bitext": sha256(bitext.path), "columns": bitext.columns, "limit": bitext.limit}


def _report_texts(bitexts: list[Bitext], sides: list[Side]) -> None:
    samples = [list(islice(bitext.pairs(), SAMPLED)) for bitext in bitexts]
    sources = [pair.source for sample in samples for pair in sample]
    reports = [("source", count_pieces(sides[0], sources))]
    for bitext, sample in zip(bitexts, samples, strict=True):
        name = f"target {bitext.language}".strip()
        reports.append((name, count_pieces(sides[1], [pair.target for pair in sample])))
    report_pieces(reports)


def _report_cuts(store: PairStore, length: int) -> None:
    for name, stores in (("source", store.sources), ("target", store.targets)):
        shares = [f"{100 * share_over(rows.histogram(), length):.1f}%" for rows in stores]
        log.info("%s sides over %d tokens, which are cut: %s", name, length, ", ".join(shares))
