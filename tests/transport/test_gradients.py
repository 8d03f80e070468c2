"""The loss's gradient against finite differences of what it claims to be the gradient of."""

import itertools

import numpy as np
import ot
import pytest
import torch

from optical_cli.transport import cosine_cost, euclidean_cost, solve, transport_loss


def finite_differences(value, y, step=1e-6):
    """Central differences of values per problem, all entries in one batch.

    Args:
        value: From points ``[entry, batch, col, dim]`` to values ``[entry, batch]``.
        y: Where to differentiate, ``[batch, col, dim]``.
        step: To either side.
    """
    entries = y[0].numel()
    steps = step * torch.eye(entries, dtype=y.dtype).reshape(entries, 1, *y.shape[1:])
    slopes = (value(y + steps) - value(y - steps)) / (2 * step)
    return slopes.T.reshape(y.shape)


def solved_at(y, x, row, col, solver, cost=cosine_cost, **options):
    """The plan of every problem at every shifted y ``[entry, batch, col, dim]``."""
    entries = len(y)
    y, x = y.flatten(0, 1), x.repeat(entries, 1, 1)
    if solver == "divergence":
        options["col_cost"] = cost(y, y)
    return solve(cost(x, y), row.repeat(entries, 1), col.repeat(entries, 1), solver, **options)


def loss_gradient(x, y, row, col, solver, cost=cosine_cost, **options):
    y = y.clone().requires_grad_()
    between = cost(x, y)
    col_cost = None
    if solver == "divergence":
        col_cost = cost(y, y)
        options["col_cost"] = col_cost
    plan = solve(between, row, col, solver, **options)
    transport_loss(between, plan, col_cost).sum().backward()
    return y.grad


@pytest.fixture
def points(vectors, masses):
    return vectors(2, 4, dim=3), vectors(2, 5, dim=3, seed=7), masses(2, 4), masses(2, 5, seed=3)


@pytest.mark.parametrize("cost", [cosine_cost, euclidean_cost])
def test_exact_is_the_gradient_of_the_exact_value(points, cost):
    x, y, row, col = points

    def value(points):
        return torch.tensor([
            [ot.emd2(*problem) for problem in zip(row.numpy(), col.numpy(), costs, strict=True)]
            for costs in (cost(x, y).numpy() for y in points)
        ], dtype=torch.float64)  # fmt: skip

    expected = finite_differences(value, y)
    torch.testing.assert_close(
        loss_gradient(x, y, row, col, "exact", cost), expected, atol=1e-6, rtol=1e-5
    )


@pytest.mark.parametrize("epsilon", [0.5, 0.05])
@pytest.mark.parametrize("solver", ["sinkhorn", "unbalanced"])
def test_entropic_is_the_gradient_of_the_regularized_cost(points, solver, epsilon):
    x, y, row, col = points
    options = {"epsilon": epsilon, "iterations": 600}

    def value(points):
        result = solved_at(points, x, row, col, solver, **options)
        return result.regularized_cost.unflatten(0, (len(points), -1))

    def linear(points):
        result = solved_at(points, x, row, col, solver, **options)
        return result.transport_cost.unflatten(0, (len(points), -1))

    ours = loss_gradient(x, y, row, col, solver, **options)
    torch.testing.assert_close(ours, finite_differences(value, y), atol=1e-6, rtol=1e-4)
    # It is not the gradient of <P, C> alone.
    assert (ours - finite_differences(linear, y)).abs().max() > 1e-3


@pytest.mark.parametrize("epsilon", [float("inf"), 0.5, 0.05, 0.02])
@pytest.mark.parametrize("cost", [cosine_cost, euclidean_cost])
def test_divergence_is_debiased_in_what_is_differentiated(points, epsilon, cost):
    x, y, row, col = points
    options = {"epsilon": epsilon, "iterations": 600}

    def value(points):
        result = solved_at(points, x, row, col, "divergence", cost, **options)
        return result.divergence.unflatten(0, (len(points), -1))

    ours = loss_gradient(x, y, row, col, "divergence", cost, **options)
    torch.testing.assert_close(ours, finite_differences(value, y), atol=1e-6, rtol=1e-4)


def test_divergence_does_not_pull_a_perfect_student_away(points):
    x, _, row, _ = points
    debiased = loss_gradient(x, x, row, row, "divergence", epsilon=0.3, iterations=300)
    biased = loss_gradient(x, x, row, row, "sinkhorn", epsilon=0.3, iterations=300)
    assert debiased.abs().max() < 1e-8
    assert biased.abs().max() > 1e-2


