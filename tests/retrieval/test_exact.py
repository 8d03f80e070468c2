from types import SimpleNamespace

import numpy as np
import pytest

from optical_cli.compiled import compiled
from optical_cli.errors import InputError
from optical_cli.formats.vectors import VectorSet
from optical_cli.formats.vectors_parts import PartWriter
from optical_cli.retrieval import exact, scorers
from optical_cli.retrieval.query_tiles import make_tile, query_tiles, tiles_of


def double_loop(queries, passages):
    """MaxSim as its formula reads, in float64."""
    return {
        q: {
            p: sum(max(float(x @ y) for y in y_s) for x in x_s)
            for p, y_s in passages.items() if len(y_s)
        }
        for q, x_s in queries.items()
    }  # fmt: skip


@pytest.fixture
def passages(ragged):
    lengths = np.random.default_rng(5).integers(1, 30, 150)
    lengths[[0, 70, 149]] = 0
    lengths[33] = 700  # Longer than a tile.
    return ragged(lengths)


@pytest.fixture
def queries(ragged):
    found = ragged([5, 1, 32, 12, 300, 7, 3], seed=1, prefix="q")
    found["q00001"] *= 2.5  # Folded token weights.
    found["q00003"] *= -1
    return found


def found_by(queries, collection, k=1000, **options):
    rankings = exact.search(query_tiles(list(queries.values())), collection, k, **options)
    return dict(zip(queries, rankings, strict=True))


def test_scores_are_those_of_a_double_loop(queries, passages, vector_set):
    found = found_by(queries, vector_set("c", passages))
    expected = double_loop(queries, passages)
    for query, ranking in found.items():
        assert dict(ranking) == pytest.approx(expected[query], abs=1e-5)
        scores = [score for _, score in ranking]
        assert scores == sorted(scores, reverse=True) and len(scores) == 147


@pytest.mark.parametrize("encoding", ["float16", "bfloat16", "int8"])
def test_every_encoding_scores_its_own_decoded_vectors(queries, passages, vector_set, encoding):
    collection = vector_set("c", passages, encoding=encoding)
    decoded = {name: collection.vectors(i) for i, name in enumerate(collection.ids())}
    expected = double_loop(queries, decoded)
    for query, ranking in found_by(queries, collection).items():
        assert dict(ranking) == pytest.approx(expected[query], abs=1e-4)


def test_not_a_bit_depends_on_parts_shards_batches_or_threads(queries, passages, vector_set):
    whole = found_by(queries, vector_set("c", passages), k=20)
    split = vector_set("s", passages, parts=3, shards=4)
    assert found_by(queries, split, k=20, workers=3) == whole
    queries_set = vector_set("q", queries, kind="queries", parts=2)
    for batch in (1, 2, 100):
        batches = [exact.search(t, split, 20) for t in tiles_of(queries_set, batch)]
        assert [r for batch in batches for r in batch] == list(whole.values())


def test_not_a_bit_depends_on_the_size_of_blocks(queries, passages, vector_set, monkeypatch):
    collection = vector_set("c", passages)
    whole = found_by(queries, collection)
    monkeypatch.setattr(scorers.CpuScorer, "block_tokens", 40)
    assert found_by(queries, collection) == whole


def test_the_cut_at_k_obeys_the_tie_rule(vector_set, ragged):
    one = next(iter(ragged([4]).values()))
    rng = np.random.default_rng(0)
    names = [f"d{i}" for i in rng.permutation(5000)]  # d10 < d2: by text, not by number.
    best = {"a-best": one * np.float32(1.5)}
    collection = vector_set("c", best | dict.fromkeys(names, one), parts=5)
    found = found_by({"q": one}, collection, k=4)["q"]
    assert [name for name, _ in found] == ["a-best", "d999", "d998", "d997"]


def test_more_than_the_collection_gives_all(queries, passages, vector_set):
    collection = vector_set("c", passages)
    assert found_by(queries, collection, k=10**9) == found_by(queries, collection, k=147)


def test_what_is_kept_does_not_grow_with_the_collection(queries, vector_set, ragged):
    collection = vector_set("c", ragged([1] * 9000), parts=3)
    everything = found_by(queries, collection, k=9000)
    best = found_by(queries, collection, k=3)
    assert best == {query: ranking[:3] for query, ranking in everything.items()}


