"""Sinkhorn: entropically regularized transport."""

from torch import Tensor

from optical_cli.transport.plan import TransportPlan, assemble
from optical_cli.transport.problem import TransportProblem
from optical_cli.transport.schedule import Amount
from optical_cli.transport.solvers._scaling import (
    Potentials,
    Strength,
    plan_of,
    potentials,
)


def sinkhorn(
    problem: TransportProblem,
    *,
    epsilon: Amount | str | float | Tensor = 0.05,
    iterations: int = 50,
    tolerance: float = 1e-2,
) -> TransportPlan:
    """Minimize ``<P, C> + epsilon KL(P | mu x nu)`` over plans with the given marginals.

    As epsilon grows the plan tends to the independent coupling ``mu x nu``, which it is at
    infinity; as epsilon falls it tends to exact transport of largest entropy. The column
    marginals are met exactly, the rows' as far as the iterations went.

    Args:
        problem: What to solve.
        epsilon: Regularization; may be infinite.
        iterations: Sinkhorn iterations.
        tolerance: Row error, as a share of the mass, that counts as converged.

    Source: Cuturi 2013; in potentials, Peyré and Cuturi 2019, section 4.4.
    """
    epsilon = problem.in_cost_units(epsilon)
    pair = potentials(problem, epsilon, iterations)
    return entropic_plan(problem, epsilon, pair, iterations=iterations, tolerance=tolerance)


def entropic_plan(
    problem: TransportProblem,
    epsilon: Strength,
    pair: Potentials,
    *,
    iterations: int,
    tolerance: float,
) -> TransportPlan:
    """The plan that potentials stand for, with the value of the dual problem.

    That is ``<mu, f> + <nu, g>``, since the plan's total mass is right wherever the columns'
    is. It never exceeds the optimum, and for fixed potentials its gradient is the plan.
    """
    f, g = pair
    value = (problem.row_marginal * f).sum(1) + (problem.col_marginal * g).sum(1)
    return assemble(
        problem, plan_of(problem, epsilon, f, g), solver="sinkhorn",
        iterations=iterations, tolerance=tolerance,
        regularized_cost=value, row_potential=f, col_potential=g,
    )  # fmt: skip
