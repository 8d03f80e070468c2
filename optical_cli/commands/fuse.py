"""`optical fuse`."""

from optical_cli.retrieval.fusion_settings import FusionRunsSettings, FusionSettings
from optical_cli.settings import FileOutputSettings, Invocation


def fuse(
    what: FusionRunsSettings,
    how: FusionSettings,
    out: FileOutputSettings,
    invocation: Invocation,
) -> None:
    """Fuse the runs of several systems into one.

    Reads two or more TREC runs. Writes one, by reciprocal rank (the sum of 1 / (60 + rank)) or by
    the weighted sum of scores that are normalised within each query.

    Examples:

        optical fuse student.run psq.run -o fused.run

        optical fuse student.run psq.run --method weighted --weight 0.7 --weight 0.3 -o fused.run
    """
    from optical_cli.formats.manifest import described_file, new_manifest
    from optical_cli.formats.trec import write_ranking
    from optical_cli.retrieval.fusion import best_first, fuse_runs, read_runs, weights_of

    other = "k" if how.method == "weighted" else "normalization"
    invocation.warn_of_unread({f"fusion.{other}": f"--method {how.method} has none"})
    weights = weights_of(how.weight, what.runs)
    lines = 0
    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        fused = fuse_runs(read_runs(what.runs), weights, how)
        for query_id, scores in fused.items():
            best = best_first(scores)[: what.top_k]
            lines += write_ranking(stream, query_id, [(d, scores[d]) for d in best], what.tag)
        counts = {"records": lines, "queries": len(fused)}
        describe(new_manifest("optical-run/1", invocation, inputs=what.runs, counts=counts))
