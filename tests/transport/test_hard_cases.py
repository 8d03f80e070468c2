"""Ragged masks, duplicated tokens, equal costs, single tokens, low precision: every solver."""

import numpy as np
import ot
import pytest
import torch
from torch.nn.functional import normalize

from optical_cli.transport import SOLVERS, TransportObjective, TransportSettings, solve
from optical_cli.transport.marginals import TokenSide

EXACT_LIKE = ("ipot", "exact")


def solved(cost, row, col, solver, **more):
    if solver == "divergence":
        points = cost.float().transpose(1, 2)
        more["col_cost"] = torch.cdist(points, points).to(cost)
    return solve(cost, row, col, solver, **more)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_ragged_batches(problem, masses, solver, dtype):
    cost, _, _ = problem(5, 9, 7)
    row, col = masses(5, 9, lengths=[9, 1, 4, 0, 9]), masses(5, 7, lengths=[7, 5, 1, 0, 3])
    result = solved(cost.to(dtype), row.to(dtype), col.to(dtype), solver)
    assert result.plan.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    assert result.plan.isfinite().all() and result.transport_cost.isfinite().all()
    assert result.plan[row == 0].eq(0).all() and result.plan.mT[col == 0].eq(0).all()
    assert result.plan[3].eq(0).all() and result.marginal_error[3] == 0 and result.converged[3]
    for potential, mass in ((result.row_potential, row), (result.col_potential, col)):
        if potential is not None:
            assert potential.isfinite().all() and potential[mass == 0].eq(0).all()


@pytest.mark.parametrize("solver", EXACT_LIKE)
@pytest.mark.parametrize("dtype, close", [(torch.float32, 2e-3), (torch.bfloat16, 2e-2)])
def test_low_precision_inputs_cost_little(problem, masses, solver, dtype, close):
    cost, _, _ = problem(3, 12, 10)
    row, col = masses(3, 12, lengths=[12, 7, 3]), masses(3, 10, lengths=[10, 8, 6])
    expected = [
        ot.emd2(a, b, c) for c, a, b in zip(*(t.numpy() for t in (cost, row, col)), strict=True)
    ]
    reached = solved(cost.to(dtype), row.to(dtype), col.to(dtype), solver).transport_cost
    np.testing.assert_allclose(reached, expected, rtol=close)


@pytest.mark.parametrize("level", [0.0, 0.7])
@pytest.mark.parametrize(
    "solver, options",
    [(name, {}) for name in SOLVERS]
    + [(name, {"beta": "0.5x"}) for name in ("ipot",)]
    + [(name, {"epsilon": "0.5x"}) for name in ("sinkhorn", "divergence", "unbalanced")],
)
def test_all_costs_equal(masses, solver, options, level):
    cost = torch.full((2, 6, 8), level)
    row, col = masses(2, 6), masses(2, 8)
    result = solved(cost, row, col, solver, **options)
    assert result.plan.isfinite().all()
    torch.testing.assert_close(result.transport_cost, level * result.plan.sum((1, 2)))
    if solver in ("ipot", "sinkhorn", "divergence"):
        # Nothing to prefer: the independent coupling.
        torch.testing.assert_close(
            result.plan, (row[:, :, None] * col[:, None, :]).float(), atol=1e-5, rtol=1e-4
        )


@pytest.mark.parametrize("solver", SOLVERS)
def test_duplicated_tokens(vectors, uniform_masses, solver):
    x = vectors(2, 4).repeat_interleave(3, dim=1)
    cost = 1 - x @ x.mT
    result = solved(cost, *uniform_masses(cost), solver)
    assert result.plan.isfinite().all() and (result.plan >= 0).all()
    if solver in ("ipot", "exact", "assignment", "greedy"):
        # Every token has a copy of itself to go to.
        assert result.transport_cost.abs().max() < 1e-3
    if solver in ("ipot", "sinkhorn", "divergence"):
        # Copies are alike to these solvers: the plan splits evenly among them.
        blocks = result.plan.unflatten(1, (4, 3)).unflatten(3, (4, 3))
        torch.testing.assert_close(
            blocks, blocks.mean((2, 4), keepdim=True).expand_as(blocks), atol=1e-6, rtol=1e-4
        )


