"""What the front door refuses, and what it says then."""

import math
import subprocess
import sys

import pytest
import torch

from optical_cli.errors import InputError, NumericalError, UsageError
from optical_cli.transport import (
    SOLVERS,
    _solve,
    accepted_options,
    automatic,
    solve,
    transport_loss,
)
from optical_cli.transport.solvers import ipot


@pytest.fixture
def door(problem):
    return [tensor.float() for tensor in problem(4, 3, 5)]


def test_unknown_solver_names_the_nearest(door):
    with pytest.raises(UsageError, match="unknown solver 'sinkhorm'") as caught:
        solve(*door, "sinkhorm")
    assert "did you mean sinkhorn?" in caught.value.hint


def test_unknown_option_names_the_nearest(door):
    with pytest.raises(UsageError, match="solver sinkhorn has no option 'epsilom'") as caught:
        solve(*door, "sinkhorn", epsilom=1.0)
    assert "did you mean epsilon?" in caught.value.hint
    with pytest.raises(UsageError, match="solver greedy has no option 'epsilon'"):
        solve(*door, "greedy", epsilon=1.0)


def test_missing_option_is_named(door):
    with pytest.raises(UsageError, match="solver divergence needs col_cost"):
        solve(*door, "divergence")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("padded", [False, True])
def test_a_cost_that_is_not_finite_is_located(door, bad, padded):
    cost, row, col = door
    cost[2, 1, 3] = bad
    if padded:
        col[:, 4] = 0
        col /= col.sum(1, keepdim=True)
    with pytest.raises(NumericalError) as caught:
        solve(cost, row, col)
    assert str(caught.value) == (
        "cost is infinite or NaN in transport problem 2 (row 1, column 3) of a batch of 4"
    )


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("inf")])
@pytest.mark.parametrize("side", [1, 2])
def test_mass_that_is_no_mass_is_refused(door, bad, side):
    door[side][1, 0] = bad
    with pytest.raises(InputError, match="mass is negative or not finite in transport problem 1 "):
        solve(*door)


@pytest.mark.parametrize("solver", SOLVERS)
def test_mass_on_one_side_only_is_refused(door, solver):
    cost, row, col = door
    row[3] = 0
    options = {"col_cost": torch.zeros(4, 5, 5)} if solver == "divergence" else {}
    with pytest.raises(InputError, match=r"problem 3 \(rows 0, columns 1\) of a batch of 4"):
        solve(cost, row, col, solver, **options)


def test_sides_of_different_mass_are_refused_where_they_must_agree(door):
    cost, row, col = door
    col[0] *= 2
    with pytest.raises(InputError, match="differ in mass in transport problem 0") as caught:
        solve(cost, row, col)
    assert "unbalanced" in caught.value.hint
    assert solve(cost, row, col, "unbalanced").plan.isfinite().all()


def test_a_side_that_is_short_of_mass_by_more_than_rounding_is_refused(door):
    cost, row, col = door
    with pytest.raises(InputError, match=r"differ in mass .* \(rows 1, columns 0.995\)"):
        solve(cost, row, col * 0.995)
    assert solve(cost, row.bfloat16(), col.bfloat16(), "exact").converged.all()


@pytest.mark.parametrize("name, tokens", [("col_cost", 5), ("row_cost", 3)])
def test_a_self_cost_that_is_not_finite_is_located_in_the_whole_batch(
    door, monkeypatch, name, tokens
):
    monkeypatch.setattr(_solve, "CPU_ENTRIES", 15)
    costs = {"col_cost": torch.zeros(4, 5, 5), "row_cost": torch.zeros(4, 3, 3)}
    costs[name][2, 1, tokens - 1] = float("nan")
    message = rf"{name} is infinite or NaN in transport problem 2 \(row 1, column {tokens - 1}\) of"
    with pytest.raises(NumericalError, match=message):
        solve(*door, "divergence", **costs)


