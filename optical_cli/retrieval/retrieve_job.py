"""One call of `optical retrieve`: vector sets in, a TREC run out."""

import logging
from collections.abc import Iterator
from pathlib import Path

from optical_cli.console import progress
from optical_cli.encoders.devices import choose_device
from optical_cli.errors import InputError, UsageError
from optical_cli.formats.manifest import new_manifest, write_manifest
from optical_cli.formats.outputs import output_file, refuse_existing
from optical_cli.formats.streams import STDIO
from optical_cli.formats.trec import read_run, write_ranking
from optical_cli.formats.vectors import VectorSet, open_vectors, require_comparable
from optical_cli.retrieval.exact import places_of, rerank, search
from optical_cli.retrieval.query_tiles import make_tile, tiles_of
from optical_cli.retrieval.ranking import Ranking
from optical_cli.retrieval.settings import RetrieveSettings
from optical_cli.settings import FileOutputSettings, Invocation

log = logging.getLogger(__name__)

IDS_SHOWN = 3
QUERIES_RERANKED_AT_ONCE = 64


def retrieve_to_run(
    what: RetrieveSettings, out: FileOutputSettings, invocation: Invocation
) -> None:
    """Do what `optical retrieve` promises.

    Raises:
        OpticalError: As the command's parts do; see there.
    """
    _require_positive(what)
    tag = system_name(what.tag, out.output)
    if out.output != STDIO:
        refuse_existing(Path(out.output), overwrite=out.overwrite)
    queries = open_vectors(what.queries, "queries")
    collection = open_vectors(what.collection, "collection")
    require_comparable(queries, collection)
    rankings = _reranked if what.candidates else _searched
    lines = 0
    with output_file(out.output, overwrite=out.overwrite) as stream:
        found = rankings(queries, collection, what)
        for query_id, ranking in zip(queries.ids(), found, strict=True):
            lines += write_ranking(stream, query_id, ranking, tag)
    candidates = [what.candidates] if what.candidates else []
    manifest = new_manifest(
        "optical-run/1", invocation, counts={"records": lines, "queries": len(queries)},
        inputs=[*queries.folders, *collection.folders, *candidates],
    )  # fmt: skip
    write_manifest(out.output, manifest)


def _require_positive(what: RetrieveSettings) -> None:
    for name in ("top_k", "batch_size", "workers"):
        value = getattr(what, name)
        if value is not None and value < 1:
            raise UsageError(f"--{name.replace('_', '-')} {value}: expected 1 or more")


def _searched(
    queries: VectorSet, collection: VectorSet, what: RetrieveSettings
) -> Iterator[Ranking]:
    if what.top_k > len(collection):
        log.info("--top-k %s: the collection has %s passages, and all are ranked",
                 f"{what.top_k:,}", f"{len(collection):,}")  # fmt: skip
    device = choose_device(what.device)
    batches = list(tiles_of(queries, what.batch_size))
    with progress("searching", len(batches) * len(collection)) as steps:
        for tiles in batches:
            yield from search(
                tiles, collection, what.top_k, device=device, workers=what.workers, steps=steps
            )


def _reranked(
    queries: VectorSet, collection: VectorSet, what: RetrieveSettings
) -> Iterator[Ranking]:
    device = choose_device(what.device)
    candidates = _candidates(queries, collection, what.candidates)
    with progress("ranking candidates", len(queries)) as steps:
        for start in range(0, len(queries), QUERIES_RERANKED_AT_ONCE):
            span = range(start, min(start + QUERIES_RERANKED_AT_ONCE, len(queries)))
            tiles = [make_tile([queries.vectors(i)], i) for i in span]
            yield from rerank(
                tiles, collection, [candidates[i] for i in span], what.top_k, device=device,
                workers=what.workers,
            )  # fmt: skip
            steps.advance(len(span))


def _candidates(queries: VectorSet, collection: VectorSet, path: Path) -> list[list[int]]:
    """Places of each query's candidates; none for a query that the run does not have."""
    run = read_run(path)
    names = list(queries.ids())
    common = {name: list(run[name]) for name in names if name in run}
    if not common:
        ours, theirs = (", ".join(list(ids)[:IDS_SHOWN]) for ids in (names, run))
        raise InputError(f"no query in common: {ours} in {queries.path}, {theirs} here",
                         where=path)  # fmt: skip
    if len(common) < len(names):
        log.warning("%s has no candidates for %d of %d queries, which get no results", path,
                    len(names) - len(common), len(names))  # fmt: skip
    places = places_of(common, collection)
    return [places.get(name, []) for name in names]


def system_name(tag: str | None, output: str) -> str:
    """The tag of a run: as given, or the output's name up to its first dot.

    Raises:
        UsageError: It holds white space.
    """
    tag = tag or ("optical" if output == STDIO else Path(output).name.split(".")[0])
    if tag.split() != [tag]:
        raise UsageError(f"the tag {tag!r} holds white space, which a run cannot",
                         hint="--tag names the system")  # fmt: skip
    return tag
