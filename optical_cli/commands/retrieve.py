"""`optical retrieve`."""

from optical_cli.retrieval.settings import RetrieveSettings
from optical_cli.settings import FileOutputSettings, Invocation


def retrieve(what: RetrieveSettings, out: FileOutputSettings, invocation: Invocation) -> None:
    """Rank passages for queries by MaxSim.

    Reads vectors of queries and of a collection, both from optical encode; they may be of any
    size, since they are mapped and pass by in tiles. Writes a TREC run. The ranking does not
    depend on shards, batches or threads; ties go by doc id, descending.

    Examples:

        optical retrieve --queries work/queries.sw --collection work/passages -o student.run

        optical retrieve --queries work/queries.en --collection work/passages -o - --top-k 10
    """
    from optical_cli.retrieval.retrieve_job import retrieve_to_run

    retrieve_to_run(what, out, invocation)