def test_many_faults_are_counted(door):
    cost = torch.full((30, 3, 5), float("nan"))
    row, col = torch.full((30, 3), 1 / 3), torch.full((30, 5), 1 / 5)
    with pytest.raises(NumericalError, match=r"9 .* and 20 more of a batch of 30"):
        solve(cost, row, col)


@pytest.mark.parametrize("beta", ["0.5y", "-1", "0", "nan"])
def test_a_strength_that_is_none_is_refused(door, beta):
    with pytest.raises(UsageError, match="is no regularization strength"):
        solve(*door, beta=beta)


@pytest.mark.parametrize("solver, name", [("ipot", "beta"), ("sinkhorn", "epsilon")])
@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), 1e-40])
def test_strengths_of_a_batch_are_located(door, monkeypatch, solver, name, bad):
    monkeypatch.setattr(_solve, "CPU_ENTRIES", 15)
    strengths = torch.tensor([0.1, 0.1, bad, 0.1])
    with pytest.raises(UsageError, match=rf"{name} is not positive in transport problem 2 \("):
        solve(*door, solver, **{name: strengths})
    with pytest.raises(UsageError, match=f"{name}: 3 strengths for 4 problems"):
        solve(*door, solver, **{name: strengths[:3]})


@pytest.mark.parametrize("solver", ["ipot", "sinkhorn", "unbalanced", "divergence"])
def test_a_strength_too_small_for_the_precision_is_refused(door, solver):
    options = {"col_cost": torch.zeros(4, 5, 5)} if solver == "divergence" else {}
    name = "beta" if solver == "ipot" else "epsilon"
    with pytest.raises(UsageError, match="1e-40 is too small"):
        solve(*door, solver, **{name: 1e-40}, **options)
    assert solve(*door, solver, **{name: 1e-37}, **options).plan.isfinite().all()


@pytest.mark.parametrize("solver", ["ipot", "sinkhorn", "unbalanced"])
def test_iterations_are_counted_from_one(door, solver):
    for none in (0, -3):
        with pytest.raises(UsageError, match=f"iterations must be at least 1, not {none}"):
            solve(*door, solver, iterations=none)
    with pytest.raises(UsageError, match="pivots must be at least 1, not -1"):
        solve(*door, "exact", pivots=-1)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("scale", [1e20, 1e-20])
def test_costs_of_any_size_have_a_plan(door, solver, scale):
    cost, row, col = door
    options = {}
    if solver == "divergence":
        options["col_cost"] = scale * (1 - torch.eye(5)).expand(4, 5, 5)
    accepted = accepted_options(solver)
    options |= {name: "0.5x" for name in ("beta", "epsilon") if name in accepted}
    result = solve(scale * cost, row, col, solver, **options)
    assert result.plan.isfinite().all() and result.transport_cost.isfinite().all()


def test_strengths_without_meaning_are_refused(door):
    with pytest.raises(UsageError, match="beta must be finite"):
        solve(*door, beta="inf")
    with pytest.raises(UsageError, match="finite epsilon"):
        solve(*door, "unbalanced", epsilon="inf")
    with pytest.raises(UsageError, match="finite penalty"):
        solve(*door, "unbalanced", penalty=math.inf)
    with pytest.raises(UsageError, match=r"in \(0, 1\], not 1.5"):
        solve(*door, "partial", share=1.5)


def test_a_divergence_without_its_self_term_is_no_loss(door):
    cost, row, col = door
    plan = solve(cost, row, col, "divergence", col_cost=torch.zeros(4, 5, 5))
    with pytest.raises(UsageError, match="columns' own costs"):
        transport_loss(cost, plan)


def test_a_solver_that_stops_early_says_so_and_raises_nothing(door):
    early = solve(*door, "sinkhorn", epsilon=0.01, iterations=1)
    assert not early.converged.all() and early.marginal_error.max() > 0.01
    assert early.iterations == 1


