"""Every solver against POT, SciPy or a brute-force loop, in float64."""

import itertools

import numpy as np
import ot
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from scipy.special import kl_div

from optical_cli.transport import rounded, solve

SIZES = [(1, 1), (1, 6), (7, 1), (5, 5), (24, 30), (64, 48), (130, 128)]
LARGE = [(512, 512), (300, 512)]


def each(cost, row, col):
    return zip(cost.numpy(), row.numpy(), col.numpy(), strict=True)


def gap(cost, row, col, plan):
    """Relative excess of a plan, made feasible first, over the exact cost."""
    exact = np.array([ot.emd2(a, b, c) for c, a, b in each(cost, row, col)])
    reached = (rounded(plan, row, col) * cost).sum((1, 2)).numpy()
    return (reached - exact) / exact


def one_if_large(size):
    return 1 if size >= 512 else 2


def kernel_value(c, a, b, epsilon):
    """POT's value of entropic transport by its quick iteration, which a small epsilon breaks."""
    plan = ot.sinkhorn(a, b, c, reg=epsilon, numItermax=5000, stopThr=1e-13)
    return (plan * c).sum() + epsilon * kl_div(plan, np.outer(a, b)).sum()


def greedily(c):
    """The cheapest free pair again and again."""
    free, plan = c.copy(), np.zeros_like(c)
    for _ in range(min(c.shape)):
        i, j = np.unravel_index(free.argmin(), free.shape)
        plan[i, j] = 1 / min(c.shape)
        free[i, :] = free[:, j] = np.inf
    return plan


def entropic(c, a, b, epsilon):
    """POT's value and plan of entropic transport against the product of the marginals."""
    options = {"method": "sinkhorn_log", "max_iter": 3000, "tol": 1e-10}
    theirs = ot.solve(c, a, b, reg=epsilon, reg_type="KL", **options)
    return theirs.value, theirs.plan


@pytest.mark.parametrize("rows, cols", SIZES + LARGE)
def test_exact_is_emd(problem, rows, cols):
    cost, row, col = problem(2, rows, cols)
    result = solve(cost, row, col, "exact")
    expected = [ot.emd2(a, b, c) for c, a, b in each(cost, row, col)]
    np.testing.assert_allclose(result.transport_cost, expected, rtol=1e-9)
    assert result.converged.all()
    assert result.marginal_error.max() < 1e-12


def test_exact_potentials_certify_the_optimum(problem):
    cost, row, col = problem(3, 20, 25)
    result = solve(cost, row, col, "exact")
    slack = cost - result.row_potential[:, :, None] - result.col_potential[:, None, :]
    assert slack.min() > -1e-9
    assert slack[result.plan > 0].max() < 1e-9
    dual = (row * result.row_potential).sum(1) + (col * result.col_potential).sum(1)
    torch.testing.assert_close(dual, result.transport_cost)


def test_exact_says_where_it_ran_out_of_pivots(problem):
    cost, row, col = problem(1, 40, 40)
    with pytest.warns(UserWarning, match="numItermax"):
        assert not solve(cost, row, col, "exact", pivots=3).converged.any()


@pytest.mark.parametrize("rows, cols", [*SIZES, LARGE[0]])
@pytest.mark.parametrize("beta", ["1x", 0.5])
def test_ipot_tends_to_emd(problem, rows, cols, beta):
    cost, row, col = problem(2, rows, cols)
    steps = 300 if beta == "1x" else 800
    result = solve(cost, row, col, "ipot", beta=beta, iterations=steps)
    excess = gap(cost, row, col, result.plan)
    assert excess.min() > -1e-9
    assert excess.max() < 2e-3
    assert result.marginal_error.max() < 5e-3
    assert result.converged.all()


@pytest.mark.parametrize(
    "beta, steps",
    [("1x", 50), ("1x", 5), ("0.2x", 5), ("1x", 200), (5.0, 10), (5.0, 1000), (100.0, 5)],
)
@pytest.mark.parametrize("rows, cols", [(1, 6), (12, 12), (32, 32), (24, 64)])
def test_ipot_calls_nothing_converged_that_is_far_from_emd(
    problem, uniform_masses, rows, cols, beta, steps
):
    """Small steps from the independent coupling meet both marginals, however far they end."""
    cost, row, col = problem(4, rows, cols)
    for sides in ((row, col), uniform_masses(cost)):
        result = solve(cost, *sides, "ipot", beta=beta, iterations=steps)
        exact = solve(cost, *sides, "exact").transport_cost
        independent = (sides[0][:, :, None] * sides[1][:, None, :] * cost).sum((1, 2))
        reached = (rounded(result.plan, *sides) * cost).sum((1, 2))
        saved = (independent - exact).clamp_min(1e-9)
        assert ((reached - exact) / saved)[result.converged].lt(0.03).all()
        if rows == 1 or (beta, steps) in (("1x", 200), (5.0, 1000)):
            assert result.converged.all()
        elif beta in (5.0, 100.0):
            assert result.marginal_error.max() < 1e-2 and not result.converged.any()


