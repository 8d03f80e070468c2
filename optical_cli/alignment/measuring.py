"""`optical evaluate-alignment` from settings to scores and sample plans."""

from collections.abc import Iterator, Mapping, Sequence

from optical_cli.alignment.aligner import Aligner, Vectors
from optical_cli.encoders import LateInteractionEncoder, load
from optical_cli.encoders.backbone import token_limit
from optical_cli.encoders.devices import choose_device
from optical_cli.errors import InputError
from optical_cli.evaluation.alignment import pooled
from optical_cli.evaluation.alignment_records import (
    AlignedPairs,
    alignment_records,
    over_languages,
)
from optical_cli.evaluation.inputs import RunInput, models_for, parse_models
from optical_cli.evaluation.settings import AlignmentSettings
from optical_cli.evaluation.signature import short
from optical_cli.evaluation.translations import sample_pairs
from optical_cli.formats.bitext import SentencePair
from optical_cli.formats.manifest import sha256
from optical_cli.formats.plans import SamplePlan
from optical_cli.formats.scores import Score
from optical_cli.settings import ComputeSettings
from optical_cli.transport.settings import TransportSettings


class AlignmentMeasurement:
    """A run of `optical evaluate-alignment`.

    Args:
        what: The teacher, students, and how many pairs.
        transport: How tokens are aligned.
        compute: Device and precision.
        seed: Of the pairs drawn and of resampling.

    Attributes:
        plans: Of the first pairs of what has been measured.
        students: By the names that they were given.
    """

    def __init__(
        self,
        what: AlignmentSettings,
        transport: TransportSettings,
        compute: ComputeSettings,
        seed: int,
    ):
        self.what, self.seed, self.solver = what, seed, transport.solver
        self.students = parse_models(what.student)
        self.aligner = Aligner(transport, choose_device(compute.device), dtype=compute.dtype)
        self.teacher = load(what.teacher)
        self.reader = self.aligner.weighed(self.teacher)
        self.length = min(what.length, token_limit(self.teacher.backbone))
        self.plans: list[SamplePlan] = []

    def scores(
        self, bitexts: Mapping[str | None, str], tags: dict[str, str | float]
    ) -> Iterator[Score]:
        """Every system's records, per language, and over all where there are several."""
        options = {
            "transport": self.solver, "resamples": self.what.resamples, "seed": self.seed,
        }  # fmt: skip
        systems: dict[str, list[AlignedPairs]] = {}
        for language, path in bitexts.items():
            for pairs in self._of_bitext(language, path):
                systems.setdefault(pairs.system, []).append(pairs)
                yield from alignment_records(pairs, tags, **options)
        for several in systems.values():
            if len(several) > 1:
                yield from alignment_records(over_languages(several), tags, **options)

    def _of_bitext(self, language: str | None, path: str) -> Iterator[AlignedPairs]:
        students = models_for(language, self.students)
        pairs = sample_pairs(path, self.what.columns, self.what.pairs, self.seed)
        sources = [pair.source for pair in pairs]
        rows = self.aligner.vectors(self.reader, sources, length=self.length)
        for student in students:
            yield self._aligned(student, language, path, pairs, rows)

    def _aligned(
        self,
        student: RunInput,
        language: str | None,
        path: str,
        pairs: Sequence[SentencePair],
        rows: Sequence[Vectors],
    ) -> AlignedPairs:
        encoder = load(student.path)
        if encoder.dim != self.teacher.dim:
            fault = f"is {encoder.dim} wide, the teacher {self.teacher.dim}"
            raise InputError(fault, where=student.path)
        targets = [pair.target for pair in pairs]
        reader = self.aligner.weighed(encoder).reading(targets)
        cols = self.aligner.vectors(reader, targets, length=self.length)
        drawn = zip(pairs[: self.what.plan_pairs], rows, cols, strict=False)
        self.plans += [
            self._plan(student, language, reader, pair, (row, col)) for pair, row, col in drawn
        ]
        # Everyone's neighbor in the drawn order, which is random: a derangement.
        shifted = [*cols[1:], cols[0]]
        hashes = {
            "bitext": short([sha256(path)]), "teacher": short([self.teacher.signature()]),
            "student": short([encoder.signature()]),
        }  # fmt: skip
        return AlignedPairs(
            student.system, language, student.path, [pair.pair_id for pair in pairs],
            pooled(rows), pooled(cols), self.aligner.costs(rows, cols),
            self.aligner.costs(rows, shifted), hashes,
        )  # fmt: skip

    def _plan(
        self,
        student: RunInput,
        language: str | None,
        reader: LateInteractionEncoder,
        pair: SentencePair,
        vectors: tuple[Vectors, Vectors],
    ) -> SamplePlan:
        labels = (
            self.aligner.tokens(self.reader, pair.source, length=self.length),
            self.aligner.tokens(reader, pair.target, length=self.length),
        )
        found = self.aligner.alignment(*vectors, labels)
        return SamplePlan(
            pair_id=pair.pair_id, system=student.system, language=language,
            rows=labels[0], cols=labels[1], plan=found.plan.astype(float).round(6).tolist(),
            cost=found.transport_cost,
        )  # fmt: skip
