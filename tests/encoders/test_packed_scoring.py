import numpy as np
import pytest
import torch

from optical_cli.encoders import PackedVectors
from optical_cli.encoders.packed_scoring import maxsim_packed


def texts(seed: int, lengths: list[int], kind=np.float32) -> PackedVectors:
    vectors = np.random.default_rng(seed).normal(size=(sum(lengths), 6)) - 3  # all far from zero
    return PackedVectors(vectors.astype(kind), np.array(lengths, np.int64), 0)


def double_loop(queries: PackedVectors, passages: PackedVectors) -> np.ndarray:
    return np.array([
        [sum(max((float(np.dot(q.astype(float), p.astype(float))) for p in passage),
                 default=-np.inf) for q in query) for passage in passages.split()]
        for query in queries.split()
    ])  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3, 512])
@pytest.mark.parametrize("columns", [1, 4, 256])
def test_it_is_a_double_loop(monkeypatch, rows, columns):
    monkeypatch.setattr("optical_cli.encoders.packed_scoring.ROWS", {"cpu": rows})
    monkeypatch.setattr("optical_cli.encoders.packed_scoring.COLUMNS", {"cpu": columns})
    queries = texts(1, [3, 1, 5, 2])
    passages = texts(2, [2, 0, 7, 1, 4, 0], np.float16)
    found = maxsim_packed(queries, passages, torch.device("cpu"))
    expected = double_loop(queries, passages)
    assert np.isneginf(expected[:, [1, 5]]).all()
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5)


def test_similarities_that_are_all_negative_are_not_beaten_by_nothing():
    query = PackedVectors(np.array([[1.0, 0.0]], np.float32), np.array([1]), 0)
    passage = PackedVectors(np.array([[-0.5, 0.1], [-0.9, 0.4]], np.float32), np.array([2]), 0)
    assert maxsim_packed(query, passage, torch.device("cpu")).item() == -0.5


@pytest.mark.gpu
def test_a_gpu_gives_the_same():
    queries, passages = texts(1, [3, 1, 5, 2]), texts(2, [2, 0, 7, 1, 4, 0], np.float16)
    both = [maxsim_packed(queries, passages, torch.device(kind)) for kind in ("cpu", "cuda")]
    torch.testing.assert_close(*both, rtol=1e-5, atol=1e-5)
