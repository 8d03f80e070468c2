"""`optical encode`."""

from optical_cli.retrieval.settings import EncodeSettings
from optical_cli.settings import ComputeSettings, Invocation, ResumableOutputSettings


def encode(
    what: EncodeSettings,
    compute: ComputeSettings,
    out: ResumableOutputSettings,
    invocation: Invocation,
) -> None:
    """Turn passages or queries into token vectors.

    Reads a model and a collection or queries (TSV with id and text, JSON lines, or a BEIR folder).
    Writes a directory of packed vectors, part by part, in memory that does not grow with the
    collection; --resume continues an interrupted run, and with --shard i/n several jobs (or the
    ranks of torchrun) share one directory.

    Examples:

        optical encode --model work/teacher --collection collection.tsv -o work/passages

        optical encode --model work/student --queries queries.sw.tsv -o work/queries.sw
    """
    from optical_cli.retrieval.encoding_job import encode_to_directory

    encode_to_directory(what, compute, out, invocation)
