import numpy as np
import pytest
import torch

from optical_cli import seeds
from optical_cli.formats.vectors_index import VectorIndex
from optical_cli.retrieval import residuals
from optical_cli.retrieval.clustering import train_centroids
from optical_cli.retrieval.exact import search
from optical_cli.retrieval.index_job import build_index
from optical_cli.retrieval.index_search import IndexSearcher
from optical_cli.retrieval.index_settings import IndexSettings
from optical_cli.retrieval.index_training import centroid_count
from optical_cli.retrieval.query_tiles import make_tile, query_tiles
from optical_cli.settings import Invocation, ResumableOutputSettings, SeedSettings

DIM = 24


@pytest.fixture(scope="module")
def topics():
    """Directions around which tokens lie, as those of real text do around words."""
    rng = np.random.default_rng(11)
    return rng.standard_normal((60, DIM)).astype(np.float32)


@pytest.fixture
def passages(topics):
    return _texts(topics, 400, np.random.default_rng(1), "d", range(5, 30))


@pytest.fixture
def queries(topics):
    return _texts(topics, 12, np.random.default_rng(2), "q", range(4, 9))


def _texts(topics, count, rng, prefix, lengths):
    found = {}
    for place in range(count):
        words = topics[rng.integers(0, len(topics), rng.choice(lengths))]
        tokens = words + rng.standard_normal(words.shape) * 0.5
        unit = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
        found[f"{prefix}{place:03d}"] = unit.astype(np.float32)
    return found


@pytest.fixture
def build(tmp_path):
    def make(vectors, name="i", **settings):
        what = IndexSettings(collection=vectors.path, **{"centroids": 64} | settings)
        out = ResumableOutputSettings(output=tmp_path / name)
        build_index(what, out, SeedSettings(), Invocation("index", {}))
        return VectorIndex(tmp_path / name)

    return make


def found_by(searcher, queries, k=10):
    tiles = [make_tile([vectors], i) for i, vectors in enumerate(queries.values())]
    return dict(zip(queries, searcher.search(tiles, k), strict=True))


def exactly(collection, queries, k=10):
    return dict(zip(queries, search(query_tiles(list(queries.values())), collection, k),
                    strict=True))  # fmt: skip


