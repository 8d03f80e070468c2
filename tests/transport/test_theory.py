"""What transport promises retrieval, and what it tends to at both ends of epsilon."""

import math

import pytest
import torch

from optical_cli.transport import SOLVERS, cosine_cost, euclidean_cost, rounded, solve
from optical_cli.transport.marginals import by_words, uniform, weighted

EXACT_MARGINALS = ("ipot", "sinkhorn", "exact")


def maxsim(tokens, weight, passage):
    """Weighted mean over tokens of the best cosine with a passage's tokens."""
    return (weight * (tokens @ passage.mT).amax(2)).sum(1)


@pytest.mark.parametrize("solver", EXACT_MARGINALS)
@pytest.mark.parametrize("scheme", ["real", "words", "weights"])
@pytest.mark.parametrize("noise", [0.0, 0.3, 2.0])
def test_the_plan_bounds_every_passages_change_of_score(vectors, solver, scheme, noise):
    x = vectors(6, 9)
    y = torch.nn.functional.normalize(x[:, :7] + noise * vectors(6, 7, seed=1), dim=-1)
    row_mask, col_mask = torch.arange(9) < torch.tensor([[9, 4]] * 3).reshape(6, 1), None
    col_mask = torch.arange(7) < torch.tensor([7, 7, 3, 1, 5, 7])[:, None]
    row, col = marginals(scheme, row_mask), marginals(scheme, col_mask)
    plan = rounded(solve(cosine_cost(x, y), row, col, solver).plan, row, col)
    distance = (plan * euclidean_cost(x, y)).sum((1, 2))
    root = (2 * (plan * cosine_cost(x, y)).sum((1, 2))).clamp_min(0).sqrt()
    assert (distance <= root + 1e-7).all()
    for seed in range(20):
        passage = vectors(6, 5, seed=100 + seed)
        change = (maxsim(y, col, passage) - maxsim(x, row, passage)).abs()
        assert (change <= distance + 1e-7).all()


def marginals(scheme, mask):
    places = torch.arange(mask.shape[1]).expand(mask.shape)
    if scheme == "words":
        return by_words(mask, places // 2).double()
    if scheme == "weights":
        return weighted(mask, 1.0 + (places % 3).double())
    return uniform(mask).double()


def test_the_bound_needs_the_marginals_that_retrieval_weighs_with(vectors):
    """A partial plan that leaves the bad token behind promises nothing."""
    x = vectors(1, 2)
    y = torch.stack([x[:, 0], -x[:, 1]], 1)
    weight = torch.full((1, 2), 0.5, dtype=torch.float64)
    partial = solve(cosine_cost(x, y), weight, weight, "partial", share=0.5, exactly=True)
    distance = (partial.plan * euclidean_cost(x, y)).sum()
    passage = x[:, 1:]
    change = (maxsim(y, weight, passage) - maxsim(x, weight, passage)).abs()
    assert distance < 1e-6 < change.item()


@pytest.fixture
def texts(vectors, masses):
    return vectors(3, 6), vectors(3, 8, seed=1), masses(3, 6), masses(3, 8, seed=2)


def means(texts):
    x, y, row, col = texts
    return (row[:, :, None] * x).sum(1), (col[:, :, None] * y).sum(1)


@pytest.mark.parametrize("solver", ["sinkhorn", "divergence"])
def test_at_infinity_the_coupling_is_independent(texts, solver):
    x, y, row, col = texts
    result = solve(
        cosine_cost(x, y), row, col, solver, epsilon="inf",
        **{"col_cost": cosine_cost(y, y)} if solver == "divergence" else {},
    )  # fmt: skip
    torch.testing.assert_close(result.plan, row[:, :, None] * col[:, None, :])
    mean_x, mean_y = means(texts)
    pooled = 1 - (mean_x * mean_y).sum(1)
    torch.testing.assert_close(result.transport_cost, pooled)
    torch.testing.assert_close(result.regularized_cost, pooled)


@pytest.mark.parametrize("epsilon, close", [(float("inf"), 1e-12), (1e4, 1e-4)])
def test_at_infinity_the_divergence_is_half_the_squared_distance_of_means(texts, epsilon, close):
    x, y, row, col = texts
    result = solve(
        cosine_cost(x, y), row, col, "divergence", epsilon=epsilon,
        col_cost=cosine_cost(y, y), row_cost=cosine_cost(x, x),
    )  # fmt: skip
    mean_x, mean_y = means(texts)
    expected = ((mean_x - mean_y) ** 2).sum(1) / 2
    torch.testing.assert_close(result.divergence, expected, atol=close, rtol=close)


def test_as_epsilon_falls_the_cost_falls_to_the_exact_one(texts):
    x, y, row, col = texts
    cost = cosine_cost(x, y)
    exact = solve(cost, row, col, "exact").transport_cost
    before = torch.full_like(exact, torch.inf)
    for epsilon in (math.inf, 1.0, 0.3, 0.1, 0.03, 0.01):
        now = solve(cost, row, col, "sinkhorn", epsilon=epsilon, iterations=1000).transport_cost
        assert (now < before + 1e-9).all()
        # The entropy of a plan is at most that of its marginals.
        assert (now - exact <= min(epsilon, 1e9) * math.log(8) + 1e-6).all()
        before = now
    torch.testing.assert_close(before, exact, atol=2e-3, rtol=0)


def test_as_epsilon_falls_the_divergence_tends_to_the_exact_cost(texts):
    x, y, row, col = texts
    cost = cosine_cost(x, y)
    result = solve(
        cost, row, col, "divergence", epsilon=0.01, iterations=1000,
        col_cost=cosine_cost(y, y), row_cost=cosine_cost(x, x),
    )  # fmt: skip
    exact = solve(cost, row, col, "exact").transport_cost
    torch.testing.assert_close(result.divergence, exact, atol=1e-2, rtol=0)


def test_equal_sides_admit_a_permutation(vectors, uniform_masses):
    cost = cosine_cost(vectors(3, 10), vectors(3, 10, seed=1))
    row, col = uniform_masses(cost)
    exact = solve(cost, row, col, "exact")
    assert ((exact.plan > 1e-9).sum(2) == 1).all()
    matched = solve(cost, row, col, "assignment")
    torch.testing.assert_close(exact.transport_cost, matched.transport_cost)


def test_no_feasible_plan_beats_exact_transport(problem):
    cost, row, col = problem(4, 8, 11)
    best = solve(cost, row, col, "exact").transport_cost
    for solver in SOLVERS:
        options = {"col_cost": torch.zeros(4, 11, 11)} if solver == "divergence" else {}
        plan = rounded(solve(cost, row, col, solver, **options).plan, row, col)
        assert ((plan * cost).sum((1, 2)) >= best - 1e-9).all()
        torch.testing.assert_close(plan.sum(2), row)
        torch.testing.assert_close(plan.sum(1), col)
