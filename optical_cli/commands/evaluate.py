"""`optical evaluate`."""

from optical_cli.evaluation.settings import (
    ComparisonSettings,
    EvaluateSettings,
    LanguagesSettings,
    ScoresOutputSettings,
)
from optical_cli.settings import Invocation, SeedSettings


def evaluate(
    what: EvaluateSettings,
    comparison: ComparisonSettings,
    languages: LanguagesSettings,
    out: ScoresOutputSettings,
    random: SeedSettings,
    invocation: Invocation,
) -> None:
    """Measure runs against relevance judgements.

    Reads TREC qrels and runs. Prints a table, tab-separated means or JSON lines on stdout, or
    writes them to --output. The numbers are trec_eval's: ties go by score and then by doc id, both
    descending, and a judged query without results counts as an empty ranking.

    With --baseline the other systems are tested against one, and the table says of each
    difference whether these queries show it. With --groups the table has the gap between high- and
    low-resource languages.

    Examples:

        optical evaluate --qrels qrels.txt --run student.run --measure AP --measure RR@10

        optical evaluate --qrels qrels.txt --run mse/sw/1=m1.run --run ot/sw/1=o1.run
        --baseline mse --per-query -o scores.jsonl
    """
    from optical_cli.evaluation.inputs import parse_labelled, parse_runs, parse_tags
    from optical_cli.evaluation.measures import parse_measures
    from optical_cli.evaluation.scoring import measure_runs, score_cells
    from optical_cli.formats.manifest import described_file, new_manifest
    from optical_cli.reporting.scores import writer_of

    write = writer_of(out.format, out.output)
    measures = parse_measures(what.measure)
    runs, qrels, tags = (
        parse_runs(what.run),
        parse_labelled("--qrels", what.qrels),
        parse_tags(what.tag),
    )
    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        cells = measure_runs(runs, qrels, measures, languages)
        scores = score_cells(
            cells, comparison, languages, tags=tags, per_query=what.per_query, seed=random.seed
        )
        write(stream, scores)
        inputs = [*qrels.values(), *(run.path for run in runs)]
        counts = {"records": len(scores)}
        describe(new_manifest("optical-scores/1", invocation, inputs=inputs, counts=counts))