def students(vectors, rows, cols, student):
    """Tokens of eight teachers, and of students who are strangers to them or near, in float32."""
    x, y = vectors(8, rows, dim=64), vectors(8, cols, dim=64, seed=1)
    taught = x[:, torch.arange(cols) % rows]
    if student == "halfway":
        y = taught + y
    if student == "in context":
        sentence = vectors(8, 1, dim=64, seed=2)
        x, y = x + 0.75 * sentence, taught + y + sentence
    return x.float(), y.float()


def similarity_to_exact(x, y, row, col, **options):
    """Cosine between the gradients of IPOT's loss and of exact transport's, per problem."""
    proximal = loss_gradient(x, y, row, col, "ipot", **options).flatten(1)
    exact = loss_gradient(x, y, row, col, "exact").flatten(1)
    return torch.cosine_similarity(proximal, exact)


@pytest.mark.parametrize("rows, cols", [(24, 30), (32, 32), (64, 48)])
@pytest.mark.parametrize(
    "student, uniform",
    [("stranger", False), *itertools.product(["halfway", "in context"], [False, True])],
)
def test_ipot_at_its_defaults_points_where_exact_does(
    vectors, masses, uniform_masses, rows, cols, student, uniform
):
    x, y = students(vectors, rows, cols, student)
    row, col = uniform_masses(x @ y.mT) if uniform else (masses(8, rows), masses(8, cols, seed=3))
    similarity = similarity_to_exact(x, y, row.float(), col.float())
    assert similarity.mean() > 0.99 and similarity.min() > 0.97


@pytest.mark.parametrize("rows, cols", [(24, 30), (32, 32), (64, 48)])
def test_near_ties_between_strangers_turn_the_gradient_and_not_the_loss(
    vectors, uniform_masses, rows, cols
):
    """Of equal mass: exact transport picks one of many almost equally good vertices."""
    x, y = students(vectors, rows, cols, "stranger")
    cost = cosine_cost(x, y)
    row, col = uniform_masses(cost)
    similarity = [
        similarity_to_exact(x, y, row, col, iterations=steps) for steps in (5, 50, 400, 2000)
    ]
    means = [per_problem.mean() for per_problem in similarity]
    assert means == sorted(means)
    assert means[1] > 0.93 and similarity[1].min() > 0.8
    assert means[2] > 0.99 and (rows != cols or means[1] < 0.97)
    halved = similarity_to_exact(x, y, row, col, beta="0.5x", iterations=200)
    torch.testing.assert_close(halved, similarity[2], atol=5e-3, rtol=0)
    exact = solve(cost, row, col, "exact").transport_cost
    gap = solve(cost, row, col, "ipot").transport_cost / exact - 1
    assert gap.max() < 2e-3


def test_nothing_flows_through_plan_marginals_or_rows(points):
    x, y, row, col = (t.clone().requires_grad_() for t in points)
    cost = cosine_cost(x.detach(), y)
    plan = solve(cost, row, col, "ipot")
    assert not plan.plan.requires_grad and not plan.transport_cost.requires_grad
    transport_loss(cost, plan).sum().backward()
    assert row.grad is None and col.grad is None and y.grad is not None
    expected = plan.plan
    (cost_gradient,) = torch.autograd.grad(
        transport_loss(leaf := cost.detach().requires_grad_(), plan).sum(), leaf
    )
    torch.testing.assert_close(cost_gradient, expected)


def test_padding_receives_no_gradient_even_where_it_is_garbage(vectors, masses):
    x, y = vectors(1, 4), vectors(1, 5, seed=1)
    y[0, 3:] = 1e30
    col = masses(1, 5, lengths=[3])
    gradient = loss_gradient(x, y, masses(1, 4), col, "ipot")
    assert gradient[0, 3:].eq(0).all() and gradient[0, :3].ne(0).any()


def test_zero_vectors_and_equal_vectors_have_finite_gradients(vectors):
    x = vectors(1, 3)
    for cost in (cosine_cost, euclidean_cost):
        for y in (x.clone(), torch.zeros_like(x)):
            y.requires_grad_()
            cost(x, y).diagonal(dim1=1, dim2=2).sum().backward()
            assert np.isfinite(y.grad.numpy()).all()
