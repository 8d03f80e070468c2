"""`optical evaluate-alignment`."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from optical_cli.evaluation.settings import AlignmentSettings, ScoresOutputSettings
from optical_cli.settings import ComputeSettings, Invocation, SeedSettings
from optical_cli.transport.settings import TransportSettings

if TYPE_CHECKING:
    import numpy as np

    from optical_cli.encoders import LateInteractionEncoder
    from optical_cli.evaluation.alignment_records import AlignedPairs
    from optical_cli.evaluation.inputs import RunInput
    from optical_cli.formats.bitext import SentencePair
    from optical_cli.formats.plans import SamplePlan
    from optical_cli.formats.scores import Score


def evaluate_alignment(
    what: AlignmentSettings,
    transport: TransportSettings,
    compute: ComputeSettings,
    out: ScoresOutputSettings,
    random: SeedSettings,
    invocation: Invocation,
) -> None:
    """Measure how near a student puts translations, and whether it has collapsed.

    Reads a teacher, students and held-out translations (source, target). Prints, per language and
    over all, the alignment and uniformity of pooled vectors, the transport cost between tokens,
    each over that of non-pairs and with the teacher's uniformity beside it, and how often a
    sentence finds its translation first, both ways, by cosine and by margin.

    Examples:

        optical evaluate-alignment --teacher teacher --student student --bitext clean/dev.tsv

        optical evaluate-alignment --teacher teacher --student before=teacher --student after=student --bitext sw=sw.tsv --bitext so=so.tsv --plans plans.jsonl -o alignment.jsonl
    """  # noqa: E501 - an example is one line that can be copied
    from contextlib import ExitStack

    from optical_cli.encoders.hub import folders_among
    from optical_cli.evaluation.inputs import parse_bitexts, parse_tags
    from optical_cli.formats.manifest import described_file, new_manifest
    from optical_cli.formats.outputs import refuse_existing
    from optical_cli.formats.plans import write_plans
    from optical_cli.reporting.scores import writer_of
    from optical_cli.transport import unread

    invocation.warn_of_unread(unread(transport))
    write, tags = writer_of(out.format, out.output), parse_tags(what.tag)
    bitexts = parse_bitexts(what.bitext)
    if what.plans is not None:
        refuse_existing(what.plans, overwrite=out.overwrite)
    measurement = _Measurement(what, transport, compute, random.seed)
    students = dict.fromkeys(student.path for student in measurement.students)
    facts: dict[str, Any] = {
        "inputs": [*folders_among((what.teacher, *students)), *bitexts.values()]
    }
    # Both files together, so that Ctrl-C leaves neither.
    with ExitStack() as files:
        stream, describe = files.enter_context(described_file(out.output, overwrite=out.overwrite))
        scores = list(measurement.scores(bitexts, tags))
        write(stream, scores)
        facts["counts"] = {"records": len(scores), "plans": len(measurement.plans)}
        describe(new_manifest("optical-scores/1", invocation, **facts))
        if what.plans is not None:
            stream, describe = files.enter_context(
                described_file(what.plans, overwrite=out.overwrite)
            )
            write_plans(stream, measurement.plans)
            describe(new_manifest("optical-plans/1", invocation, **facts))


class _Measurement:
    """The models, loaded once, and what was seen of the pairs."""

    def __init__(
        self,
        what: AlignmentSettings,
        transport: TransportSettings,
        compute: ComputeSettings,
        seed: int,
    ):
        from optical_cli import encoders
        from optical_cli.encoders.backbone import token_limit
        from optical_cli.encoders.devices import choose_device
        from optical_cli.evaluation.inputs import parse_models
        from optical_cli.transport import TransportObjective

        self.what, self.compute, self.seed = what, compute, seed
        self.students = parse_models(what.student)
        self.objective = TransportObjective(transport)
        self.device = choose_device(compute.device)
        self.load = lambda path: encoders.load(path, device=self.device).eval()
        self.teacher = self.load(what.teacher)
        self.length = min(what.length, token_limit(self.teacher.backbone))
        self.plans: list[SamplePlan] = []

    def scores(
        self, bitexts: dict[str | None, str], tags: dict[str, str | float]
    ) -> "Iterator[Score]":
        """Every system's records, per language, and over all where there are several."""
        from optical_cli.evaluation.alignment_records import alignment_records, over_languages

        options = {
            "transport": self.objective.settings.solver,
            "resamples": self.what.resamples, "seed": self.seed,
        }  # fmt: skip
        systems: dict[str, list[AlignedPairs]] = {}
        for language, path in bitexts.items():
            for pairs in self._of_bitext(language, path):
                systems.setdefault(pairs.system, []).append(pairs)
                yield from alignment_records(pairs, tags, **options)
        for several in systems.values():
            if len(several) > 1:
                yield from alignment_records(over_languages(several), tags, **options)

    def _of_bitext(self, language: str | None, path: str) -> "Iterator[AlignedPairs]":
        from optical_cli.evaluation.inputs import models_for
        from optical_cli.evaluation.translations import sample_pairs

        students = models_for(language, self.students)
        pairs = sample_pairs(path, self.what.columns, self.what.pairs, self.seed)
        rows = self._encoded(self.teacher, [pair.source for pair in pairs])
        for student in students:
            yield self._aligned(student, language, path, pairs, rows)

    def _aligned(
        self,
        student: "RunInput",
        language: str | None,
        path: str,
        pairs: "Sequence[SentencePair]",
        rows: "Sequence[np.ndarray]",
    ) -> "AlignedPairs":
        from optical_cli.errors import InputError
        from optical_cli.evaluation.alignment import pooled
        from optical_cli.evaluation.alignment_records import AlignedPairs
        from optical_cli.evaluation.signature import short
        from optical_cli.formats.manifest import sha256

        encoder = self.load(student.path)
        if encoder.dim != self.teacher.dim:
            fault = f"is {encoder.dim} wide, the teacher {self.teacher.dim}"
            raise InputError(fault, where=student.path)
        targets = [pair.target for pair in pairs]
        reader = encoder.reading(targets)
        cols = self._encoded(reader, targets)
        self._keep_plans(student, language, reader, pairs[: self.what.plan_pairs], rows, cols)
        # Everyone's neighbor in the drawn order, which is random: a derangement.
        shifted = [*cols[1:], cols[0]]
        hashes = {
            "bitext": short([sha256(path)]), "teacher": short([self.teacher.signature()]),
            "student": short([encoder.signature()]),
        }  # fmt: skip
        return AlignedPairs(
            student.system, language, student.path, [pair.pair_id for pair in pairs],
            pooled(rows), pooled(cols), self._costs(rows, cols), self._costs(rows, shifted), hashes,
        )  # fmt: skip

    def _encoded(
        self, encoder: "LateInteractionEncoder", texts: Sequence[str]
    ) -> "list[np.ndarray]":
        """The weighted vectors of each text's real tokens; [MASK]s take no part."""
        import numpy as np

        from optical_cli.encoders import encode_in_bulk, weighing_by

        weighing = self.objective.settings.weighing
        encoder = weighing_by(encoder, words=weighing.words, by=weighing.by)
        side = encoder.query_side(length=self.length, expand=False)
        packed = encode_in_bulk(
            encoder, texts, side, weigh=True, dtype=self.compute.dtype, store=np.float32
        )
        return [vectors for window in packed for vectors in window.split()]

    def _costs(self, rows: "Sequence[np.ndarray]", cols: "Sequence[np.ndarray]") -> "np.ndarray":
        """Transport cost between the tokens of each pair."""
        from optical_cli.transport import costs_between

        return costs_between(rows, cols, self.objective, self.device)

    def _keep_plans(
        self,
        student: "RunInput",
        language: str | None,
        encoder: "LateInteractionEncoder",
        pairs: "Sequence[SentencePair]",
        rows: "Sequence[np.ndarray]",
        cols: "Sequence[np.ndarray]",
    ) -> None:
        from optical_cli.formats.plans import SamplePlan
        from optical_cli.transport import by_lengths, token_side

        objective = by_lengths(self.objective)
        for place, pair in enumerate(pairs):
            sides = (token_side([side[place]], self.device) for side in (rows, cols))
            plan = objective(*sides).plan
            self.plans.append(
                SamplePlan(
                    pair_id=pair.pair_id, system=student.system, language=language,
                    rows=self._tokens(self.teacher, pair.source),
                    cols=self._tokens(encoder, pair.target),
                    plan=plan.plan[0].cpu().double().numpy().round(6).tolist(),
                    cost=float(plan.transport_cost[0]),
                )
            )  # fmt: skip

    def _tokens(self, encoder: "LateInteractionEncoder", text: str) -> list[str]:
        batch = encoder.tokenize_queries([text], length=self.length, expand=False)
        return encoder.tokenizer.convert_ids_to_tokens(batch.input_ids[0][batch.scored[0]].tolist())