def test_ipot_follows_the_published_iteration(problem):
    # The paper's b starts uniform and its plan at one; ours, which starts at the product of the
    # marginals, is the same from there on where the columns weigh alike.
    cost, row, _ = problem(1, 9, 11)
    col = torch.full((1, 11), 1 / 11, dtype=torch.float64)
    kernel = np.exp(-cost[0].numpy() / 0.3)
    plan, b = np.ones_like(kernel), np.ones(11) / 11
    for _ in range(7):
        q = kernel * plan
        a = row[0].numpy() / (q @ b)
        b = col[0].numpy() / (q.T @ a)
        plan = a[:, None] * q * b
    ours = solve(cost, row, col, "ipot", beta=0.3, iterations=7).plan[0]
    np.testing.assert_allclose(ours, plan, rtol=1e-9)


@pytest.mark.parametrize("rows, cols", [*SIZES, LARGE[0]])
def test_sinkhorn_is_pots(problem, rows, cols):
    cost, row, col = problem(2, rows, cols)
    result = solve(cost, row, col, "sinkhorn", epsilon=0.1, iterations=2000)
    for ours, (c, a, b) in zip(result.plan.numpy(), each(cost, row, col), strict=True):
        theirs = ot.sinkhorn(a, b, c, reg=0.1, numItermax=5000, stopThr=1e-13)
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
    assert result.marginal_error.max() < 1e-9


@pytest.mark.parametrize("epsilon", [1.0, 0.05, 0.012])
def test_sinkhorn_in_both_domains(problem, epsilon):
    cost, row, col = problem(2, 7, 9)
    result = solve(cost, row, col, "sinkhorn", epsilon=epsilon, iterations=2000)
    for index, (c, a, b) in enumerate(each(cost, row, col)):
        value, plan = entropic(c, a, b, epsilon)
        np.testing.assert_allclose(result.plan[index], plan, atol=1e-7)
        np.testing.assert_allclose(result.regularized_cost[index], value, rtol=1e-6)


def test_sinkhorn_potentials_make_the_plan(problem):
    cost, row, col = problem(2, 9, 8)
    result = solve(cost, row, col, "sinkhorn", epsilon=0.02, iterations=500)
    f, g = result.row_potential[:, :, None], result.col_potential[:, None, :]
    plan = row[:, :, None] * col[:, None, :] * ((f + g - cost) / 0.02).exp()
    torch.testing.assert_close(plan, result.plan)


@pytest.mark.parametrize("epsilon", [0.4, 0.15])
@pytest.mark.parametrize("rows, cols", [(1, 1), (1, 6), (7, 9), (24, 30), (130, 128), LARGE[0]])
def test_divergence_is_the_debiased_sum_of_pots_values(vectors, masses, rows, cols, epsilon):
    count = one_if_large(rows)
    x, y = vectors(count, rows), vectors(count, cols, seed=5)
    row, col = masses(count, rows), masses(count, cols, seed=1)
    xy, xx, yy = 1 - x @ y.mT, 1 - x @ x.mT, 1 - y @ y.mT
    result = solve(
        xy, row, col, "divergence",
        col_cost=yy, row_cost=xx, epsilon=epsilon, iterations=1000 if rows < 512 else 200,
    )  # fmt: skip
    problems = zip(each(xy, row, col), each(yy, col, col), each(xx, row, row), strict=True)
    for ours, (cross, own_cols, own_rows) in zip(result.divergence, problems, strict=True):
        expected = kernel_value(*cross, epsilon)
        expected -= (kernel_value(*own_cols, epsilon) + kernel_value(*own_rows, epsilon)) / 2
        np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("epsilon", [0.1, 0.015])
@pytest.mark.parametrize("rows, cols", [(1, 1), (1, 6), (5, 5), (24, 30), (130, 128), LARGE[1]])
def test_unbalanced_is_pots(problem, rows, cols, epsilon):
    cost, row, col = problem(one_if_large(cols), rows, cols)
    col = 1.3 * col
    result = solve(cost, row, col, "unbalanced", epsilon=epsilon, penalty=0.4, iterations=1000)
    assert result.converged.all()
    for index, (c, a, b) in enumerate(each(cost, row, col)):
        theirs = ot.unbalanced.sinkhorn_unbalanced(
            a, b, c, epsilon, 0.4, reg_type="kl", numItermax=2000, stopThr=1e-11
        )
        np.testing.assert_allclose(result.plan[index], theirs, atol=1e-8)
        value = (theirs * c).sum() + epsilon * kl_div(theirs, np.outer(a, b)).sum()
        value += 0.4 * (kl_div(theirs.sum(1), a).sum() + kl_div(theirs.sum(0), b).sum())
        np.testing.assert_allclose(result.regularized_cost[index], value, rtol=1e-6)


