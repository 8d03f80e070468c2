"""Measure exact search and indexes, beside what else there is, in one run.

    optical encode --model MODEL --collection collection.tsv -o passages
    optical encode --model MODEL --queries queries.tsv -o queries
    export OMP_NUM_THREADS=1
    python recipes/benchmarks/retrieve.py exact --queries queries --collection passages
    python recipes/benchmarks/retrieve.py quality --queries queries --collection passages \
        --qrels qrels.txt
    python recipes/benchmarks/retrieve.py grow --queries queries --collection passages \
        --passages 200000 -o large
    python recipes/benchmarks/retrieve.py speed --queries large-queries --collection large
    python recipes/benchmarks/retrieve.py clusters --queries queries --collection passages
    python recipes/benchmarks/retrieve.py repeat --collection large --passages 1000000 -o million
    python recipes/benchmarks/retrieve.py memory --queries large-queries --collection million

`exact` scores all passages for one query and for a hundred: this package (float16 vectors, mapped,
and the top 1000 ranked), the bare matrix product of the same size, a padded einsum, the similarity
of sentence-transformers' MultiVectorEncoder, and maxsim-cpu where it is installed (all of these
from float32 in memory, scores only). It also holds the top 100 against a double loop in float64.
`quality` builds indexes of 4, 2 and 1 bits and prints size, overlap of the top ten with exact
search, and the loss of average precision with a 95% bootstrap interval. `grow` makes a large
collection for timing out of a real one: its vectors again and again with noise, projected to 128
dimensions and cut to 60 tokens; and the queries to go with it. `repeat` makes a still larger one by
linking the same vectors under other ids, which takes no time and no room. `speed` times indexes
against exact search on it; `clusters` times our centroids against faiss's, where it is installed.
`memory` runs `optical retrieve` for a hundred queries and watches how much of its memory is its
own: anonymous, by /proc/PID/smaps_rollup, mapped files apart.

Times are CPU time of the process, medians of interleaved repeats: on a core of its own, the time of
day.
"""

import argparse
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("RAYON_NUM_THREADS", os.environ["OMP_NUM_THREADS"])

import numpy as np
import torch

from optical_cli import seeds
from optical_cli.console import print_table
from optical_cli.formats.manifest import new_manifest, write_manifest
from optical_cli.formats.trec import read_qrels
from optical_cli.formats.vectors import (
    ModelIdentity,
    Shard,
    VectorSet,
    facts_of,
    open_vectors,
    part_name,
)
from optical_cli.formats.vectors_ids import IdWriter
from optical_cli.formats.vectors_index import VectorIndex
from optical_cli.formats.vectors_parts import write_summary
from optical_cli.formats.vectors_writing import write_vectors
from optical_cli.retrieval.clustering import ROUNDS, train_centroids
from optical_cli.retrieval.exact import search
from optical_cli.retrieval.index_job import build_index
from optical_cli.retrieval.index_search import IndexSearcher
from optical_cli.retrieval.index_settings import IndexSettings
from optical_cli.retrieval.query_tiles import make_tile, query_tiles
from optical_cli.retrieval.ranking import Ranking
from optical_cli.settings import Invocation, ResumableOutputSettings, SeedSettings

TOP_K = 1000
CHECKED = 100
BITS = (4, 2, 1)
# Of `clusters`: how many, and tokens for each.
CENTROIDS, SAMPLED = 2048, 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--queries", type=Path, help="query vectors")
    parser.add_argument("--collection", type=Path, help="passage vectors")
    parser.add_argument("--qrels", type=Path, help="quality: judgements")
    parser.add_argument("--passages", type=int, default=200_000, help="grow, repeat: how many")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1, 100], help="queries at once")
    parser.add_argument("--repeats", type=int, default=5, help="runs of which the median counts")
    parser.add_argument("--top-k", type=int, default=TOP_K, help="quality: passages kept")
    parser.add_argument("--bits", type=int, nargs="*", default=BITS, help="speed: which indexes")
    parser.add_argument("--limit", type=int, help="exact: score only so many passages")
    parser.add_argument("-o", "--output", type=Path, help="grow, repeat: where to")
    args = parser.parse_args()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    PARTS[args.part](args)


