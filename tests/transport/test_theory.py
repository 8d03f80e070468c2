"""What transport promises retrieval, and what it tends to at both ends of epsilon."""

import math

import pytest
import torch
from torch.nn.functional import normalize

from optical_cli.encoders.scoring import maxsim_each
from optical_cli.transport import SOLVERS, cosine_cost, euclidean_cost, rounded, solve
from optical_cli.transport.marginals import by_words, uniform, weighted

EXACT_MARGINALS = ("ipot", "sinkhorn", "exact")
SCHEMES = ("real", "words", "weights")


def scores(tokens, weight, passages):
    """MaxSim of queries with their own passages, each query vector as long as it weighs."""
    mask = torch.ones(passages.shape[:-1], dtype=torch.bool)
    return maxsim_each(weight[:, :, None] * tokens, weight > 0, passages, mask)


def largest_change(x, row, y, col, steps=60):
    """The most that a passage's score changes from x to y: gradient ascent over unit vectors.

    Random passages come nowhere near what a plan promises. From each start one passage climbs
    and one descends.
    """
    generator = torch.Generator().manual_seed(3)
    start = torch.randn(len(x), 4, 5, x.shape[2], generator=generator, dtype=x.dtype)
    free = start.repeat(1, 2, 1, 1).requires_grad_()
    optimizer = torch.optim.Adam([free], lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        passages = normalize(free, dim=-1)
        change = scores(y, col, passages) - scores(x, row, passages)
        (change[:, 4:].sum() - change[:, :4].sum()).backward()
        optimizer.step()
    return change.detach().abs().amax(1)


def marginals(scheme, mask):
    places = torch.arange(mask.shape[1]).expand(mask.shape)
    if scheme == "words":
        return by_words(mask, places // 2).double()
    if scheme == "weights":
        return weighted(mask, 1.0 + (places % 3).double())
    return uniform(mask).double()


@pytest.fixture
def ragged(vectors):
    """A function from the student's noise to two sides of texts and what of them is real."""

    def make(noise):
        x = vectors(6, 9)
        y = normalize(x[:, :7] + noise * vectors(6, 7, seed=1), dim=-1)
        row_mask = torch.arange(9) < torch.tensor([[9, 4]] * 3).reshape(6, 1)
        col_mask = torch.arange(7) < torch.tensor([7, 7, 3, 1, 5, 7])[:, None]
        return x, row_mask, y, col_mask

    return make


def bounds(x, row, y, col, solver):
    """What a plan promises: ``<P, |x - y|>`` and ``sqrt(2 <P, 1 - cos>)``."""
    plan = rounded(solve(cosine_cost(x, y), row, col, solver).plan, row, col)
    squared = 2 * (plan * cosine_cost(x, y)).sum((1, 2))
    return (plan * euclidean_cost(x, y)).sum((1, 2)), squared.clamp_min(0).sqrt()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("noise", [0.0, 0.3, 2.0])
def test_the_plan_bounds_every_passages_change_of_score(ragged, scheme, noise):
    x, row_mask, y, col_mask = ragged(noise)
    row, col = marginals(scheme, row_mask), marginals(scheme, col_mask)
    change = largest_change(x, row, y, col)
    for solver in EXACT_MARGINALS:
        distance, root = bounds(x, row, y, col, solver)
        assert (distance <= root + 1e-7).all()
        assert (change <= distance + 1e-7).all()
    # The passages are hard ones: a bound half as large would not hold.
    assert (change / bounds(x, row, y, col, "exact")[0].clamp_min(1e-9)).max() > 0.7


@pytest.mark.parametrize(
    "planned, retrieved", [("real", "words"), ("real", "weights"), ("words", "weights")]
)
def test_no_bound_where_retrieval_weighs_otherwise_than_transport(ragged, planned, retrieved):
    x, row_mask, y, col_mask = ragged(0.0)
    sides = x, marginals(planned, row_mask), y, marginals(planned, col_mask)
    change = largest_change(x, marginals(retrieved, row_mask), y, marginals(retrieved, col_mask))
    assert (change > 1.1 * bounds(*sides, "exact")[0]).any()


def test_the_bound_needs_all_mass_to_be_moved(vectors):
    """A partial plan that leaves the bad token behind promises nothing."""
    x = vectors(1, 2)
    y = torch.stack([x[:, 0], -x[:, 1]], 1)
    weight = torch.full((1, 2), 0.5, dtype=torch.float64)
    partial = solve(cosine_cost(x, y), weight, weight, "partial", share=0.5)
    distance = (partial.plan * euclidean_cost(x, y)).sum()
    passage = x[:, None, 1:]
    change = (scores(y, weight, passage) - scores(x, weight, passage)).abs()
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


@pytest.mark.parametrize("epsilon", [1e2, 1e4, 1e6, 1e7, 1e8, 1e12, 1e30, math.inf])
def test_a_large_epsilon_keeps_its_digits_in_float32(texts, epsilon):
    """What it is multiplied by is small and made of nearly equal numbers."""
    x, y, row, col = (t.float() for t in texts)
    mean_x, mean_y = means((x, y, row, col))
    pooled = 1 - (mean_x * mean_y).sum(1)
    for spread in (1.0, 0.1):
        centre = normalize(x[:, :1], dim=-1)
        a, b = (normalize(centre + spread * (t - centre), dim=-1) for t in (x, y))
        options = {"col_cost": cosine_cost(b, b), "row_cost": cosine_cost(a, a)}
        result = solve(cosine_cost(a, b), row, col, "divergence", epsilon=epsilon, **options)
        mean_a, mean_b = means((a, b, row, col))
        expected = ((mean_a - mean_b) ** 2).sum(1) / 2
        close = 1 / epsilon + 1e-6
        torch.testing.assert_close(result.divergence, expected, atol=close, rtol=0)
        assert result.converged.all()
    result = solve(cosine_cost(x, y), row, col, "sinkhorn", epsilon=epsilon)
    torch.testing.assert_close(result.regularized_cost, pooled, atol=close, rtol=0)


@pytest.mark.parametrize("epsilon", [1e2, 1e4, 1e6])
def test_a_large_epsilon_keeps_the_digits_of_unbalanced_transport(texts, epsilon):
    x, y, row, col = texts
    exact, single = (
        solve(cosine_cost(x, y).to(dtype), row.to(dtype), col.to(dtype), "unbalanced",
              epsilon=epsilon).regularized_cost.double()
        for dtype in (torch.float64, torch.float32)
    )  # fmt: skip
    torch.testing.assert_close(single, exact, atol=1e-5, rtol=0)


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