@pytest.mark.parametrize("solver", SOLVERS)
def test_one_real_token_takes_it_all(problem, masses, solver):
    cost, row, _ = problem(2, 6, 4)
    col = masses(2, 4, lengths=[1, 1])
    result = solved(cost, row, col, solver)
    if solver in ("ipot", "sinkhorn", "divergence", "exact"):
        torch.testing.assert_close(result.plan[:, :, 0], row)
    if solver in ("assignment", "greedy"):
        torch.testing.assert_close(result.transport_cost, cost[:, :, 0].amin(1))
    assert result.plan[:, :, 1:].eq(0).all()


@pytest.mark.parametrize("solver", ["ipot", "sinkhorn", "divergence", "unbalanced"])
@pytest.mark.parametrize("strength", [1e-4, 1e-2, 1.0, 100.0])
def test_no_strength_breaks_float32(problem, solver, strength):
    cost, row, col = problem(2, 20, 24)
    name = "beta" if solver == "ipot" else "epsilon"
    result = solved(cost.float(), row.float(), col.float(), solver, **{name: strength})
    assert result.plan.isfinite().all()
    if solver == "divergence":
        assert result.col_self_plan.isfinite().all()
        assert (result.col_self_plan.sum(1) - col).abs().max() < 1e-4
    if solver != "unbalanced":
        assert (result.plan.sum(1) - col).abs().max() < 1e-4
    if name == "epsilon":
        assert result.regularized_cost.isfinite().all()


@pytest.mark.parametrize("solver", ["ipot", "sinkhorn", "divergence", "unbalanced"])
@pytest.mark.parametrize("strength", [5e-3, 1.9e-2, 2.02e-2, 2.1e-2, 2.2e-2, 5e-2])
def test_no_strength_breaks_texts_of_few_tokens(masses, solver, strength):
    # Orthogonal tokens, each a cost of 1 from all others and from padding: fifty strengths of that
    # are just what a float32 kernel reaches.
    lengths = [1, 1, 2, 2, 3, 3, 4, 5]
    row, col = masses(8, 8, seed=1, lengths=lengths), masses(8, 8, lengths=lengths[::-1])
    rows = torch.eye(16)[:8].expand(8, 8, 16)
    cols = torch.eye(16)[4:12].expand(8, 8, 16)
    options = {"beta" if solver == "ipot" else "epsilon": strength}
    if solver == "divergence":
        options |= {"col_cost": 1 - cols @ cols.mT, "row_cost": 1 - rows @ rows.mT}
    result = solve(1 - rows @ cols.mT, row.float(), col.float(), solver, **options)
    assert result.plan.isfinite().all()
    if solver == "divergence":
        assert result.divergence.isfinite().all() and result.row_self_cost.isfinite().all()
        assert (result.divergence > -1e-3).all()


@pytest.mark.parametrize(
    "solver, options",
    [("ipot", {"beta": "0.5x"}), ("sinkhorn", {"epsilon": "0.5x"}), ("exact", {}), ("auto", {}),
     ("assignment", {}), ("greedy", {})],
)  # fmt: skip
def test_costs_of_any_size_and_sign(problem, solver, options):
    cost, row, col = problem(2, 6, 7)
    plan = solve(cost, row, col, solver, **options).plan
    for shifted in (cost * 1e4, cost - 3, cost - 100, cost + 50):
        moved = solve(shifted, row, col, solver, **options).plan
        torch.testing.assert_close(moved, plan, atol=1e-6, rtol=1e-4)


def test_potentials_of_negative_costs_are_below_them(problem):
    cost, row, col = problem(2, 6, 7)
    found = solve(cost - 3, row, col, "exact")
    slack = cost - 3 - found.row_potential[:, :, None] - found.col_potential[:, None, :]
    assert slack.min() > -1e-9
    assert slack[found.plan > 0].abs().max() < 1e-9