def interleaved(methods: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median CPU seconds of each method, taken in turns after a first call that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in methods}
    for repeat, (name, method) in itertools.product(range(repeats + 1), methods.items()):
        start = time.process_time()
        method()
        if repeat:
            taken[name].append(time.process_time() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def all_vectors(vectors: VectorSet) -> list[np.ndarray]:
    return [vectors.vectors(place) for place in range(len(vectors))]


# -- exact search ----------------------------------------------------------------------------------


def exact(args: argparse.Namespace) -> None:
    collection = open_vectors(args.collection, "collection")
    with tempfile.TemporaryDirectory() as folder:
        if args.limit:
            collection = first(collection, args.limit, Path(folder) / "first")
        compare(collection, all_vectors(open_vectors(args.queries, "queries")), args)


def compare(collection: VectorSet, queries: list[np.ndarray], args: argparse.Namespace) -> None:
    passages = all_vectors(collection)
    print(f"{len(collection):,} passages, {collection.tokens:,} tokens, {collection.dim} wide")
    check(queries[:3], passages, collection)
    rows = []
    for size in args.sizes:
        asked = queries[:size]
        tokens = sum(map(len, asked))
        taken = interleaved(exact_methods(asked, passages, collection), args.repeats)
        ours = taken["optical"]
        rows += [
            (name, size, tokens, f"{size / t:.2f}", f"{t / ours:.2f}") for name, t in taken.items()
        ]
    header = ["method", "queries", "query tokens", "queries/s", "time / ours"]
    print_table(None, header, rows, to_stdout=True)


def first(vectors: VectorSet, count: int, folder: Path) -> VectorSet:
    """The first passages of a set as a set of their own."""
    names = list(itertools.islice(vectors.ids(), count))
    some = [vectors.vectors(place) for place in range(len(names))]
    write_vectors(folder, [(names, some)], vectors.model, encoding=vectors.encoding.name)
    return open_vectors(folder)


def exact_methods(
    queries: Sequence[np.ndarray], passages: Sequence[np.ndarray], collection: VectorSet
) -> dict[str, Callable[[], object]]:
    from sentence_transformers.util.similarity import maxsim

    columns = torch.from_numpy(np.concatenate(queries).T.copy())
    rows = torch.from_numpy(np.concatenate(passages))
    as_tensors = [torch.from_numpy(v) for v in queries], [torch.from_numpy(v) for v in passages]
    methods = {
        "optical": lambda: search(query_tiles(queries), collection, TOP_K),
        "matrix product alone": lambda: product_alone(rows, columns),
        "padded einsum": lambda: padded_einsum(*as_tensors),
        "sentence-transformers": lambda: maxsim(*as_tensors),
    }
    try:
        import maxsim_cpu
    except ImportError:
        return methods
    passages = list(passages)
    methods["maxsim-cpu"] = lambda: [
        maxsim_cpu.maxsim_scores_variable(query, passages) for query in queries
    ]
    return methods


def product_alone(rows: torch.Tensor, columns: torch.Tensor) -> None:
    """The product in pieces of a size that suits the library, thrown away at once."""
    step = 4096
    room = torch.empty(step, columns.shape[1])
    for piece in rows.split(step):
        torch.mm(piece, columns, out=room[: len(piece)])


def padded_einsum(
    queries: Sequence[torch.Tensor], passages: Sequence[torch.Tensor]
) -> torch.Tensor:
    """What one writes first: pad both sides, in batches of 256 passages, mask, take maxima."""
    pad = torch.nn.utils.rnn.pad_sequence
    asked = pad(queries, batch_first=True)
    found = []
    for start in range(0, len(passages), 256):
        batch = passages[start : start + 256]
        padded = pad(batch, batch_first=True)
        real = torch.arange(padded.shape[1]) < torch.tensor([len(v) for v in batch])[:, None]
        similarity = torch.einsum("qid,pjd->qpij", asked, padded)
        similarity.masked_fill_(~real[None, :, None], -torch.inf)
        found.append(similarity.amax(-1).sum(-1))
    return torch.cat(found, 1)


def check(
    queries: Sequence[np.ndarray], passages: Sequence[np.ndarray], collection: VectorSet
) -> None:
    """The top 100 against a double loop in float64, rank by rank."""
    worst = 0.0
    rankings = search(query_tiles(queries), collection, CHECKED)
    for query, ranking in zip(queries, rankings, strict=True):
        scores = dict(zip(collection.ids(), double_loop(query, passages), strict=True))
        best = sorted(scores.values(), reverse=True)
        for (name, score), expected in zip(ranking, best, strict=False):
            worst = max(worst, abs(scores[name] - score), abs(scores[name] - expected))
    print(f"top {CHECKED} against a double loop in float64: largest difference {worst:.1e}")


def double_loop(query: np.ndarray, passages: Sequence[np.ndarray]) -> list[float]:
    query = query.astype(np.float64)
    return [sum((passage @ token).max() for token in query) for passage in passages]


# -- indexes ---------------------------------------------------------------------------------------


def quality(args: argparse.Namespace) -> None:
    collection = open_vectors(args.collection, "collection")
    query_set = open_vectors(args.queries, "queries")
    names, queries = list(query_set.ids()), all_vectors(query_set)
    qrels = read_qrels(args.qrels)
    expected = search(query_tiles(queries), collection, args.top_k)
    before = average_precisions(names, expected, qrels)
    rows = [("exact", "1.000", "1.0000", f"{before.mean():.4f}", "")]
    with tempfile.TemporaryDirectory() as folder:
        for bits in BITS:
            index = make_index(collection, Path(folder) / str(bits), bits)
            found = search_index(index, queries, args.top_k)
            after = average_precisions(names, found, qrels)
            low, high = interval(after - before)
            size = size_of(index.path) / (2 * collection.tokens * collection.dim)
            rows.append(
                (f"{bits} bits", f"{size:.3f}", f"{overlap(found, expected):.4f}",
                 f"{after.mean():.4f}", f"{(after - before).mean():+.4f} [{low:+.4f}, {high:+.4f}]")
            )  # fmt: skip
    header = ["index", "of float16's size", "top-10 overlap", "AP", "difference"]
    print_table(None, header, rows, to_stdout=True)


def make_index(collection: VectorSet, target: Path, bits: int) -> VectorIndex:
    settings = IndexSettings(collection=collection.path, bits=bits, device="cpu")
    out = ResumableOutputSettings(output=target, resume=True)
    build_index(settings, out, SeedSettings(), Invocation("index", {}))
    return VectorIndex(target)


def search_index(
    index: VectorIndex, queries: Sequence[np.ndarray], k: int = TOP_K
) -> list[Ranking]:
    # The defaults of optical retrieve.
    searcher = IndexSearcher(index, probe=32, rescored=max(4 * k, 1024))
    return searcher.search([make_tile([query], i) for i, query in enumerate(queries)], k)


def average_precisions(names: Sequence[str], rankings: Sequence[Ranking], qrels) -> np.ndarray:
    return np.array([
        average_precision([doc for doc, _ in ranking], qrels[name])
        for name, ranking in zip(names, rankings, strict=True) if name in qrels
    ])  # fmt: skip


def average_precision(ranking: Sequence[str], judged: dict[str, int]) -> float:
    hits = [rank for rank, doc in enumerate(ranking, start=1) if judged.get(doc, 0) > 0]
    relevant = sum(grade > 0 for grade in judged.values())
    return sum(i / rank for i, rank in enumerate(hits, start=1)) / max(relevant, 1)


def interval(differences: np.ndarray) -> tuple[float, float]:
    rng = np.random.default_rng(13)
    means = rng.choice(differences, (10_000, len(differences))).mean(axis=1)
    return tuple(np.quantile(means, [0.025, 0.975]))


def overlap(found: Sequence[Ranking], expected: Sequence[Ranking], depth: int = 10) -> float:
    shares = [
        len({n for n, _ in a[:depth]} & {n for n, _ in b[:depth]}) / depth
        for a, b in zip(found, expected, strict=True)
    ]
    return statistics.mean(shares)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# -- large collections, for time only --------------------------------------------------------------

WIDTH, TOKENS, NOISE, PART = 128, 60, 0.3, 16_384


def grow(args: argparse.Namespace) -> None:
    source = open_vectors(args.collection, "collection")
    queries = open_vectors(args.queries, "queries")
    model = ModelIdentity("grown", "grown", "grown", WIDTH)
    seen = np.concatenate([source.vectors(i) for i in range(0, len(source), 10)])
    # The directions in which real vectors differ most, so that the small ones are still like them.
    projection = np.linalg.eigh(seen.T @ seen)[1][:, -WIDTH:].astype(np.float32)
    copies = itertools.islice(perturbed(source, projection), args.passages)
    numbered = ((f"g{i}", vectors) for i, vectors in enumerate(copies))
    write_vectors(args.output, in_parts(numbered), model)
    asked = [(name, unit(queries.vectors(i) @ projection)) for i, name in enumerate(queries.ids())]
    target = args.output.with_name(f"{args.output.name}-queries")
    write_vectors(target, in_parts(iter(asked)), model, kind="queries")


def perturbed(source: VectorSet, projection: np.ndarray) -> Iterator[np.ndarray]:
    small = [unit(source.vectors(i)[:TOKENS] @ projection) for i in range(len(source))]
    for copy in itertools.count():
        rng = seeds.generator(13, "copy", copy)
        for start in range(0, len(small), 1024):
            some = small[start : start + 1024]
            vectors = np.concatenate(some)
            noise = rng.standard_normal(vectors.shape, np.float32) * (NOISE / WIDTH**0.5)
            changed = unit(vectors + noise) if copy else vectors
            yield from np.split(changed, np.cumsum([len(v) for v in some])[:-1])


def repeat(args: argparse.Namespace) -> None:
    """A larger set whose parts are those of a set again and again, linked, under ids of its own."""
    source = open_vectors(args.collection, "collection")
    args.output.mkdir()
    summaries = []
    for number, part in enumerate(itertools.cycle(source.parts)):
        if sum(summary.records for summary in summaries) >= args.passages:
            break
        folder = args.output / part_name(number)
        folder.mkdir()
        for name in ("tokens.npy", "offsets.npy"):
            os.link(part.folder / name, folder / name)
        ids = IdWriter(folder)
        ids.append([f"r{number}-{i}" for i in range(part.records)])
        ids.close()
        summaries.append(write_summary(folder, part.records, part.entries, part.tokens))
    facts = facts_of(source.model, source.kind, source.encoding.name, Shard(), summaries)
    invocation = Invocation("repeat", {})
    write_manifest(args.output, new_manifest("optical-vectors/1", invocation, **facts))


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def in_parts(records: Iterator[tuple[str, np.ndarray]]) -> Iterator[tuple[list, list]]:
    while part := list(itertools.islice(records, PART)):
        yield [name for name, _ in part], [vectors for _, vectors in part]


def speed(args: argparse.Namespace) -> None:
    collection = open_vectors(args.collection, "collection")
    queries = all_vectors(open_vectors(args.queries, "queries"))
    float16 = 2 * collection.tokens * collection.dim
    print(f"{len(collection):,} passages, {collection.tokens:,} tokens, {collection.dim} wide")
    indexes = {}
    for bits in args.bits:
        start = time.process_time()
        target = args.collection.with_name(f"{args.collection.name}-index{bits}")
        indexes[bits] = make_index(collection, target, bits)
        print(f"{bits} bits: built in {time.process_time() - start:.0f} s of CPU time,"
              f" {size_of(target) / float16:.3f} of float16's size", flush=True)  # fmt: skip
    rows = []
    for size, k in itertools.product(args.sizes, (10, TOP_K)):
        rows += timed(queries[:size], k, collection, indexes, args.repeats)
    header = ["search", "queries", "top k", "s/query", "of exact's", "top-10 overlap"]
    print_table(None, header, rows, to_stdout=True)


def timed(asked: Sequence[np.ndarray], k: int, collection: VectorSet, indexes, repeats: int):
    """Exact search and each index, in turns; the results of the last turn are compared."""
    found: dict[str, list[Ranking]] = {}

    def keep(name: str, method: Callable[[], list[Ranking]]) -> None:
        found[name] = method()

    methods = {"exact": lambda: keep("exact", lambda: search(query_tiles(asked), collection, k))}
    for bits, index in indexes.items():
        name = f"{bits} bits"
        methods[name] = lambda n=name, i=index: keep(n, lambda: search_index(i, asked, k))
    taken = interleaved(methods, repeats)
    return [
        (name, len(asked), k, f"{t / len(asked):.4f}", f"{t / taken['exact']:.3f}",
         f"{overlap(found[name], found['exact']):.3f}")
        for name, t in taken.items()
    ]  # fmt: skip


def clusters(args: argparse.Namespace) -> None:
    """Centroids of a sample and the nearest one of each of its tokens: two levels against faiss."""
    collection = open_vectors(args.collection, "collection")
    order = np.random.default_rng(13).permutation(len(collection)).tolist()
    sample, wanted = [], CENTROIDS * SAMPLED
    while order and wanted > 0:
        sample.append(collection.vectors(order.pop()))
        wanted -= len(sample[-1])
    points = np.concatenate(sample)
    rows = []
    for name, method in (("optical", ours_clusters), ("faiss", faiss_clusters)):
        start = time.process_time()
        centroids, assign = method(points)
        trained = time.process_time() - start
        start = time.process_time()
        which = assign(points)
        assigned = time.process_time() - start
        error = np.square(points - centroids[which]).sum(1).mean()
        rows.append((name, f"{trained:.1f}", f"{assigned:.1f}", f"{error:.4f}"))
    print(f"{CENTROIDS:,} centroids of {len(points):,} tokens, {collection.dim} wide")
    header = ["centroids", "trained in s", "assigned in s", "mean squared error"]
    print_table(None, header, rows, to_stdout=True)


def ours_clusters(points: np.ndarray):
    found = train_centroids(torch.from_numpy(points), CENTROIDS, seeds.generator(13, "clusters"))
    return found.vectors.numpy(), lambda some: found.assign(torch.from_numpy(some)).numpy()


def faiss_clusters(points: np.ndarray):
    import faiss

    faiss.omp_set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    means = faiss.Kmeans(points.shape[1], CENTROIDS, niter=ROUNDS, seed=13,
                         max_points_per_centroid=2 * SAMPLED)  # fmt: skip
    means.train(points)
    return means.centroids, lambda some: means.index.search(some, 1)[1][:, 0]


# -- memory ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Used:
    """What a process used: the largest anonymous memory in bytes, and seconds of CPU time."""

    anonymous: int
    seconds: float


def watched(command: Sequence[str]) -> Used:
    """Run a command to its end and look at its memory twice a second."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command)
    peak = 0
    while process.poll() is None:
        peak = max(peak, anonymous(process.pid))
        time.sleep(0.5)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Used(peak, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def anonymous(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # It has just ended.
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Anonymous")), 0)


def memory(args: argparse.Namespace) -> None:
    collection = open_vectors(args.collection, "collection")
    query_set = open_vectors(args.queries, "queries")
    asked = all_vectors(query_set)[: args.sizes[-1]]
    with tempfile.TemporaryDirectory() as folder:
        hundred = Path(folder) / "queries"
        names = list(itertools.islice(query_set.ids(), len(asked)))
        write_vectors(hundred, [(names, asked)], query_set.model, kind="queries")
        used = watched([
            sys.executable, "-m", "optical_cli", "retrieve", "--queries", str(hundred),
            "--collection", str(collection.path), "-o", str(Path(folder) / "run"),
        ])  # fmt: skip
    print(
        f"{len(collection):,} passages of {collection.tokens / len(collection):.0f} tokens,"
        f" {collection.dim} wide: {len(asked)} queries of"
        f" {sum(map(len, asked)) / len(asked):.0f} tokens in {used.seconds:.0f} s of CPU time,"
        f" {used.anonymous / 1e9:.2f} GB of anonymous memory at most"
    )


PARTS = {part.__name__: part for part in (exact, quality, grow, repeat, speed, clusters, memory)}

if __name__ == "__main__":
    main()
