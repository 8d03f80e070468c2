"""The margin is what its formula says."""

import numpy as np
import ot
import pytest
import torch

from optical_cli.alignment.aligner import Aligner
from optical_cli.alignment.pair_scoring import PairScorer, _sharing, _windows
from optical_cli.evaluation.alignment import pooled
from optical_cli.transport import TransportSettings

COUNT, NEIGHBORS = 12, 3


def exact(row, col):
    cost = 1 - row.astype(float) @ col.T.astype(float)
    return ot.emd2(np.full(len(row), 1 / len(row)), np.full(len(col), 1 / len(col)), cost)


def texts(seed):
    rng = np.random.default_rng(seed)
    found = [rng.normal(size=(rng.integers(2, 7), 8)) for _ in range(COUNT)]
    return [(t / np.linalg.norm(t, axis=1, keepdims=True)).astype(np.float32) for t in found]


@pytest.fixture
def scorer():
    aligner = Aligner(TransportSettings(solver="exact"), torch.device("cpu"))
    return PairScorer(None, aligner, NEIGHBORS)


def test_cost_and_margin_by_the_definition(scorer):
    rows, cols = texts(1), texts(2)
    same = np.eye(COUNT, dtype=bool)
    same[0, 5] = same[5, 0] = True  # They share a side, and are no neighbors of each other.
    cost, margin = scorer._window(rows, cols, same)
    similar = np.where(same, -np.inf, pooled(rows) @ pooled(cols).T)
    for i in range(COUNT):
        own = exact(rows[i], cols[i])
        near_cols = np.argsort(-similar[i])[:NEIGHBORS]
        near_rows = np.argsort(-similar[:, i])[:NEIGHBORS]
        others = [exact(rows[i], cols[j]) for j in near_cols]
        others += [exact(rows[j], cols[i]) for j in near_rows]
        assert cost[i] == pytest.approx(own, abs=1e-5)
        assert margin[i] == pytest.approx(np.mean(others) - own, abs=1e-5)


def test_a_pair_without_any_other_has_no_margin(scorer):
    rows, cols = texts(1)[:3], texts(2)[:3]
    same = np.eye(3, dtype=bool)
    same[0] = same[:, 0] = True
    cost, margin = scorer._window(rows, cols, same)
    assert np.isfinite(cost).all()
    assert np.isnan(margin[0]) and np.isfinite(margin[1:]).all()


def test_windows_hold_every_pair_once_wherever_it_stands(monkeypatch):
    monkeypatch.setattr("optical_cli.alignment.pair_scoring.WINDOW", 10)
    keys = [np.random.default_rng(n).integers(0, 2**63, 95).astype(np.uint64) for n in (1, 2)]
    windows = list(_windows(keys))
    assert sorted(np.concatenate(windows)) == list(range(95))
    assert {len(window) for window in windows} == {9, 10}
    turned = [set(94 - window) for window in _windows([side[::-1] for side in keys])]
    assert turned == [set(window) for window in windows]


def test_who_shares_a_side():
    sources, targets = np.array([1, 1, 2], np.uint64), np.array([7, 8, 8], np.uint64)
    assert _sharing(sources, targets).tolist() == [
        [True, True, False], [True, True, True], [False, True, True],
    ]  # fmt: skip