def test_unbalanced_tends_to_sinkhorn(problem):
    cost, row, col = problem(2, 6, 8)
    soft = solve(cost, row, col, "unbalanced", epsilon=0.2, penalty=1e4, iterations=500)
    hard = solve(cost, row, col, "sinkhorn", epsilon=0.2, iterations=500)
    torch.testing.assert_close(soft.plan, hard.plan, atol=1e-4, rtol=0)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.8])
@pytest.mark.parametrize("rows, cols", [(1, 1), (1, 6), (5, 5), (24, 30), (130, 128), LARGE[1]])
def test_partial_is_pots(problem, rows, cols, share):
    cost, row, col = problem(one_if_large(cols), rows, cols)
    expected = [
        ot.partial.partial_wasserstein2(a, b, c, m=share) for c, a, b in each(cost, row, col)
    ]
    found = solve(cost, row, col, "partial", share=share)
    np.testing.assert_allclose(found.transport_cost, expected, rtol=1e-7)
    np.testing.assert_allclose(found.plan.sum((1, 2)), share)
    assert found.marginal_error.max() < 1e-9


def test_partial_transport_of_all_mass_is_exact_transport(problem):
    cost, row, col = problem(2, 6, 8)
    whole = solve(cost, row, col, "partial", share=1.0)
    torch.testing.assert_close(whole.transport_cost, solve(cost, row, col, "exact").transport_cost)


@pytest.mark.parametrize("rows, cols", [(1, 1), (1, 5), (6, 6), (4, 6), (6, 3)])
def test_assignment_is_the_best_of_all_matchings(problem, uniform_masses, rows, cols):
    cost, _, _ = problem(2, rows, cols)
    pairs = min(rows, cols)
    result = solve(cost, *uniform_masses(cost), "assignment")
    for index, c in enumerate(cost.numpy()):
        c = c if rows <= cols else c.T
        best = min(
            sum(c[i, j] for i, j in enumerate(chosen))
            for chosen in itertools.permutations(range(c.shape[1]), pairs)
        )
        np.testing.assert_allclose(result.transport_cost[index], best / pairs)


@pytest.mark.parametrize("solver", ["assignment", "greedy"])
@pytest.mark.parametrize("rows, cols", [(1, 1), (1, 5), (6, 6), (4, 6), (6, 3)])
def test_a_match_counts_what_its_column_weighs(problem, uniform_masses, solver, rows, cols):
    cost, row, col = problem(2, rows, cols)
    found = solve(cost, row, col, solver).plan
    matched = solve(cost, *uniform_masses(cost), solver).plan > 0
    assert torch.equal(found > 0, matched)
    weights = matched.any(1) * col
    torch.testing.assert_close(found.sum(1), weights / weights.sum(1, keepdim=True))


@pytest.mark.parametrize("size", [1, 8, 32, 512])
def test_assignment_of_equal_sides_is_exact_transport(problem, uniform_masses, size):
    cost, _, _ = problem(1, size, size)
    row, col = uniform_masses(cost)
    result = solve(cost, row, col, "assignment")
    np.testing.assert_allclose(
        result.transport_cost[0], ot.emd2(row[0].numpy(), col[0].numpy(), cost[0].numpy())
    )
    assert result.marginal_error.max() < 1e-12


@pytest.mark.parametrize("rows, cols", [(1, 1), (1, 5), (9, 9), (20, 33), (128, 100), LARGE[1]])
@pytest.mark.parametrize("ties", [False, True])
def test_greedy_takes_the_cheapest_pair_again_and_again(problem, uniform_masses, rows, cols, ties):
    cost, _, _ = problem(one_if_large(cols), rows, cols)
    if ties:
        cost = (cost * 4).round() / 4
    result = solve(cost, *uniform_masses(cost), "greedy")
    for ours, c in zip(result.plan.numpy(), cost.numpy(), strict=True):
        np.testing.assert_allclose(ours, greedily(c))


def _divergence(c, a, b, cols, rows):
    own = kernel_value(cols, b, b, 0.2) + kernel_value(rows, a, a, 0.2)
    return kernel_value(c, a, b, 0.2) - own / 2


