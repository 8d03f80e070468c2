"""Unbalanced transport: marginals at a price instead of as a law."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.errors import UsageError
from optical_cli.transport.plan import TransportPlan, assemble
from optical_cli.transport.problem import TransportProblem
from optical_cli.transport.schedule import Amount
from optical_cli.transport.solvers._scaling import coupling, potentials


def unbalanced(
    problem: TransportProblem,
    *,
    epsilon: Amount | str | float | Tensor = 0.05,
    penalty: float = 0.5,
    iterations: int = 50,
    tolerance: float = 1e-2,
) -> TransportPlan:
    """Let mass vanish and appear where moving it would cost more.

    Minimizes ``<P, C> + epsilon KL(P | mu x nu) + rho KL(P 1 | mu) + rho KL(P' 1 | nu)`` over
    all plans. Mass is hardly moved over a cost of more than 2 rho: where the cheapest pair of a
    problem costs hundreds of rho its plan is too small for the precision, and zero. As rho grows
    the plan tends to Sinkhorn's. The two sides may differ in mass.

    Args:
        problem: What to solve.
        epsilon: Regularization; finite, and at least `TransportProblem.least_strength`.
        penalty: rho, the price of missing a marginal.
        iterations: Sinkhorn iterations.
        tolerance: Mass, as a share of the rows' mass, by which the plan's marginals may differ
            from those that its potentials ask for, to count as converged.

    Raises:
        UsageError: Epsilon is infinite, or the penalty not positive and finite.

    Source: Chizat, Peyré, Schmitzer and Vialard 2018.
    """
    epsilon = problem.in_cost_units(epsilon)
    if epsilon.isinf().any() or not 0 < penalty < math.inf:
        raise UsageError("unbalanced transport needs a finite epsilon and a finite penalty above 0")
    f, g = potentials(problem, epsilon, iterations, penalty)
    plan, entropy = coupling(problem, epsilon, f, g)
    rows, cols = plan.sum(2), plan.sum(1)
    violation = _divergence(rows, problem.row_marginal) + _divergence(cols, problem.col_marginal)
    result = assemble(
        problem, plan, solver="unbalanced", iterations=iterations,
        certificate=lambda: _residual(problem, plan, f, g, penalty) <= tolerance * problem.mass,
        row_potential=f, col_potential=g,
        regularized_cost=(plan * problem.cost).sum((1, 2))
        + entropy + penalty * violation,
    )  # fmt: skip
    return result


def _residual(
    problem: TransportProblem, plan: Tensor, f: Tensor, g: Tensor, penalty: float
) -> Float[Tensor, " batch"]:
    """L1 distance from the optimality condition ``P 1 = mu exp(-f / rho)``, on the worse side."""
    rows = plan.sum(2) - problem.row_marginal * (-f / penalty).exp()
    cols = plan.sum(1) - problem.col_marginal * (-g / penalty).exp()
    return torch.maximum(rows.abs().sum(1), cols.abs().sum(1))


def _divergence(mass: Tensor, reference: Tensor) -> Float[Tensor, " batch"]:
    """Kullback-Leibler divergence of unnormalized masses, ``sum m log(m / r) - m + r``."""
    ratio = mass / reference.clamp_min(torch.finfo(mass.dtype).tiny)
    return (torch.xlogy(mass, ratio) - mass + reference).flatten(1).sum(1)
