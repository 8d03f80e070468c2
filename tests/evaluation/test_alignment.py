import numpy as np
import pytest

from optical_cli.evaluation.alignment import (
    alignment,
    collapse_warnings,
    found_first,
    non_pair_distance,
    pooled,
    uniformity,
)


def unit_vectors(count: int, dim: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, dim))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize(("dim", "expected"), [(64, -3.88), (384, -3.98)])
def test_uniformity_of_evenly_spread_vectors(dim, expected):
    assert uniformity(unit_vectors(2000, dim)) == pytest.approx(expected, abs=0.005)


def test_collapse_gives_zero_and_finds_nothing():
    one_place = np.tile(unit_vectors(1, 32), (500, 1))
    assert uniformity(one_place) == pytest.approx(0, abs=1e-9)
    assert alignment(one_place, one_place).sum() == 0
    for margin in (False, True):
        forward, backward = found_first(one_place, one_place, margin=margin)
        assert forward.mean() < 0.01 and backward.mean() < 0.01


def test_everything_against_double_loops(monkeypatch):
    monkeypatch.setattr("optical_cli.evaluation.alignment.ROWS_AT_ONCE", 7)
    rows, cols = unit_vectors(30, 8, seed=1), unit_vectors(30, 8, seed=2) + 0.3
    cols /= np.linalg.norm(cols, axis=1, keepdims=True)
    squares = np.array([[((x - y) ** 2).sum() for y in cols] for x in rows])
    within = [((a - b) ** 2).sum() for i, a in enumerate(rows) for b in rows[:i]]
    np.testing.assert_allclose(alignment(rows, cols), np.diag(squares), atol=1e-12)
    others = squares[~np.eye(30, dtype=bool)]
    assert non_pair_distance(rows, cols) == pytest.approx(others.mean(), abs=1e-12)
    assert uniformity(rows) == pytest.approx(
        np.log(np.mean(np.exp(-2 * np.array(within)))), abs=1e-9
    )
    forward, backward = found_first(rows, cols)
    assert (forward == (squares.argmin(axis=1) == np.arange(30))).all()
    assert (backward == (squares.argmin(axis=0) == np.arange(30))).all()


def test_margin_against_its_definition_and_against_hubs():
    rows, cols = unit_vectors(40, 16, seed=3), unit_vectors(40, 16, seed=3)
    hub = cols.mean(axis=0)
    cols[0] = hub / np.linalg.norm(hub)  # A vector that is near to everything.
    cols += 0.9 * np.random.default_rng(4).normal(size=cols.shape) / 4
    cols /= np.linalg.norm(cols, axis=1, keepdims=True)
    cosines = rows @ cols.T
    nearest = np.sort(cosines, axis=1)[:, -4:].mean(axis=1)
    nearest_back = np.sort(cosines.T, axis=1)[:, -4:].mean(axis=1)
    margins = cosines / ((nearest[:, None] + nearest_back[None, :]) / 2)
    forward, backward = found_first(rows, cols, margin=True)
    assert (forward == (margins.argmax(axis=1) == np.arange(40))).all()
    assert (backward == (margins.argmax(axis=0) == np.arange(40))).all()


def test_translations_in_the_same_place_are_found_both_ways():
    rows = unit_vectors(200, 32)
    for margin in (False, True):
        forward, backward = found_first(rows, rows, margin=margin)
        assert forward.all() and backward.all()


def test_pooling_weighs_tokens_and_normalizes():
    tokens = np.array([[3.0, 0.0], [0.0, 4.0]])  # Unit vectors times weights 3 and 4.
    nothing = np.zeros((0, 2))
    np.testing.assert_allclose(pooled([tokens, nothing]), [[0.6, 0.8], [0, 0]])


def test_collapse_is_called_by_its_name():
    fine = {"student_uniformity": -2.8, "teacher_uniformity": -3.0, "relative_alignment": 0.3}
    assert collapse_warnings(**fine) == []
    [warning] = collapse_warnings(**fine | {"student_uniformity": -0.4})
    assert "collapsed: uniformity -0.40 against the teacher's -3.00" in warning
    [warning] = collapse_warnings(**fine | {"relative_alignment": 0.95})
    assert "hardly nearer than other sentences" in warning
