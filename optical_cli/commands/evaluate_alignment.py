"""`optical evaluate-alignment`."""

from typing import Any

from optical_cli.evaluation.settings import AlignmentSettings, ScoresOutputSettings
from optical_cli.settings import ComputeSettings, Invocation, SeedSettings
from optical_cli.transport.settings import TransportSettings


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

    from optical_cli.alignment.measuring import AlignmentMeasurement
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
    measurement = AlignmentMeasurement(what, transport, compute, random.seed)
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