def overlap(found, expected):
    shares = [
        len({n for n, _ in found[q]} & {n for n, _ in expected[q]}) / len(expected[q])
        for q in expected
    ]
    return sum(shares) / len(shares)


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("dim", [24, 13])
def test_codes_are_decoded_to_the_nearest_steps(bits, dim):
    rng = np.random.default_rng(3)
    centroids = rng.standard_normal((5, dim)).astype(np.float32)
    which = rng.integers(0, 5, 200)
    vectors = centroids[which] + 0.3 * rng.standard_normal((200, dim)).astype(np.float32)
    codebook = residuals.fit_codebook(vectors - centroids[which], bits)
    codes = residuals.encode(vectors, centroids[which], codebook, bits)
    assert codes.shape == (200, -(-dim * bits // 8))
    found = np.zeros((200, dim), np.float32)
    residuals.decode(codes, which, centroids, codebook, bits, found)
    levels = codebook[0] + codebook[1] * np.arange(1 << bits)[:, None]  # [level, dim]
    distance = np.abs((vectors - centroids[which])[:, None] - levels)
    nearest = np.take_along_axis(levels, distance.argmin(1), 0) + centroids[which]
    nearest /= np.linalg.norm(nearest, axis=1, keepdims=True)
    np.testing.assert_allclose(found, nearest, atol=1e-5)


def test_steps_are_those_of_a_normal_distribution():
    rng = np.random.default_rng(4)
    numbers = rng.standard_normal((200_000, 2)) * [1, 3] + [0, 5]
    # The least mean squared errors of even quantizers of 2, 4 and 16 levels (Max 1960, table II).
    for bits, expected in ((1, 0.3634), (2, 0.1188), (4, 0.01154)):
        base, step = residuals.fit_codebook(numbers, bits).astype(float)
        codes = np.clip(np.rint((numbers - base) / step), 0, 2**bits - 1)
        error = ((base + step * codes - numbers) ** 2).mean(0)
        assert error / [1, 9] == pytest.approx([expected] * 2, rel=0.02)


def test_a_constant_dimension_has_a_codebook():
    codebook = residuals.fit_codebook(np.full((50, 3), 0.25), 4)
    found = np.zeros((1, 3), np.float32)
    zeros = np.zeros((1, 3), np.float32)
    codes = residuals.encode(np.full((1, 3), 0.25, np.float32), zeros, codebook, 4)
    residuals.decode(codes, np.zeros(1, np.int64), zeros, codebook, 4, found)
    np.testing.assert_allclose(found, np.full((1, 3), 3**-0.5), atol=1e-6)


def test_centroids_find_the_groups_there_are(topics):
    rng = np.random.default_rng(5)
    member = rng.integers(0, 60, 6000)
    points = torch.from_numpy(topics[member] * 5 + rng.standard_normal((6000, DIM)) * 0.01).float()
    found = train_centroids(points, 240, seeds.generator(1, "c"))
    nearest = found.vectors[found.assign(points)]
    assert (nearest - points).norm(dim=1).max() < 0.2


def test_assignment_on_two_levels_is_nearly_that_of_all_centroids():
    points = torch.from_numpy(np.random.default_rng(6).standard_normal((30_000, 8))).float()
    found = train_centroids(points, 1024, seeds.generator(1, "c"))
    assert len(found.vectors) == 1024 and len(found.cells) == 32
    distance = torch.cdist(points, found.vectors)
    share = (distance.argmin(1) == found.assign(points)).float().mean()
    assert share > 0.97


def test_a_cell_without_a_centroid_is_no_cell():
    rng = seeds.generator(13, "cells")
    crowd = rng.normal(size=(3000, DIM)) * 0.01 + 1
    alone = rng.normal(size=(40, DIM)) * 50
    points = torch.from_numpy(np.concatenate([crowd, alone]).astype(np.float32))
    found = train_centroids(points, 600, seeds.generator(1, "c"))
    assert len(found.vectors) == 600
    assert len(found.cells) == len(found.starts) - 1
    assert (np.diff(found.starts) > 0).all()
    assert int(found.assign(points).max()) < 600


def test_how_many_centroids():
    assert centroid_count(600_000, None) == 8192
    assert centroid_count(10**10, None) == 65_536
    assert centroid_count(100, None) == 12
    assert centroid_count(600_000, 100) == 100
    assert centroid_count(3, None) == 1


def test_visiting_everything_is_a_full_search_of_what_was_decoded(
    passages, queries, vector_set, build
):
    index = build(vector_set("c", passages, parts=3), bits=2)
    searcher = IndexSearcher(index, probe=64, rescored=400)
    assert found_by(searcher, queries, 400) == exactly(index, queries, 400)


def test_four_bits_and_a_few_probes_find_what_exact_search_finds(
    passages, queries, vector_set, build
):
    collection = vector_set("c", passages, parts=2)
    expected = exactly(collection, queries)
    shares = {
        bits: overlap(
            found_by(IndexSearcher(build(collection, f"i{bits}", bits=bits), probe=8,
                                   rescored=100), queries), expected)
        for bits in (1, 2, 4)
    }  # fmt: skip
    assert shares[4] >= 0.9 and shares[1] < shares[2] <= shares[4], shares


def test_original_vectors_give_the_scores_of_exact_search(passages, queries, vector_set, build):
    collection = vector_set("c", passages, parts=2, encoding="float16")
    index = build(collection, bits=1)
    searcher = IndexSearcher(index, probe=64, rescored=400, originals=collection)
    assert found_by(searcher, queries) == exactly(collection, queries)


def test_the_estimate_is_the_formula(passages, queries, vector_set, build):
    index = build(vector_set("c", passages, parts=2), centroids=30)
    query = queries["q003"]
    nearness = query @ index.centroids.T
    order = np.argsort(-nearness, axis=1)
    visited, following = order[:, :5], np.take_along_axis(nearness, order[:, 5:6], 1)
    estimates = {}
    for number, part in enumerate(index.parts):
        for record in range(part.records):
            tokens = slice(*part.offsets[record : record + 2])
            near = set(part.arrays["centroids"][tokens].tolist())
            met = [[nearness[i, c] for c in v if c in near] for i, v in enumerate(visited.tolist())]
            if any(met):
                best = [max(m) if m else following[i, 0] for i, m in enumerate(met)]
                estimates[index.starts[number] + record] = sum(best)
    expected = sorted(estimates, key=estimates.get)[-20:]
    found = IndexSearcher(index, probe=5, rescored=20).candidates(make_tile([query], 0))
    assert found.tolist() == sorted(expected)


def test_lists_hold_each_passage_of_a_centroid_once(passages, vector_set, build):
    index = build(vector_set("c", passages, parts=2))
    for part in index.parts:
        owner = np.repeat(np.arange(part.entries), np.diff(part.offsets))
        for centroid in range(64):
            start, stop = part.list_starts[centroid : centroid + 2]
            expected = np.unique(owner[part.arrays["centroids"] == centroid])
            assert part.list_entries[start:stop].tolist() == expected.tolist()


def test_neither_parts_nor_threads_change_what_is_found(passages, queries, vector_set, build):
    index = build(vector_set("c", passages, parts=3))
    searcher = IndexSearcher(index, probe=4, rescored=50)
    tiles = [make_tile([vectors], i) for i, vectors in enumerate(queries.values())]
    one = searcher.search(tiles, 10, workers=1)
    assert searcher.search(tiles, 10, workers=4) == one
    assert [searcher.search([tile], 10)[0] for tile in tiles] == one


def test_a_handful_of_passages_can_be_indexed(vector_set, build, ragged):
    collection = vector_set("c", ragged([2, 0, 1]))
    index = build(collection, centroids=None)
    found = found_by(IndexSearcher(index, probe=32, rescored=256), ragged([3], prefix="q"))
    assert {name for name, _ in found["q00000"]} == {"d00000", "d00002"}
