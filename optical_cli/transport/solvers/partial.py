"""Partial transport: move the share of the mass that is cheapest to move."""

from dataclasses import replace

import torch
from torch.nn.functional import pad

from optical_cli.errors import UsageError
from optical_cli.transport.plan import TransportPlan, assemble
from optical_cli.transport.problem import TransportProblem
from optical_cli.transport.solvers.exact import PIVOTS, exact


def partial(
    problem: TransportProblem, *, share: float = 0.8, pivots: int = PIVOTS
) -> TransportPlan:
    """Minimize ``<P, C>`` over plans that move `share` of the mass and exceed no marginal.

    A dummy row and a dummy column take in what stays behind, for free; the pair of both is too
    dear to be used. What remains is balanced transport, solved exactly: proximal steps would be
    spent on the dummies, which have most of the mass where the share is small. `marginal_error` is
    by how much a marginal is exceeded, and by how much the mass moved is not `share`.

    Args:
        problem: What to solve.
        share: Share of the mass that moves, in (0, 1].
        pivots: As in `exact`.

    Raises:
        UsageError: The share is not in (0, 1].

    Source: Chapel, Alaya and Gasso 2020, proposition 1.
    """
    if not 0 < share <= 1:
        raise UsageError(f"partial transport moves a share of mass in (0, 1], not {share}")
    whole = exact(_with_dummies(problem, share), pivots=pivots)
    plan = whole.plan[:, :-1, :-1]
    excess = torch.maximum(
        (plan.sum(2) - problem.row_marginal).clamp_min(0).sum(1),
        (plan.sum(1) - problem.col_marginal).clamp_min(0).sum(1),
    )
    result = assemble(problem, plan, solver="partial", certificate=lambda: whole.converged)
    return replace(result, marginal_error=excess + (plan.sum((1, 2)) - share * problem.mass).abs())


def _with_dummies(problem: TransportProblem, share: float) -> TransportProblem:
    highest = problem.largest_cost
    cost = pad(problem.cost, (0, 1, 0, 1))
    cost[:, -1, -1] = 2 * torch.where(highest > 0, highest, 1.0)
    left = (1 - share) * problem.mass[:, None]
    return TransportProblem(
        cost,
        torch.cat([problem.row_marginal, left], 1),
        torch.cat([problem.col_marginal, left], 1),
    )