def test_a_plan_finds_out_once_whether_it_has_converged_when_it_is_asked(door, monkeypatch):
    calls = []
    near = ipot._is_near
    monkeypatch.setattr(ipot, "_is_near", lambda *given: calls.append(given) or near(*given))
    monkeypatch.setattr(_solve, "CPU_ENTRIES", 15)  # a piece for each problem
    with torch.autocast("cpu", torch.bfloat16):
        plan = solve(*door, "ipot", iterations=400)
        assert not calls
        assert plan.converged.all() and plan.converged is plan.converged
    assert len(calls) == len(door[0])


def test_auto_is_exact_for_short_texts_on_a_cpu(door):
    assert automatic(torch.zeros(1, 64, 20)) == "exact"
    assert automatic(torch.zeros(1, 65, 20)) == "ipot"
    assert automatic(torch.zeros(1, 64, 20, device="meta")) == "ipot"
    assert solve(*door, "auto", beta=0.1).solver == "exact"
    assert accepted_options("auto") == {"beta", "iterations", "tolerance", "compiled", "pivots"}
    with pytest.raises(UsageError, match="solver auto has no option 'epsilon'"):
        solve(*door, "auto", epsilon=0.1)


def test_a_batch_in_pieces_is_the_batch(problem, monkeypatch):
    cost, row, col = problem(7, 6, 5)
    points = cost.mT
    options = {"col_cost": torch.cdist(points, points), "epsilon": torch.linspace(0.1, 0.7, 7)}
    whole = solve(cost, row, col, "divergence", **options)
    monkeypatch.setattr(_solve, "CPU_ENTRIES", 60)
    pieces = solve(cost, row, col, "divergence", **options)
    for name, value in vars(whole).items():
        if isinstance(value, torch.Tensor):
            torch.testing.assert_close(getattr(pieces, name), value)


def test_settings_are_read_without_torch():
    code = (
        "import sys; from optical_cli.transport.settings import TransportSettings;"
        "from optical_cli.transport import EpsilonSchedule; TransportSettings();"
        "sys.exit('torch' in sys.modules or 'ot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0


def test_without_shape_checks_and_without_what_other_solvers_need(alone):
    code = (
        "import sys, torch; from optical_cli.transport import solve;"
        "m = torch.ones(1, 2) / 2; solve(torch.rand(1, 2, 2), m, m, 'ipot');"
        "print('ot' in sys.modules or 'scipy' in sys.modules);"
        "solve(torch.zeros(4, 3, 5), torch.ones(4, 5), torch.ones(4, 3))"
    )
    process = alone(code)
    assert process.stdout == "False\n"
    message = "do not fit each other: [4, 3, 5], [4, 5], [4, 3]"
    assert "UsageError" in process.stderr and message in process.stderr


@pytest.mark.slow
def test_compiled_iterations_are_the_same():
    """In a process of its own: the compiler cannot see through the shape checks."""
    code = (
        "import torch; from optical_cli.transport import solve\n"
        "for rows, cols in ((8, 9), (20, 7)):\n"
        "    masses = torch.ones(3, rows) / rows, torch.ones(3, cols) / cols\n"
        "    door = torch.rand(3, rows, cols), *masses\n"
        "    compiled = solve(*door, compiled=True, iterations=12).plan\n"
        "    torch.testing.assert_close(compiled, solve(*door, iterations=12).plan)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=600).returncode == 0


@pytest.mark.gpu
@pytest.mark.parametrize("solver", SOLVERS)
def test_a_device_finds_the_same_plan(problem, solver):
    cost, row, col = problem(3, 12, 9)
    options = {}
    if solver == "divergence":
        options["col_cost"] = torch.cdist(cost.mT, cost.mT)
    here = solve(cost, row, col, solver, **options)
    moved = {name: value.cuda() for name, value in options.items()}
    there = solve(cost.cuda(), row.cuda(), col.cuda(), solver, **moved)
    assert there.plan.is_cuda
    torch.testing.assert_close(there.plan.cpu(), here.plan)
