"""Costs against double loops, priors against hand-made tables."""

import math

import numpy as np
import pytest
import torch

from optical_cli.transport import (
    PairAffinity,
    cosine_cost,
    euclidean_cost,
    identity_affinity,
    position_affinity,
    with_prior,
)


def test_costs_are_what_a_double_loop_says():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, 4, generator=generator, dtype=torch.float64)
    y = torch.randn(2, 5, 4, generator=generator, dtype=torch.float64)
    for b, i, j in np.ndindex(2, 3, 5):
        u, v = x[b, i].numpy(), y[b, j].numpy()
        cosine = u @ v / math.sqrt((u @ u) * (v @ v))
        assert cosine_cost(x, y)[b, i, j].item() == pytest.approx(1 - cosine)
        distance = math.sqrt(((u - v) ** 2).sum())
        assert euclidean_cost(x, y)[b, i, j].item() == pytest.approx(distance)


def test_squared_euclidean_is_twice_cosine_on_unit_vectors(vectors):
    x, y = vectors(2, 3), vectors(2, 4, seed=1)
    torch.testing.assert_close(euclidean_cost(x, y) ** 2, 2 * cosine_cost(x, y))


def test_near_duplicates_keep_their_distance_in_float32(vectors):
    x = vectors(1, 40, dim=128).float()
    y = x.clone()
    y[..., 0] += 1e-5
    distances = euclidean_cost(x, y).diagonal(dim1=1, dim2=2)
    true = (x.double() - y.double()).norm(dim=-1).float()
    torch.testing.assert_close(distances, true, rtol=1e-3, atol=0)
    assert euclidean_cost(x, x).diagonal(dim1=1, dim2=2).eq(0).all()


@pytest.mark.parametrize("cost", [cosine_cost, euclidean_cost])
def test_costs_are_single_precision_under_autocast(vectors, cost):
    x = vectors(1, 3).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        cast = cost(x, x)
    assert cast.dtype == torch.float32
    assert torch.equal(cast, cost(x.float(), x.float()))


def test_a_zero_vector_costs_one_by_cosine(vectors):
    assert cosine_cost(torch.zeros(1, 1, 16), vectors(1, 3).float()).eq(1).all()


def test_relative_positions_run_from_end_to_end():
    rows = torch.tensor([[True, True, True]])
    cols = torch.tensor([[True, True, True, True, True, False]])
    affinity = position_affinity(rows, cols)
    expected = torch.tensor([
        [1, 0.75, 0.5, 0.25, 0],
        [0.5, 0.75, 1, 0.75, 0.5],
        [0, 0.25, 0.5, 0.75, 1],
    ])  # fmt: skip
    torch.testing.assert_close(affinity[0, :, :5], expected)
    one = position_affinity(torch.tensor([[True]]), torch.tensor([[True, True]]))
    assert one.tolist() == [[[1, 0]]]


def test_identical_types():
    affinity = identity_affinity(torch.tensor([[3, 4, -1]]), torch.tensor([[4, -1]]))
    assert affinity.tolist() == [[[0, 0], [1, 0], [0, 0]]]


def test_pairs_are_looked_up_in_any_order():
    table = PairAffinity.of_pairs(
        torch.tensor([2, 0, 2]), torch.tensor([1, 3, 0]), torch.tensor([0.5, 0.25, 1.0])
    )
    affinity = table.lookup(torch.tensor([[0, 2, -1, 9]]), torch.tensor([[0, 1, 3, -1, 50]]))
    assert affinity.tolist() == [
        [[0, 0, 0.25, 0, 0], [1, 0.5, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]
    ]


def test_an_empty_table_knows_nothing():
    none = torch.zeros(0, dtype=torch.long)
    table = PairAffinity.of_pairs(none, none, torch.zeros(0))
    assert table.lookup(torch.tensor([[0, 1]]), torch.tensor([[0]])).eq(0).all()


def test_a_prior_is_a_penalty_on_the_unlikely(vectors):
    cost = cosine_cost(vectors(1, 2), vectors(1, 2, seed=1))
    affinity = torch.tensor([[[1.0, 0.25], [0.0, 1.0]]])
    raised = with_prior(cost, affinity, 0.4) - cost
    torch.testing.assert_close(raised, torch.tensor([[[0, 0.3], [0.4, 0]]], dtype=torch.float64))
    assert with_prior(cost, affinity, 0.0) is cost
