"""One call of `optical retrieve`: vector sets in, a TREC run out."""

import logging
from collections.abc import Iterator
from pathlib import Path

from optical_cli.console import progress
from optical_cli.errors import UsageError
from optical_cli.formats.manifest import new_manifest, write_manifest
from optical_cli.formats.outputs import output_file, refuse_existing
from optical_cli.formats.streams import STDIO
from optical_cli.formats.trec import write_ranking
from optical_cli.formats.vectors import VectorSet, open_vectors, require_comparable
from optical_cli.retrieval.exact import search
from optical_cli.retrieval.query_tiles import tiles_of
from optical_cli.retrieval.ranking import Ranking
from optical_cli.retrieval.settings import RetrieveSettings
from optical_cli.settings import FileOutputSettings, Invocation

log = logging.getLogger(__name__)


def retrieve_to_run(
    what: RetrieveSettings, out: FileOutputSettings, invocation: Invocation
) -> None:
    """Do what `optical retrieve` promises.

    Raises:
        OpticalError: As the command's parts do; see there.
    """
    if what.top_k < 1:
        raise UsageError(f"--top-k {what.top_k}: expected 1 or more")
    tag = _tag(what.tag, out.output)
    queries = open_vectors(what.queries, "queries")
    collection = open_vectors(what.collection, "collection")
    require_comparable(queries, collection)
    if what.top_k > len(collection):
        log.info("--top-k %s: the collection has %s passages, and all are ranked",
                 f"{what.top_k:,}", f"{len(collection):,}")  # fmt: skip
    if out.output != STDIO:
        refuse_existing(Path(out.output), overwrite=out.overwrite)
    lines = 0
    with output_file(out.output, overwrite=out.overwrite) as stream:
        for query_id, ranking in zip(
            queries.ids(), _rankings(queries, collection, what), strict=True
        ):
            lines += write_ranking(stream, query_id, ranking, tag)
    manifest = new_manifest(
        "optical-run/1", invocation, inputs=[*queries.folders, *collection.folders],
        counts={"records": lines, "queries": len(queries)},
    )  # fmt: skip
    write_manifest(out.output, manifest)


def _rankings(
    queries: VectorSet, collection: VectorSet, what: RetrieveSettings
) -> Iterator[Ranking]:
    passes = list(tiles_of(queries, what.batch_size))
    with progress("searching", len(passes) * len(collection)) as steps:
        for tiles in passes:
            yield from search(tiles, collection, what.top_k, workers=what.workers, steps=steps)


def _tag(tag: str | None, output: str) -> str:
    """The system's name: as given, or the output's name up to its first dot."""
    tag = tag or ("optical" if output == STDIO else Path(output).name.split(".")[0])
    if tag.split() != [tag]:
        raise UsageError(f"the tag {tag!r} holds white space, which a run cannot",
                         hint="--tag names the system")  # fmt: skip
    return tag