def _unbalanced(c, a, b, *_):
    plan = ot.unbalanced.sinkhorn_unbalanced(
        a, b, c, 0.2, 0.4, reg_type="kl", numItermax=2000, stopThr=1e-12
    )
    missed = kl_div(plan.sum(1), a).sum() + kl_div(plan.sum(0), b).sum()
    return (plan * c).sum() + 0.2 * kl_div(plan, np.outer(a, b)).sum() + 0.4 * missed


def _assignment(c, a, b, *_):
    rows, cols = linear_sum_assignment(c)
    return b[cols] @ c[rows, cols] / b[cols].sum()


def _greedy(c, a, b, *_):
    matched = (greedily(c) > 0) * b
    return (matched * c).sum() / matched.sum()


# By solver: options, what of the result is looked at, what it should be, and how nearly.
ORACLES = {
    "ipot": ({"iterations": 400}, "transport_cost", lambda c, a, b, *_: ot.emd2(a, b, c), 4e-3),
    "exact": ({}, "transport_cost", lambda c, a, b, *_: ot.emd2(a, b, c), 0),
    "sinkhorn": (
        {"epsilon": 0.2, "iterations": 500}, "regularized_cost",
        lambda c, a, b, *_: kernel_value(c, a, b, 0.2), 0,
    ),
    "divergence": ({"epsilon": 0.2, "iterations": 500}, "divergence", _divergence, 0),
    "unbalanced": (
        {"epsilon": 0.2, "penalty": 0.4, "iterations": 500}, "regularized_cost", _unbalanced, 0,
    ),
    "partial": (
        {"share": 0.7}, "transport_cost",
        lambda c, a, b, *_: ot.partial.partial_wasserstein2(a, b, c, m=0.7), 0,
    ),
    "assignment": ({}, "transport_cost", _assignment, 0),
    "greedy": ({}, "transport_cost", _greedy, 0),
}  # fmt: skip


@pytest.fixture
def hard_batch(vectors, masses):
    """Costs between two sides and of either to itself, and ragged marginals.

    Among the problems are one real token on either side and none at all.
    """

    def make(kind):
        x, y = vectors(5, 9), vectors(5, 7, seed=1)
        if kind == "duplicated":
            x, y = x[:, torch.arange(9) % 3], x[:, torch.arange(7) % 3]
        row = masses(5, 9, lengths=[9, 1, 4, 0, 9])
        col = masses(5, 7, seed=1, lengths=[7, 5, 1, 0, 3])
        costs = 1 - x @ y.mT, 1 - y @ y.mT, 1 - x @ x.mT
        if kind == "equal":
            costs = tuple(torch.full_like(cost, 0.7) for cost in costs)
        return *costs, row, col

    return make


@pytest.mark.parametrize("solver", ORACLES)
@pytest.mark.parametrize("kind", ["random", "duplicated", "equal"])
@pytest.mark.parametrize(
    "dtype, close", [(torch.float64, 1e-7), (torch.float32, 2e-6), (torch.bfloat16, 2e-6)]
)
def test_hard_problems_are_solved_as_if_alone_and_in_float64(
    hard_batch, solver, kind, dtype, close
):
    """Rounding the inputs is the caller's; what is then computed has the digits of float32."""
    inputs = [tensor.to(dtype) for tensor in hard_batch(kind)]
    cost, col_cost, row_cost, row, col = inputs
    options, field, oracle, near = ORACLES[solver]
    if solver == "divergence":
        options = options | {"col_cost": col_cost, "row_cost": row_cost}
    found = getattr(solve(cost, row, col, solver, **options), field)
    for place, (c, yy, xx, a, b) in enumerate(
        zip(*(tensor.double().numpy() for tensor in inputs), strict=True)
    ):
        rows, cols = np.flatnonzero(a), np.flatnonzero(b)
        if not len(rows):
            assert found[place] == 0
            continue
        a, b = a[rows], b[cols]
        mass = a.sum()
        if solver != "unbalanced":  # bfloat16 masses add up to one roughly
            a, b = a / a.sum(), b / b.sum()
        else:
            mass = 1
        own = yy[np.ix_(cols, cols)], xx[np.ix_(rows, rows)]
        expected = mass * oracle(c[np.ix_(rows, cols)], a, b, *own)
        np.testing.assert_allclose(found[place], expected, atol=close + near, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["ipot", "sinkhorn", "unbalanced"])
def test_a_batch_over_the_cache_is_solved_in_pieces_without_a_trace(problem, solver):
    cost, row, col = problem(70, 128, 128)
    whole = solve(cost, row, col, solver)
    alone = solve(cost[66:67], row[66:67], col[66:67], solver)
    torch.testing.assert_close(whole.plan[66:67], alone.plan)
    assert len(whole.plan) == len(whole.converged) == 70
