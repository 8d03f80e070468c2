"""Many costs at once are what each would be alone."""

import numpy as np
import ot
import pytest
import torch

from optical_cli.transport import TransportObjective, TransportSettings, costs_between

CPU = torch.device("cpu")


def texts(count, seed):
    rng = np.random.default_rng(seed)
    found = [rng.normal(size=(rng.integers(1, 9), 6)) for _ in range(count)]
    return [(t / np.linalg.norm(t, axis=1, keepdims=True)).astype(np.float32) for t in found]


def exact(row, col):
    cost = 1 - row.astype(float) @ col.T.astype(float)
    return ot.emd2(np.full(len(row), 1 / len(row)), np.full(len(col), 1 / len(col)), cost)


def test_costs_are_those_of_each_pair_alone():
    rows, cols = texts(300, 1), texts(300, 2)
    objective = TransportObjective(TransportSettings(solver="exact"))
    expected = [exact(row, col) for row, col in zip(rows, cols, strict=True)]
    assert costs_between(rows, cols, objective, CPU) == pytest.approx(expected, abs=1e-5)


def test_pairs_choose_who_meets_whom():
    rows, cols = texts(4, 1), texts(3, 2)
    objective = TransportObjective(TransportSettings(solver="exact"))
    pairs = np.array([3, 0, 0]), np.array([1, 2, 1])
    expected = [exact(rows[i], cols[j]) for i, j in zip(*pairs, strict=True)]
    assert costs_between(rows, cols, objective, CPU, pairs=pairs) == pytest.approx(
        expected, abs=1e-5
    )
    none = np.zeros(0, dtype=np.int64)
    assert costs_between(rows, cols, objective, CPU, pairs=(none, none)).shape == (0,)
