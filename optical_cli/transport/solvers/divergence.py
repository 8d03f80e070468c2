"""The Sinkhorn divergence: entropic transport without its bias towards collapse."""

from dataclasses import replace
from typing import Any

from jaxtyping import Float
from torch import Tensor

from optical_cli.transport.plan import TransportPlan
from optical_cli.transport.problem import TransportProblem
from optical_cli.transport.schedule import Amount
from optical_cli.transport.solvers._scaling import potentials
from optical_cli.transport.solvers._symmetric import symmetric_potentials
from optical_cli.transport.solvers.sinkhorn import entropic_plan


def divergence(
    problem: TransportProblem,
    *,
    col_cost: Float[Tensor, "batch col col"],
    row_cost: Float[Tensor, "batch row row"] | None = None,
    epsilon: Amount | str | float | Tensor = 0.05,
    iterations: int = 50,
    tolerance: float = 1e-2,
) -> TransportPlan:
    """Debias entropic transport by each side's transport to itself.

    ``S(x, y) = OT(x, y) - OT(y, y) / 2 - OT(x, x) / 2`` with OT the `regularized_cost` of
    `sinkhorn`. Entropic transport alone is smallest when all columns collapse to one point; the
    divergence of unit vectors is zero only for equal measures. At epsilon = infinity it is half
    the squared distance of the weighted means, as epsilon falls to zero it is exact transport.

    The plan is that of OT(x, y). Where the columns move, the gradient is that of
    ``<P, C> - <col_self_plan, col_cost> / 2``, which `transport_loss` computes.

    Args:
        problem: Rows to columns.
        col_cost: Costs of the columns to themselves.
        row_cost: Costs of the rows to themselves; without them the term OT(x, x), constant where
            only the columns move, is left out of `divergence`.
        epsilon: Regularization; may be infinite. If relative, the deviation is that of `problem`,
            since debiasing needs one epsilon in all three terms.
        iterations: Sinkhorn iterations in each term.
        tolerance: Row error, as a share of the mass, that counts as converged in every term.

    Source: Feydy et al. 2019; Genevay, Peyré and Cuturi 2018.
    """
    epsilon = problem.in_cost_units(epsilon)
    options = {"iterations": iterations, "tolerance": tolerance}
    pair = potentials(problem, epsilon, iterations)
    cross = entropic_plan(problem, epsilon, pair, **options)
    cols = _to_itself(col_cost, problem.col_marginal, epsilon, options)
    result = replace(
        cross,
        solver="divergence",
        divergence=cross.regularized_cost - cols.regularized_cost / 2,
        col_self_plan=cols.plan,
        certificate=lambda: cross.converged & cols.converged,
    )
    if row_cost is None:
        return result
    rows = _to_itself(row_cost, problem.row_marginal, epsilon, options)
    return replace(
        result,
        divergence=result.divergence - rows.regularized_cost / 2,
        row_self_cost=rows.transport_cost,
        certificate=lambda: result.converged & rows.converged,
    )


def _to_itself(
    cost: Tensor, marginal: Tensor, epsilon: Tensor, options: dict[str, Any]
) -> TransportPlan:
    problem = TransportProblem(cost, marginal, marginal)
    pair = symmetric_potentials(problem, epsilon, options["iterations"])
    return entropic_plan(problem, epsilon, pair, **options)
