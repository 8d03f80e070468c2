"""`optical index`."""

from optical_cli.retrieval.index_settings import IndexSettings
from optical_cli.settings import Invocation, ResumableOutputSettings, SeedSettings


def index(
    what: IndexSettings, out: ResumableOutputSettings, random: SeedSettings, invocation: Invocation
) -> None:
    """Compress passage vectors into an index that is searched through centroids.

    Reads vectors of a collection, from optical encode. Writes a directory with centroids, residual
    codes of 1, 2 or 4 bits a dimension and inverted lists, part by part; --resume continues an
    interrupted run. From a million passages on this is how to search; below, exact search is fast.

    Examples:

        optical index --collection work/passages -o work/index

        optical index --collection work/passages --bits 2 -o work/index2
    """
    from optical_cli.retrieval.index_job import build_index

    build_index(what, out, random, invocation)