def test_a_gpus_way_of_counting_gives_the_same_scores(queries, passages, vector_set, monkeypatch):
    collection = vector_set("c", passages, parts=2)
    expected = found_by(queries, collection, k=50)
    monkeypatch.setattr(scorers, "GPU_BLOCK_TOKENS", 500)
    monkeypatch.setattr(scorers.GpuScorer, "block_tokens", 500)
    monkeypatch.setattr(exact, "make_scorer", scorers.GpuScorer)
    for query, ranking in found_by(queries, collection, k=50).items():
        assert dict(ranking) == pytest.approx(dict(expected[query]), abs=1e-5)


def test_a_gpus_scores_do_not_depend_on_what_is_asked_beside(
    queries, passages, vector_set, monkeypatch
):
    monkeypatch.setattr(scorers, "GPU_BLOCK_TOKENS", 512)
    monkeypatch.setattr(scorers.GpuScorer, "block_tokens", 512)
    monkeypatch.setattr(scorers, "GPU_COLUMNS", 64)
    monkeypatch.setattr(exact, "make_scorer", scorers.GpuScorer)
    together = found_by(queries, vector_set("c", passages))
    split = vector_set("s", passages, parts=3)
    for query, vectors in queries.items():
        assert found_by({query: vectors}, split)[query] == together[query]


@pytest.mark.gpu
def test_a_gpu_gives_the_same_scores(queries, passages, vector_set):
    import torch

    collection = vector_set("c", passages)
    expected = found_by(queries, collection, k=50)
    for query, ranking in found_by(queries, collection, 50, device=torch.device("cuda")).items():
        assert dict(ranking) == pytest.approx(dict(expected[query]), abs=1e-5)


def test_candidates_score_bit_by_bit_as_in_a_full_search(queries, passages, vector_set):
    collection = vector_set("c", passages, parts=3)
    full = found_by(queries, collection)
    rng = np.random.default_rng(2)
    wanted = {query: rng.permutation(list(passages))[:40].tolist() for query in queries}
    places = exact.places_of(wanted, collection)
    tiles = [make_tile([vectors], i) for i, vectors in enumerate(queries.values())]
    found = exact.rerank(tiles, collection, [places[query] for query in queries], 1000)
    for query, ranking in zip(queries, found, strict=True):
        assert ranking == [entry for entry in full[query] if entry[0] in wanted[query]]


def test_candidates_that_are_not_there_are_named(passages, vector_set):
    with pytest.raises(InputError, match="2 of 3 candidates are not among its passages: x1, x2"):
        exact.places_of({"q": ["x2", "d00001", "x1"]}, vector_set("c", passages))


def test_a_document_scores_as_its_best_window(tmp_path, queries, ragged):
    windows = ragged([3, 5, 2, 4, 6, 1])
    counts, names = np.array([2, 1, 3]), ["a", "b", "c"]
    collection = _with_windows(tmp_path, names, counts, list(windows.values()))
    of_windows = double_loop(queries, windows)
    ends = np.cumsum(counts)
    for query, ranking in found_by(queries, collection).items():
        scores = list(of_windows[query].values())
        expected = {n: max(scores[e - c : e]) for n, c, e in zip(names, counts, ends, strict=True)}
        assert dict(ranking) == pytest.approx(expected, abs=1e-5)
    tiles = [make_tile([vectors], i) for i, vectors in enumerate(queries.values())]
    again = exact.rerank(tiles, collection, [np.array([0, 2])] * len(tiles), 5)
    assert [[n for n, _ in r] for r in again] == [
        [n for n, _ in r if n != "b"] for r in found_by(queries, collection).values()
    ]


def _with_windows(tmp_path, names, counts, windows) -> VectorSet:
    from optical_cli.formats import vectors
    from optical_cli.formats.manifest import new_manifest, write_manifest
    from optical_cli.formats.vectors_encodings import ENCODINGS
    from optical_cli.settings import Invocation

    dim = windows[0].shape[1]
    writer = PartWriter(tmp_path / "w/part-00000", ENCODINGS["float32"], dim, windows=True)
    writer.append(names, np.array([len(w) for w in windows]), np.concatenate(windows), counts)
    model = vectors.ModelIdentity("m", "m", "m", dim)
    facts = vectors.facts_of(model, "collection", "float32", vectors.Shard(), [writer.close()])
    manifest = new_manifest("optical-vectors/1", Invocation("test", {}), **facts)
    write_manifest(tmp_path / "w", manifest)
    return vectors.open_vectors(tmp_path / "w")


def test_machine_code_is_compiled_anew_where_nothing_can_be_cached(monkeypatch):
    import numba

    real = numba.njit

    def without_cache(cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr("optical_cli.compiled.numba", SimpleNamespace(njit=without_cache))
    assert compiled(lambda x: x + 1)(2) == 3
