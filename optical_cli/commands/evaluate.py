"""`optical evaluate`."""

from optical_cli.evaluation.settings import EvaluateSettings, ScoresOutputSettings
from optical_cli.settings import Invocation


def evaluate(
    what: EvaluateSettings, out: ScoresOutputSettings, invocation: Invocation
) -> None:
    """Measure runs against relevance judgements.

    Reads TREC qrels and runs. Prints a table, tab-separated means or JSON lines on stdout, or
    writes them to --output. The numbers are trec_eval's: ties go by score and then by doc id, both
    descending, and a judged query without results counts as an empty ranking.

    Examples:

        optical evaluate --qrels qrels.txt --run student.run --measure AP --measure RR@10

        optical evaluate --qrels qrels.txt --run student/sw/1=s1.run --format jsonl -o scores.jsonl
    """
    from optical_cli.evaluation.inputs import parse_qrels, parse_runs, parse_tags
    from optical_cli.evaluation.measures import parse_measures
    from optical_cli.evaluation.scoring import score_runs
    from optical_cli.formats.manifest import new_manifest, write_manifest
    from optical_cli.formats.outputs import output_file, refuse_existing
    from optical_cli.reporting.scores import writer_of

    write = writer_of(out.format, out.output)
    measures = parse_measures(what.measure)
    runs, qrels, tags = parse_runs(what.run), parse_qrels(what.qrels), parse_tags(what.tag)
    scores = score_runs(runs, qrels, measures, tags=tags, per_query=what.per_query)
    with output_file(out.output, overwrite=out.overwrite) as stream:
        write(stream, scores)
    manifest = new_manifest(
        "optical-scores/1", invocation, inputs=[*qrels.values(), *(run.path for run in runs)],
        counts={"records": len(scores)},
    )  # fmt: skip
    write_manifest(out.output, manifest)