@pytest.mark.parametrize("solver", ["sinkhorn", "divergence", "unbalanced"])
@pytest.mark.parametrize("iterations", [1, 2, 3, 10, 20, 50])
@pytest.mark.parametrize("rare", [1.7e-5, 1e-9])
def test_few_iterations_move_no_mass_that_is_not_there(solver, iterations, rare):
    """[CLS] and [SEP] by IDF weigh next to nothing, and epsilon is small."""
    chance = torch.Generator().manual_seed(0)
    x, y = (normalize(torch.randn(32, n, 16, generator=chance), dim=-1) for n in (12, 14))
    row, col = (1 + 9 * torch.rand(32, n, generator=chance) for n in (12, 14))
    for side in (row, col):
        side[:, 0] = side[:, -1] = rare
        side /= side.sum(1, keepdim=True)
    costs = {"col_cost": 1 - y @ y.mT, "row_cost": 1 - x @ x.mT} if solver == "divergence" else {}
    found = solve(1 - x @ y.mT, row, col, solver, epsilon="0.01x", iterations=iterations, **costs)
    assert found.regularized_cost.isfinite().all()
    mass = found.plan.sum((1, 2))
    assert mass.max() <= 1 + 1e-3
    if solver != "unbalanced":
        torch.testing.assert_close(found.plan.sum(1), col, atol=1e-5, rtol=1e-3)


@pytest.mark.parametrize("solver", SOLVERS)
def test_autocast_changes_nothing(vectors, solver):
    x, y = vectors(2, 6).float(), vectors(2, 7, seed=1).float()
    sides = [TokenSide(v, torch.ones(v.shape[:2], dtype=torch.bool)) for v in (x, y)]
    objective = TransportObjective(TransportSettings(solver=solver))
    plain = objective(*sides)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        cast = objective(*sides)
    assert torch.equal(plain.plan.plan, cast.plan.plan)
    assert torch.equal(plain.loss, cast.loss)
    assert cast.loss.dtype == torch.float32


@pytest.mark.parametrize("solver", SOLVERS)
def test_an_empty_batch(solver):
    own = {"row_cost": torch.zeros(0, 3, 3), "col_cost": torch.zeros(0, 4, 4)}
    more = own if solver == "divergence" else {}
    nothing = torch.zeros(0, 3, 4), torch.zeros(0, 3), torch.zeros(0, 4)
    plan = solve(*nothing, solver, **more)
    assert plan.plan.shape == (0, 3, 4) and plan.converged.shape == (0,)


@pytest.mark.parametrize("solver", ["sinkhorn", "divergence"])
@pytest.mark.parametrize("iterations", [1, 50])
@pytest.mark.parametrize("offset", [0.0, 3.0])
@pytest.mark.parametrize(
    "strength, off",
    [
        (1e-30, 1e-3), (1e-10, 1e-3), (1e-8, 1e-3), (1e-6, 1e-3), (1e-5, 1e-3), (1e-2, 1e-5),
        ("1e-9x", 1e-3), ("1e-5x", 1e-3), ("0.1x", 1e-5),
    ],
)  # fmt: skip
def test_column_marginals_are_met_at_any_epsilon(
    problem, vectors, solver, iterations, offset, strength, off
):
    cost, row, col = (part.float() for part in problem(4, 12, 14))
    points = vectors(4, 14, seed=1).float()
    more = {"col_cost": offset + 1 - points @ points.mT} if solver == "divergence" else {}
    found = solve(cost + offset, row, col, solver, epsilon=strength, iterations=iterations, **more)
    assert (found.plan.sum(1) - col).abs().sum(1).max() < off
    if solver == "divergence":
        assert (found.col_self_plan.sum(1) - col).abs().sum(1).max() < off


