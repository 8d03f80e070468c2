"""Sinkhorn: entropically regularized transport."""

from dataclasses import replace

from torch import Tensor

from optical_cli.transport.plan import TransportPlan, assemble
from optical_cli.transport.problem import TransportProblem
from optical_cli.transport.schedule import Amount
from optical_cli.transport.solvers._scaling import (
    Potentials,
    Strength,
    coupling,
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
    infinity; as epsilon falls it tends to exact transport of largest entropy. The row marginals
    are met as far as the iterations went, the columns' up to rounding errors, which a small
    epsilon multiplies: in float32 they are 2e-6 of the mass at an epsilon of a hundredth of the
    largest cost, and less than a thousandth at `least_strength`, to which a smaller epsilon is
    raised.

    Args:
        problem: What to solve.
        epsilon: Regularization; may be infinite, is at least `TransportProblem.least_strength`.
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

    That is ``<mu, f> + <nu, g>``, since the plan's total mass is right as far as the
    columns' is. It never exceeds the optimum, and for fixed potentials its gradient is the plan.
    A large epsilon leaves few digits in the potentials, so it is computed as the primal value
    plus what they charge for marginals that are missed,
    ``<P, C> + epsilon KL(P | mu x nu) + <f, mu - P 1> + <g, nu - P' 1>``, the same number.
    """
    f, g = pair
    plan, entropy = coupling(problem, epsilon, f, g)
    charge = ((problem.row_marginal - plan.sum(2)) * f).sum(1)
    charge = charge + ((problem.col_marginal - plan.sum(1)) * g).sum(1)
    result = assemble(
        problem, plan, solver="sinkhorn", iterations=iterations, tolerance=tolerance,
        row_potential=f, col_potential=g,
    )  # fmt: skip
    return replace(result, regularized_cost=result.transport_cost + entropy + charge)
