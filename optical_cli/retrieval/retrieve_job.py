"""One call of `optical retrieve`: vector sets in, a TREC run out."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Int

from optical_cli.console import progress
from optical_cli.encoders.devices import choose_device
from optical_cli.errors import InputError, UsageError
from optical_cli.formats.manifest import described_file, manifest_of, new_manifest
from optical_cli.formats.outputs import refuse_existing
from optical_cli.formats.streams import STDIO
from optical_cli.formats.trec import read_run, write_ranking
from optical_cli.formats.vectors import (
    PackedSet,
    VectorSet,
    open_vectors,
    require_comparable,
)
from optical_cli.formats.vectors_index import VectorIndex
from optical_cli.retrieval.exact import places_of, rerank, search
from optical_cli.retrieval.index_search import IndexSearcher
from optical_cli.retrieval.query_tiles import QueryTile, make_tile, tiles_of
from optical_cli.retrieval.ranking import Ranking
from optical_cli.retrieval.settings import RetrieveSettings
from optical_cli.settings import FileOutputSettings, Invocation

log = logging.getLogger(__name__)

IDS_SHOWN = 3
QUERIES_AT_ONCE = 64
RESCORED_PER_RESULT = 4
LEAST_RESCORED = 1024


def retrieve_to_run(
    what: RetrieveSettings, out: FileOutputSettings, invocation: Invocation
) -> None:
    """Do what `optical retrieve` promises.

    Raises:
        OpticalError: As the command's parts do; see there.
    """
    _require_possible(what)
    tag = system_name(what.tag, out.output)
    if out.output != STDIO:
        refuse_existing(Path(out.output), overwrite=out.overwrite)
    queries = open_vectors(what.queries, "queries")
    collection = VectorIndex(what.index) if what.index else open_vectors(
        what.collection, "collection"
    )  # fmt: skip
    require_comparable(queries, collection)
    lines = 0
    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        rankings = _rankings(queries, collection, what)
        for query_id, ranking in zip(queries.ids(), rankings, strict=True):
            lines += write_ranking(stream, query_id, ranking, tag)
        others = [path for path in (what.candidates, what.rescore_from) if path]
        inputs = [*queries.folders, *collection.folders, *others]
        counts = {"records": lines, "queries": len(queries)}
        describe(new_manifest("optical-run/1", invocation, inputs=inputs, counts=counts))


def _rankings(
    queries: VectorSet, collection: PackedSet, what: RetrieveSettings
) -> Iterator[Ranking]:
    if what.candidates:
        return _reranked(queries, collection, what)
    if what.top_k > len(collection):
        log.info("--top-k %s: the collection has %s passages, and all are ranked",
                 f"{what.top_k:,}", f"{len(collection):,}")  # fmt: skip
    search = _found_by_index if what.index else _searched
    return search(queries, collection, what)


def _require_possible(what: RetrieveSettings) -> None:
    if (what.collection is None) == (what.index is None):
        raise UsageError("give either --collection or --index")
    if what.index and what.candidates:
        raise UsageError("--candidates goes with --collection")
    if what.index and what.device not in ("auto", "cpu"):
        raise UsageError(f"--device {what.device}: an index is searched on the CPU")
    if what.rescore_from and not what.index:
        raise UsageError("--rescore-from goes with --index")


def _searched(
    queries: VectorSet, collection: VectorSet, what: RetrieveSettings
) -> Iterator[Ranking]:
    device = choose_device(what.device)
    batches = list(tiles_of(queries, what.batch_size))
    with progress("searching", len(batches) * len(collection)) as steps:
        for tiles in batches:
            yield from search(
                tiles, collection, what.top_k, device=device, workers=what.workers, steps=steps
            )


def _found_by_index(
    queries: VectorSet, index: VectorIndex, what: RetrieveSettings
) -> Iterator[Ranking]:
    originals = None
    if what.rescore_from:
        originals = open_vectors(what.rescore_from, "collection")
        _require_source(index, originals)
    searcher = IndexSearcher(
        index, probe=what.probe, originals=originals,
        rescored=what.rescored or max(RESCORED_PER_RESULT * what.top_k, LEAST_RESCORED),
    )  # fmt: skip
    with progress("searching", len(queries)) as steps:
        for tiles in _one_by_one(queries):
            yield from searcher.search(tiles, what.top_k, workers=what.workers)
            steps.advance(len(tiles))


def _require_source(index: VectorIndex, originals: VectorSet) -> None:
    """Raise unless the index was made from these vectors."""
    identities = [manifest_of(folder).identity() for folder in originals.folders]
    if identities != index.sources:
        raise InputError(f"is not what {index.path} was made from", where=originals.path)


def _reranked(
    queries: VectorSet, collection: VectorSet, what: RetrieveSettings
) -> Iterator[Ranking]:
    device = choose_device(what.device)
    candidates = _candidates(queries, collection, what.candidates)
    with progress("ranking candidates", len(queries)) as steps:
        for tiles in _one_by_one(queries):
            mine = [candidates[tile.first] for tile in tiles]
            yield from rerank(
                tiles, collection, mine, what.top_k, device=device, workers=what.workers
            )
            steps.advance(len(tiles))


def _one_by_one(queries: VectorSet) -> Iterator[list[QueryTile]]:
    """Tiles of one query each, some at a time."""
    for start in range(0, len(queries), QUERIES_AT_ONCE):
        span = range(start, min(start + QUERIES_AT_ONCE, len(queries)))
        yield [make_tile([queries.vectors(i)], i) for i in span]


def _candidates(
    queries: VectorSet, collection: VectorSet, path: Path
) -> list[Int[np.ndarray, " _"]]:
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
    return [places.get(name, np.empty(0, np.int64)) for name in names]


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
