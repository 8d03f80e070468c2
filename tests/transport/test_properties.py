"""What must hold of every plan, whatever the problem."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optical_cli.transport import SOLVERS, solve

OPTIONS = {
    "ipot": {"iterations": 30},
    "sinkhorn": {"iterations": 30},
    "divergence": {"iterations": 30},
    "unbalanced": {"iterations": 30},
}
MEETS_BOTH = ("exact",)
MEETS_COLUMNS = ("ipot", "sinkhorn", "divergence", "exact")
ONE_TO_ONE = ("assignment", "greedy")

sizes = st.tuples(st.integers(1, 7), st.integers(1, 7))
seeds = st.integers(0, 10_000)
few = settings(
    max_examples=12, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


def drawn(size, seed, batch=2):
    """Tie-free costs and random marginals."""
    generator = torch.Generator().manual_seed(seed)
    rows, cols = size
    cost, row, col = (
        torch.rand(batch, *shape, generator=generator, dtype=torch.float64) + 0.05
        for shape in ((rows, cols), (rows,), (cols,))
    )
    return cost, row / row.sum(1, keepdim=True), col / col.sum(1, keepdim=True)


def solved(cost, row, col, solver, **more):
    options = OPTIONS.get(solver, {}) | more
    if solver == "divergence":
        # The columns' own costs: any symmetric ones with a zero diagonal, made from `cost`.
        points = cost.nan_to_num().transpose(1, 2)
        options["col_cost"] = torch.cdist(points, points)
    return solve(cost, row, col, solver, **options)


@pytest.mark.parametrize("solver", SOLVERS)
@few
@given(size=sizes, seed=seeds, pad=st.tuples(st.integers(0, 3), st.integers(0, 3)))
def test_padding_changes_nothing(solver, size, seed, pad):
    cost, row, col = drawn(size, seed)
    bare = solved(cost, row, col, solver)
    garbage = torch.nn.functional.pad(cost, (0, pad[1], 0, pad[0]), value=float("nan"))
    wide_row = torch.nn.functional.pad(row, (0, pad[0]))
    wide_col = torch.nn.functional.pad(col, (0, pad[1]))
    options = {}
    if solver == "divergence":
        points = cost.transpose(1, 2)
        own = torch.cdist(points, points)
        garbage_own = torch.nn.functional.pad(own, (0, pad[1], 0, pad[1]), value=float("inf"))
        padded = solve(garbage, wide_row, wide_col, solver, col_cost=garbage_own, **OPTIONS[solver])
        torch.testing.assert_close(padded.divergence, bare.divergence)
    else:
        padded = solved(garbage, wide_row, wide_col, solver, **options)
    rows, cols = size
    torch.testing.assert_close(padded.plan[:, :rows, :cols], bare.plan)
    assert padded.plan[:, rows:].eq(0).all() and padded.plan[:, :, cols:].eq(0).all()
    torch.testing.assert_close(padded.transport_cost, bare.transport_cost)
    torch.testing.assert_close(padded.marginal_error, bare.marginal_error)


@pytest.mark.parametrize("solver", SOLVERS)
@few
@given(size=sizes, seed=seeds)
def test_permuting_tokens_permutes_the_plan(solver, size, seed):
    cost, row, col = drawn(size, seed)
    generator = torch.Generator().manual_seed(seed)
    row_order = torch.randperm(size[0], generator=generator)
    col_order = torch.randperm(size[1], generator=generator)
    plan = solved(cost, row, col, solver).plan
    permuted = solved(
        cost[:, row_order][:, :, col_order], row[:, row_order], col[:, col_order], solver
    )
    torch.testing.assert_close(permuted.plan, plan[:, row_order][:, :, col_order])


@pytest.mark.parametrize("solver", SOLVERS)
@few
@given(size=sizes, seed=seeds)
def test_a_plan_does_not_depend_on_its_batch(solver, size, seed):
    cost, row, col = drawn(size, seed, batch=3)
    # A neighbor with costs in another unit, which asks an entropic solver for the log domain.
    cost = cost * torch.tensor([1.0, 30.0, 1.0])[:, None, None]
    together, alone = solved(cost, row, col, solver), solved(cost[:1], row[:1], col[:1], solver)
    torch.testing.assert_close(together.plan[:1], alone.plan)
    torch.testing.assert_close(together.transport_cost[:1], alone.transport_cost)
    assert together.converged[0] == alone.converged[0]


@pytest.mark.parametrize("solver", SOLVERS)
@few
@given(size=sizes, seed=seeds)
def test_marginals_are_met_or_the_plan_says_by_how_much_not(solver, size, seed):
    cost, row, col = drawn(size, seed)
    result = solved(cost, row, col, solver)
    rows, cols = result.plan.sum(2), result.plan.sum(1)
    assert result.plan.min() >= 0
    off = torch.maximum((rows - row).abs().sum(1), (cols - col).abs().sum(1))
    if solver != "partial":
        torch.testing.assert_close(result.marginal_error, off)
    if solver in MEETS_BOTH:
        assert off.max() < 1e-12
    if solver in MEETS_COLUMNS:
        assert (cols - col).abs().max() < 1e-12
    if solver == "partial":
        torch.testing.assert_close(result.plan.sum((1, 2)), row.new_full((2,), 0.8))
    if solver in ONE_TO_ONE:
        assert (result.plan > 0).sum(2).max() == (result.plan > 0).sum(1).max() == 1
        assert ((result.plan > 0).sum((1, 2)) == min(size)).all()
        torch.testing.assert_close(result.plan.sum((1, 2)), row.new_ones(2))


@pytest.mark.parametrize("solver", [name for name in SOLVERS if name != "unbalanced"])
@few
@given(size=sizes, seed=seeds, mass=st.floats(0.01, 50))
def test_a_plan_scales_with_the_mass(solver, size, seed, mass):
    cost, row, col = drawn(size, seed)
    unit, scaled = solved(cost, row, col, solver), solved(cost, mass * row, mass * col, solver)
    torch.testing.assert_close(scaled.plan, mass * unit.plan)
    torch.testing.assert_close(scaled.transport_cost, mass * unit.transport_cost)
    assert scaled.converged.equal(unit.converged)


@pytest.mark.parametrize("solver", ["ipot", "sinkhorn", "divergence"])
@few
@given(size=sizes, seed=seeds, unit=st.floats(0.01, 100))
def test_relative_strengths_do_not_know_the_unit_of_cost(solver, size, seed, unit):
    cost, row, col = drawn(size, seed)
    strength = {"beta": "0.5x"} if solver == "ipot" else {"epsilon": "0.5x"}
    here = solved(cost, row, col, solver, **strength).plan
    there = solved(unit * cost, row, col, solver, **strength).plan
    torch.testing.assert_close(there, here)


def test_a_relative_strength_is_in_deviations_under_the_product_of_the_marginals(problem):
    cost, row, col = problem(2, 6, 5)
    weight = row[:, :, None] * col[:, None, :]
    mean = (weight * cost).sum((1, 2), keepdim=True)
    deviation = (weight * (cost - mean) ** 2).sum((1, 2)).sqrt()
    for index in range(2):
        one = slice(index, index + 1)
        relative = solve(cost[one], row[one], col[one], "sinkhorn", epsilon="0.7x")
        absolute = solve(
            cost[one], row[one], col[one], "sinkhorn", epsilon=0.7 * deviation[index].item()
        )
        torch.testing.assert_close(relative.plan, absolute.plan)