@pytest.mark.parametrize("strength", [1e-10, 1e-8, 1e-6])
def test_unbalanced_makes_no_mass_of_rounding_errors(problem, strength):
    cost, row, col = (part.float() for part in problem(4, 12, 14))
    found = solve(cost, row, col, "unbalanced", epsilon=strength)
    # What the least epsilon that float32 resolves makes of it.
    epsilon = 200 * torch.finfo(torch.float32).eps * cost.abs().amax((1, 2)).double()
    doubles = (part.double() for part in (cost, row, col))
    expected = solve(*doubles, "unbalanced", epsilon=epsilon)
    assert (found.plan - expected.plan).abs().sum((1, 2)).max() < 2e-3
    torch.testing.assert_close(
        found.plan.sum((1, 2)).double(), expected.plan.sum((1, 2)), atol=1e-3, rtol=0
    )


def log_domain_unbalanced(cost, row, col, epsilon, penalty, iterations=3000):
    """The plan, and its regularized cost, by the textbook's iteration in float64."""
    cost, row, col = cost.double(), row.double()[:, :, None], col.double()[:, None, :]
    weight = penalty / (penalty + epsilon)
    f, g = torch.zeros_like(row), torch.zeros_like(col)
    for _ in range(iterations):
        f = -weight * epsilon * ((g - cost) / epsilon + col.log()).logsumexp(2, keepdim=True)
        g = -weight * epsilon * ((f - cost) / epsilon + row.log()).logsumexp(1, keepdim=True)
    plan = (row.log() + col.log() + (f + g - cost) / epsilon).exp()
    # The dual problem's value.
    value = penalty * (
        (row * -(-f / penalty).expm1()).sum(1) + (col * -(-g / penalty).expm1()).sum(2)
    )
    return plan, value[:, 0] + epsilon * (1 - plan.sum((1, 2)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "level, spread, penalty, epsilon",
    [
        (1.0, 0.0, 0.002, 0.0002), (1000.0, 0.0, 0.5, 0.05), (1000.0, 1.0, 0.5, 0.05),
        (0.0, 1.0, 0.005, 0.0005), (0.0, 1.0, 0.02, 0.02), (0.0, 1.0, 0.5, 0.05),
        (1.0, 1.0, 0.02, 0.002),
    ],
)  # fmt: skip
def test_unbalanced_costs_of_many_penalties(problem, dtype, level, spread, penalty, epsilon):
    cost, row, col = (part.to(dtype) for part in problem(3, 8, 9))
    cost = level + spread * cost
    options = {"epsilon": epsilon, "penalty": penalty, "iterations": 1000}
    found = solve(cost, row, col, "unbalanced", **options)
    expected, value = log_domain_unbalanced(cost, row, col, epsilon, penalty)
    torch.testing.assert_close(found.plan.double(), expected, rtol=2e-2, atol=1e-37)
    torch.testing.assert_close(found.regularized_cost.double(), value, rtol=1e-3, atol=0)
    assert found.row_potential.isfinite().all() and found.col_potential.isfinite().all()


@pytest.mark.parametrize("iterations", [1, 2, 10, 11, 50])
@pytest.mark.parametrize("penalty", [1e-4, 2e-3, 0.5])
@pytest.mark.parametrize("epsilon", [1e-6, 2e-4, 5e-2])
@pytest.mark.parametrize("level", [1.0, 1000.0])
def test_unbalanced_is_finite_where_some_tokens_are_far(
    problem, masses, iterations, penalty, epsilon, level
):
    cost, _, _ = problem(4, 9, 7)
    row, col = masses(4, 9, lengths=[9, 1, 4, 0]), masses(4, 7, lengths=[7, 5, 1, 0], seed=1)
    cost[:, 0] += level
    cost[:, :, 2] += 100 * level
    parts = (part.float() for part in (cost, row, 3 * col))
    found = solve(*parts, "unbalanced", epsilon=epsilon, penalty=penalty, iterations=iterations)
    for name in ("plan", "transport_cost", "regularized_cost", "row_potential", "col_potential"):
        assert getattr(found, name).isfinite().all(), name
    assert found.plan.sum((1, 2)).max() < 4
